import type { TestContext } from 'node:test'
import { createHubSpotReader, type HubSpotSweepReader } from '../../../services/producers/hubspot/rest/client.ts'
import { startHubSpotSweep } from '../../../services/producers/hubspot/sweep/service.ts'
import type { RunningSweep, SweepStatus } from '../../../services/producers/sweep/running.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { type HubSpotSandboxOptions, startHubSpotSandbox } from '../../../services/sandbox/hubspot/start.ts'
import type { HubSpotProperties } from '../../../topology/hubspot-properties.ts'
import { manualClock } from '../../clock.ts'
import { asking } from '../../sandbox/asking-with-token.ts'
import { oneSweep } from '../one-sweep.ts'
import { creating } from './emulated.ts'
import { mapping, type Receiver, startReceiver } from './receiving.ts'

export const hour = 3_600_000

/** An emulated HubSpot, and a sweep that a test lets run once at a time, each time in a new process. */
export interface Sweeping extends Receiver {
  readonly metrics: Metrics
  /** Lines that the sweeps logged. */
  readonly lines: readonly string[]
  /** Of the emulated HubSpot. */
  readonly url: string
  ask(method: string, path: string, body?: unknown): Promise<unknown>
  /** Makes a record and gives its id. */
  create(path: 'contacts' | 'companies', properties: Readonly<Record<string, string>>): Promise<string>
  update(path: 'contacts' | 'companies', id: string, properties: Readonly<Record<string, string>>): Promise<void>
  /** A new process sweeps once. Fails when that does not end well, unless it may. */
  sweep(options?: SweepOnce): Promise<void>
  /** How often HubSpot was searched. */
  searches(): Promise<readonly { readonly path: string; readonly body: unknown }[]>
}

export interface SweepOnce {
  /** It ends early. */
  readonly fails?: boolean
  /** @param status what the console shows of the sweep meanwhile */
  readonly reader?: (own: HubSpotSweepReader, status: () => SweepStatus | undefined) => HubSpotSweepReader
  readonly properties?: HubSpotProperties
  /** Whether activities are swept. */
  readonly activities?: boolean
}

export const startSweeping = async (context: TestContext, options: HubSpotSandboxOptions = {}): Promise<Sweeping> => {
  const clock = manualClock()
  const receiver = await startReceiver(context, { clock })
  const sandbox = await startHubSpotSandbox({ clock, searchLagMs: 0, ...options })
  context.after(sandbox.close)
  const metrics = createMetrics()
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', write: line => lines.push(line) })
  const ask = asking(sandbox.url)
  const own = { ...receiver, baseUrl: sandbox.url, logger, metrics }
  return {
    ...{ ...receiver, metrics, lines, ask, url: sandbox.url, create: creating(ask) },
    update: async (path, id, properties) => {
      await ask('PATCH', `/crm/v3/objects/${path}/${id}`, { properties })
    },
    sweep: once => sweepOnce(own, once),
    searches: async () => {
      const requests = (await ask('GET', '/_sandbox/requests')) as readonly { path: string; body: unknown }[]
      return requests.filter(({ path }) => path.endsWith('/search'))
    },
  }
}

type Parts = Pick<Receiver, 'kafka' | 'codec' | 'clock' | 'metrics'> & {
  readonly baseUrl: string
  readonly logger: ReturnType<typeof createLogger>
}

const sweepOnce = async (
  { baseUrl, clock, ...parts }: Parts,
  { fails = false, reader = own => own, properties = mapping.properties, activities = false }: SweepOnce = {},
): Promise<void> => {
  const once = oneSweep(clock, { everyMs: hour, fails })
  let sweep: RunningSweep | undefined
  const read = reader(
    createHubSpotReader({
      baseUrl,
      accessToken: 'sandbox',
      clock: once.clock,
      metrics: parts.metrics,
      random: () => 0.5,
    }),
    () => sweep?.status(),
  )
  const running = await startHubSpotSweep({
    ...parts,
    properties,
    activities,
    clock: once.clock,
    reader: read,
    everyMs: hour,
    onFatal: once.fail,
  })
  sweep = running
  try {
    await once.done
  } finally {
    await running.close()
  }
}
