import type { TestContext } from 'node:test'
import type { Track } from '../../../schemas/generated.ts'
import { readCatalogue } from '../../../services/producers/pendo/catalogue.ts'
import { createPendoClient, type PendoClient } from '../../../services/producers/pendo/rest/client.ts'
import { startPendoSweep } from '../../../services/producers/pendo/sweep/service.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { type PendoSandboxOptions, startPendoSandbox } from '../../../services/sandbox/pendo/start.ts'
import { manualClock } from '../../clock.ts'
import { type Receiver, secret, startReceiver } from './receiving.ts'

export const hour = 3_600_000
/** `fail`: it may end early. `begin-again`: time passes meanwhile, after which a task that failed is opened again. */
type May = 'fail' | 'begin-again'
const everyMs = hour

/** An emulated Pendo whose webhooks come to an ingest, and a sweep that a test lets run once at a time, each time in a new process. */
export interface Sweeping extends Receiver {
  readonly client: PendoClient
  readonly metrics: Metrics
  /** Lines that the sweeps logged. */
  readonly lines: readonly string[]
  /** Somebody uses the product, now. */
  use(happening: object): Promise<void>
  /** So many things happen. */
  play(count: number): Promise<void>
  ask(method: string, path: string, body?: unknown): Promise<unknown>
  /** Moves the clock to when the hour of now is compared. */
  untilCompared(): void
  /** A new process sweeps once. Fails when that does not end well, unless it may. */
  sweep(may?: May, client?: PendoClient): Promise<void>
  /** Webhooks are lost from now on, or come again. */
  lose(areLost: boolean): void
  /** The tracks whose ids the sweep made. */
  swept(): Promise<readonly Track[]>
}

export const startSweeping = async (context: TestContext, options: PendoSandboxOptions = {}): Promise<Sweeping> => {
  const clock = manualClock()
  const receiver = await startReceiver(context, { clock })
  const sandbox = await startPendoSandbox({
    ...{ clock, ingestUrl: receiver.url, webhookSecret: secret, processingLagMs: 0 },
    ...options,
    // A clock that stands still would let no second request through.
    choices: { requestsPerSecond: null, ...options.choices },
  })
  context.after(sandbox.close)
  const metrics = createMetrics()
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', write: line => lines.push(line) })
  const ask: Sweeping['ask'] = async (method, path, body) => {
    const answer = await fetch(sandbox.url + path, {
      ...{ method, headers: { 'content-type': 'application/json', 'x-pendo-integration-key': 'sandbox' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? undefined : await answer.json()
  }
  const connecting = { baseUrl: sandbox.url, integrationKey: 'sandbox', metrics, random: () => 0.5 }
  const client = createPendoClient({ ...connecting, clock })
  receiver.know(await readCatalogue(client, new AbortController().signal))
  /** Every webhook that was sent is answered. */
  const settled = async (): Promise<void> => {
    const isSettled = async () => {
      const webhooks = (await ask('GET', '/_sandbox/webhooks')) as readonly { readonly state: string }[]
      return webhooks.every(({ state }) => state !== 'waiting')
    }
    while (!(await isSettled())) await new Promise(setImmediate)
  }
  return {
    ...receiver,
    ...{ client, metrics, lines, ask },
    use: async happening => {
      await ask('POST', '/_sandbox/usage', { visitorId: 'ada', accountId: 'acme', ...happening })
      await settled()
    },
    play: async count => {
      await ask('POST', '/_sandbox/play', { count })
      await settled()
    },
    untilCompared: () => clock.advance(hour - (clock.now() % hour) + 2 * hour),
    sweep: (may, given) =>
      sweepOnce(
        { ...receiver, logger, metrics, client: at => given ?? createPendoClient({ ...connecting, clock: at }) },
        may,
      ),
    lose: areLost => receiver.behave(areLost ? 'down' : 'up'),
    swept: async () => (await receiver.tracks()).filter(({ eventId }) => eventId.startsWith('pendo:sweep:')),
  }
}

type Parts = Pick<Receiver, 'kafka' | 'codec' | 'clock'> & {
  readonly logger: ReturnType<typeof createLogger>
  readonly metrics: Metrics
  readonly client: (clock: Clock) => PendoClient
}

/** It sleeps until the next sweep when it is done, and less long when it ended early; other sleeps pass. */
const sweepOnce = async ({ clock, client, ...parts }: Parts, may?: May): Promise<void> => {
  const done = Promise.withResolvers<void>()
  const own: Clock = {
    now: clock.now,
    sleep: (ms, signal) => {
      if (ms === everyMs) done.resolve()
      else if (ms === everyMs / 12 && may === 'fail') done.resolve()
      else if (ms === everyMs / 12 && !signal?.aborted) done.reject(new Error('The sweep ended early'))
      else if (ms < 60_000) clock.advance(ms)
      return clock.sleep(ms, signal)
    },
  }
  const onFatal = (error: Error): void => done.reject(error)
  const running = await startPendoSweep({ ...parts, clock: own, client: client(own), everyMs, onFatal })
  const passing = may === 'begin-again' ? setInterval(() => clock.advance(100), 5) : undefined
  try {
    await done.promise
  } finally {
    clearInterval(passing)
    await running.close()
  }
}
