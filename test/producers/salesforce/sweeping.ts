import { generateKeyPairSync } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { IdentityClaim, Task } from '../../../schemas/generated.ts'
import { type MemoryKafka, memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { channelsOf } from '../../../services/producers/salesforce/change-events/change-events.ts'
import { retryUnavailableMs } from '../../../services/producers/salesforce/change-events/limits.ts'
import { salesforceObjects } from '../../../services/producers/salesforce/objects.ts'
import { createSalesforceReader, type SalesforceReader } from '../../../services/producers/salesforce/rest/reader.ts'
import { startSalesforceSweep } from '../../../services/producers/salesforce/sweep/service.ts'
import type { SweepStatus } from '../../../services/producers/sweep/running.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { type SalesforceSandboxOptions, startSalesforceSandbox } from '../../../services/sandbox/salesforce/start.ts'
import { requestTimeoutMs } from '../../../services/sinks/salesforce/limits.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'
import { identityClaims, salesforceSweeps, tasks } from '../../../topology/topics.ts'
import { type ManualClock, manualClock } from '../../clock.ts'
import { asking } from '../../sandbox/asking-with-token.ts'
import { storedIn } from '../stored.ts'

export const minute = 60_000
/** Not a time for which anything else waits, so that a test knows the pause between two polls. */
export const everyMs = 61_000

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

export const written = [tasks, identityClaims, salesforceSweeps]

/** One process that sweeps; the test says when. */
export interface SweepProcess {
  /** Polls once more. Fails when the process cannot go on. */
  poll(): Promise<void>
  status(): SweepStatus
  close(): Promise<void>
}

export interface Sweeping {
  readonly clock: ManualClock
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly metrics: Metrics
  /** Lines that the sweeps logged. */
  readonly lines: readonly string[]
  ask(method: string, path: string, body?: unknown): Promise<unknown>
  /** Makes a record through the API, as the integration user; gives its id. */
  add(object: string, fields: object): Promise<string>
  /** What a person does in the org's pages, or a long transaction; gives the record's id. */
  edit(change: object): Promise<string>
  /** Starts a process, which polls once. @param reader what it reads by, around its own @param options.follows whether it follows change events, too */
  start(
    reader?: (own: SalesforceReader) => SalesforceReader,
    options?: { readonly timeoutMs?: number; readonly follows?: boolean },
  ): Promise<SweepProcess>
  tasks(): Promise<readonly Task[]>
  claims(): Promise<readonly IdentityClaim[]>
  /** Queries that were asked, those of further pages too. */
  queries(): Promise<readonly string[]>
}

/** An emulated org, and what sweeps of it tell into a Kafka in memory. Ends with the test. */
export const startSweeping = async (
  context: TestContext,
  options: SalesforceSandboxOptions = {},
): Promise<Sweeping> => {
  const clock = manualClock()
  const sandbox = await startSalesforceSandbox({ clock, ...options })
  context.after(sandbox.close)
  const kafka = memoryKafka({ clock })
  context.after(() => kafka.close())
  await kafka.topics.create(topicSpecs(written))
  const codec = await createCodec({ registry: memoryRegistry(), topics: written, clock, register: true })
  const metrics = createMetrics()
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', write: line => lines.push(line) })
  const ask = asking(sandbox.url)
  const login = { loginUrl: sandbox.url, clientId: 'sandbox', username: 'integration@example.com', privateKey }
  const { decoded } = storedIn(kafka, codec)
  return {
    ...{ clock, kafka, codec, metrics, lines, ask },
    add: async (object, fields) => (await ask('POST', `/services/data/v60.0/sobjects/${object}`, fields)).id,
    edit: async change => (await ask('POST', '/_sandbox/edit', change)).id,
    start: async (around = own => own, { timeoutMs = requestTimeoutMs, follows = false } = {}) => {
      const turns = turnsOf(clock, timeoutMs)
      const sessions = createSalesforceReader({ ...login, clock: turns.clock, metrics, timeoutMs })
      const reader = around(sessions)
      const changeEvents = follows
        ? { endpoint: sandbox.pubSubUrl, channels: channelsOf(salesforceObjects), sessions }
        : undefined
      const parts = { reader, changeEvents, kafka, codec, metrics, logger, clock: turns.clock }
      const sweep = await startSalesforceSweep({ ...parts, everyMs, onFatal: turns.fail })
      context.after(() => sweep.close())
      await turns.ended()
      return { poll: () => turns.next(), status: () => sweep.status(), close: () => sweep.close() }
    },
    tasks: () => decoded(tasks),
    claims: () => decoded(identityClaims),
    queries: async () => {
      const requests = (await ask('GET', '/_sandbox/requests')) as readonly { readonly path: string }[]
      return requests.flatMap(({ path }) => (/\/query(All)?[/?]/.test(path) ? [decodeURIComponent(path)] : []))
    },
  }
}

/** A clock whose sleeps between two polls last until the test asks for the next one; those between two requests pass at once. */
const turnsOf = (clock: ManualClock, timeoutMs: number) => {
  let ended = Promise.withResolvers<void>()
  let wake = (): void => {}
  const own: Clock = {
    now: clock.now,
    sleep: (ms, signal) => {
      if (ms === timeoutMs || ms === retryUnavailableMs) return clock.sleep(ms, signal)
      if (ms !== everyMs) {
        clock.advance(ms)
        return Promise.resolve()
      }
      return new Promise<void>(resolve => {
        wake = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true })
        ended.resolve()
      })
    },
  }
  return {
    clock: own,
    ended: () => ended.promise,
    fail: (error: Error): void => ended.reject(error),
    next: (): Promise<void> => {
      ended = Promise.withResolvers<void>()
      wake()
      return ended.promise
    },
  }
}
