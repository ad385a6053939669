import type { TestContext } from 'node:test'
import type { Account, IdentityClaim, Visitor } from '../../schemas/generated.ts'
import type { Publisher } from '../../services/kafka/kafka.ts'
import { type MemoryKafka, memoryKafka } from '../../services/kafka/memory/memory.ts'
import { startIngest, type WebhookRoute } from '../../services/producers/ingest.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { type AvroTopic, type Codec, createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import type { Topic } from '../../topology/define.ts'
import { accounts, deadLetters, identityClaims, sharedPartitions, visitors } from '../../topology/topics.ts'
import { type ManualClock, manualClock } from '../clock.ts'
import { storedIn } from './stored.ts'
import { type Behaviour, unreliable } from './unreliable-publisher.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** An ingest with the routes of one vendor, before a Kafka in memory. */
export interface Ingesting {
  readonly url: string
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly clock: ManualClock
  readonly metrics: Metrics
  readonly logged: readonly string[]
  /** Posts these bytes. */
  postBytes(path: string, body: string | Buffer, headers: Readonly<Record<string, string>>): Promise<Answer>
  decoded<Value>(topic: AvroTopic<Value>): Promise<readonly Value[]>
  visitors(): Promise<readonly Visitor[]>
  accounts(): Promise<readonly Account[]>
  claims(): Promise<readonly IdentityClaim[]>
  letters(): Promise<readonly { readonly code: string; readonly value: unknown }[]>
  /** What happens to every publish from now on. */
  behave(behaviour: Behaviour): void
  /** How often a publish was asked for. */
  publishes(): number
}

export interface IngestingOptions {
  readonly kafka?: MemoryKafka
  readonly clock?: ManualClock
  /** An answer that is late comes at once. */
  readonly answersAtOnce?: true
}

/** Starts it; it ends with the test. @param topics that the routes write, besides dead letters */
export const startIngesting = async (
  context: TestContext,
  written: readonly Topic[],
  route: (parts: {
    readonly publisher: Pick<Publisher, 'publish'>
    readonly codec: Codec
    readonly metrics: Metrics
  }) => WebhookRoute,
  options: IngestingOptions & { readonly startAt: number },
): Promise<Ingesting> => {
  const topics = [...written, deadLetters]
  const clock = options.clock ?? manualClock(options.startAt)
  const kafka = options.kafka ?? memoryKafka({ clock })
  if (!options.kafka)
    await kafka.topics.create(
      topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions === 'one' ? 1 : sharedPartitions,
        config: {},
      })),
    )
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  const publisher = unreliable(await kafka.publisher('ingest'))
  const metrics = createMetrics()
  const logged: string[] = []
  const log = createLogger({ level: 'trace', write: line => logged.push(line) })
  // The server measures how long it may answer by its own clock: that of the tests only moves when told.
  const patient: Clock = { now: clock.now, sleep: options.answersAtOnce ? () => Promise.resolve() : forever }
  const routes = [route({ publisher, codec, metrics })]
  const ingest = await startIngest({ host: '127.0.0.1', port: 0, routes, clock: patient, log, metrics })
  context.after(async () => {
    publisher.behave('up')
    await ingest.close()
  })
  const { stored, decoded } = storedIn(kafka, codec)
  const url = `http://127.0.0.1:${ingest.port}`
  return {
    ...{ url, kafka, codec, clock, metrics, logged, behave: publisher.behave, publishes: publisher.calls, decoded },
    postBytes: async (path, body, headers) => {
      const answer = await fetch(url + path, {
        ...{ method: 'POST', body: Buffer.from(body) },
        headers: { 'content-type': 'application/json', ...headers },
      })
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] }
    },
    visitors: () => decoded(visitors),
    accounts: () => decoded(accounts),
    claims: () => decoded(identityClaims),
    letters: async () =>
      (await stored(deadLetters.name)).map(({ headers, value }) => ({
        code: String(headers['error.code']),
        value: JSON.parse(String(value)),
      })),
  }
}

const forever = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => signal?.addEventListener('abort', () => resolve(), { once: true }))
