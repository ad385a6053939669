import type { TestContext } from 'node:test'
import type { Task } from '../../../schemas/generated.ts'
import { Owners } from '../../../services/producers/hubspot/activities/owners.ts'
import { startHubSpotMarketing } from '../../../services/producers/hubspot/marketing/service.ts'
import { marketingEvents } from '../../../services/producers/hubspot/marketing/types.ts'
import { createHubSpotActivityReader } from '../../../services/producers/hubspot/rest/activities.ts'
import { createHubSpotMarketingReader } from '../../../services/producers/hubspot/rest/marketing.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { type HubSpotSandboxOptions, startHubSpotSandbox } from '../../../services/sandbox/hubspot/start.ts'
import { pipeline } from '../../../topology/pipeline.ts'
import type { MarketingEventName } from '../../../topology/tasks.ts'
import { tasks } from '../../../topology/topics.ts'
import { asking } from '../../sandbox/asking-with-token.ts'
import { startTestSystem, type TestSystem } from '../../system.ts'
import { oneSweep } from '../one-sweep.ts'
import { creating } from './emulated.ts'

const everyMs = 3_600_000
export const overlapMs = 6 * everyMs

export interface SweepOnce {
  readonly taken?: readonly MarketingEventName[]
  readonly repeats?: 'first' | 'every'
  /** It ends early. */
  readonly fails?: boolean
}

/** An emulated HubSpot, and a sweep of its marketing that a test lets run once at a time, each time in a new process, before the whole map on a Kafka in memory. */
export const startMarketing = async (
  context: TestContext,
  {
    sandbox: options = {},
    destinations,
  }: {
    readonly sandbox?: HubSpotSandboxOptions
    readonly destinations?: NonNullable<Parameters<typeof startTestSystem>[1]>['destinations']
  } = {},
) => {
  const system: TestSystem = await startTestSystem(pipeline, destinations ? { destinations } : {})
  context.after(() => system.close())
  const { clock, kafka, codec, metrics } = system
  const sandbox = await startHubSpotSandbox({ clock, searchLagMs: 0, limits: { burst: 100_000 }, ...options })
  context.after(sandbox.close)
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', write: line => lines.push(line) })
  const ask = asking(sandbox.url)
  const create = creating(ask)
  const sweep = async ({ taken = marketingEvents, repeats = 'first', fails = false }: SweepOnce = {}) => {
    const once = oneSweep(clock, { everyMs, fails })
    const reading = { baseUrl: sandbox.url, accessToken: 'sandbox', clock: once.clock, metrics, random: () => 0.5 }
    const running = await startHubSpotMarketing({
      ...{ kafka, codec, metrics, logger, clock: once.clock, taken: new Set(taken), repeats, overlapMs, everyMs },
      reader: createHubSpotMarketingReader(reading),
      owners: new Owners(createHubSpotActivityReader(reading), once.clock),
      directory: system.pipeline.directory,
      onFatal: once.fail,
    })
    try {
      await once.done
    } finally {
      await running.close()
    }
    await system.settle()
  }
  return {
    ...{ ...system, lines, sweep, ask },
    submit: async (email: string | undefined, more: object = {}): Promise<{ readonly id: string }> =>
      await ask('POST', '/_sandbox/submissions', { form: 'Contact us', email, ...more }),
    /** Gives the id of the campaign. */
    send: async (subject: string, ...to: readonly string[]): Promise<string> =>
      (await ask('POST', '/_sandbox/emails', { subject, to })).id,
    react: async (type: 'OPEN' | 'CLICK' | 'DROPPED', campaign: string, recipient: string, more: object = {}) => {
      await ask('POST', '/_sandbox/email-events', { type, campaign, recipient, ...more })
    },
    contact: (email: string, properties: Readonly<Record<string, string>> = {}): Promise<string> =>
      create('contacts', { email, ...properties }),
    told: async (): Promise<readonly Task[]> =>
      (await system.values(tasks)).toSorted((a, b) => a.occurredAt - b.occurredAt),
    passedOver: (what: string) => metrics.value('tributary_hubspot_marketing_total', { what }),
    /** What HubSpot was asked for by paths that begin so. */
    asked: async (path: string): Promise<readonly string[]> =>
      ((await ask('GET', '/_sandbox/requests')) as readonly { path: string }[])
        .map(request => request.path)
        .filter(one => one.startsWith(path)),
  }
}

export type Marketing = Awaited<ReturnType<typeof startMarketing>>
