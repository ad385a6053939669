import type { TestContext } from 'node:test'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import type { PendoSandboxOptions } from '../../services/sandbox/pendo/start.ts'
import { type PendoDestinationOptions, pendoDestinations } from '../../services/sinks/pendo/destination.ts'
import { pendoEvents, pendoEventsReplay, pendoWrites, pendoWritesReplay } from '../../topology/topics.ts'
import { delivering, type WriteFacts } from '../delivery/delivering.ts'
import { openSubscription } from '../sandbox/pendo.ts'

const sinks = {
  pendo: { reads: pendoWrites, replays: pendoWritesReplay },
  'pendo-events': { reads: pendoEvents, replays: pendoEventsReplay },
} as const

interface Request {
  readonly path: string
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a body of any endpoint
  readonly body: any
}

/** A sink of Pendo over an emulated subscription, in real time. */
export const pendoSink = async (
  context: TestContext,
  name: keyof typeof sinks,
  options: { readonly sandbox?: PendoSandboxOptions; readonly destination?: Partial<PendoDestinationOptions> } = {},
) => {
  const subscription = await openSubscription(context, { clock, ...options.sandbox })
  const facts = { integrationKey: 'sandbox', trackSecret: 'sandbox-secret', baseUrl: subscription.url, clock }
  const destination = pendoDestinations({ ...facts, ...options.destination })[name]
  if (!destination) throw new Error(`there is no destination for ${name}`)
  const harness = await delivering(() => destination, { clock })
  const sink = { name, ...sinks[name], objects: Object.keys(destination.objects) }
  const running = await harness.start(sink)
  context.after(() => running.close())
  harness.know('p1', 'user:u-1')
  harness.know('p2', 'user:u-2')
  return {
    ...harness,
    subscription,
    running,
    write: (...all: WriteFacts[]) => harness.writeTo(sink.reads, all),
    done: () => harness.until('all writes are finished', async () => (await harness.lag(name, [sink.reads])) === 0),
    /** Requests that write, in order. */
    requests: async (): Promise<readonly Request[]> =>
      (await subscription.call('GET', '/_sandbox/requests')).body.filter(
        ({ method, path }: { method: string; path: string }) => method === 'POST' && !path.startsWith('/_sandbox'),
      ),
    /** By write id: what its receipt says. */
    told: async (): Promise<Readonly<Record<string, readonly unknown[]>>> =>
      Object.fromEntries(
        (await harness.receipts()).map(({ writeId, outcome, code, adjustments }) => [
          writeId,
          [outcome, ...(code === null ? [] : [code]), ...adjustments],
        ]),
      ),
  }
}
