import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { Account, IdentityClaim, Track, Visitor } from '../../../schemas/generated.ts'
import { type MemoryKafka, memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { startIngest } from '../../../services/producers/ingest.ts'
import { type Catalogue, type CatalogueItem, catalogueOf } from '../../../services/producers/pendo/catalogue.ts'
import { pendoRoute } from '../../../services/producers/pendo/webhooks.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import {
  accounts,
  deadLetters,
  identityClaims,
  pendoSweeps,
  sharedPartitions,
  tracks,
  visitors,
} from '../../../topology/topics.ts'
import { type ManualClock, manualClock } from '../../clock.ts'
import { SAMPLES } from '../../sandbox/pendo.ts'
import { storedIn } from '../stored.ts'
import { type Behaviour, unavailable, unreliable } from '../unreliable-publisher.ts'

export const secret = 'pendo-shared-secret-of-tests'
/** When every webhook of these tests arrives, in milliseconds: after the times in Pendo's examples. */
export const receivedAt = Date.parse('2021-07-21T12:00:00Z')

/** Pendo's example of an envelope, as another event. */
export const webhook = (event: string, values: object = {}): Record<string, unknown> => ({
  ...SAMPLES.webhooks.npsSubmitted,
  event,
  properties: {},
  ...values,
})

/** A track event's webhook. */
export const used = (name: string, values: object = {}, properties: object = { plan: 'Pro' }) =>
  webhook('trackEventReceived', {
    properties: { trackEventName: name, eventProperties: properties },
    visitorId: 'ada',
    accountId: 'acme',
    ...values,
  })

export const items: readonly CatalogueItem[] = [
  { kind: 'TRACK', id: 't1', name: 'Registered', core: true },
  { kind: 'TRACK', id: 't2', name: 'Looked', core: false },
  { kind: 'PAGE', id: 'p1', name: 'Reports', core: true },
  { kind: 'FEATURE', id: 'f1', name: 'Export', core: false },
]

export const signed = (body: string | Buffer, key = secret, encoding: 'hex' | 'base64' = 'hex') => ({
  'x-pendo-signature': createHmac('sha256', key).update(body).digest(encoding),
})

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export interface Receiver {
  readonly url: string
  readonly secret: string
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly clock: ManualClock
  readonly metrics: Metrics
  readonly logged: readonly string[]
  /** Posts JSON, or bytes, as Pendo does, signed unless other headers are given. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  tracks(): Promise<readonly Track[]>
  visitors(): Promise<readonly Visitor[]>
  accounts(): Promise<readonly Account[]>
  claims(): Promise<readonly IdentityClaim[]>
  letters(): Promise<readonly { readonly code: string; readonly value: unknown }[]>
  /** What happens to every publish from now on. */
  behave(behaviour: Behaviour): void
  /** How often a publish was asked for. */
  publishes(): number
  /** What the catalogue is from now on; null while Pendo has not told it. */
  know(catalogue: Catalogue | null): void
}

const topics = [visitors, accounts, tracks, identityClaims, deadLetters, pendoSweeps]

/** An ingest that takes webhooks of Pendo into a Kafka in memory. It ends with the test. */
export const startReceiver = async (
  context: TestContext,
  options: {
    readonly mostInFlight?: number
    readonly kafka?: MemoryKafka
    readonly clock?: ManualClock
    readonly answersAtOnce?: true
  } = {},
): Promise<Receiver> => {
  const clock = options.clock ?? manualClock(receivedAt)
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
  let catalogue: Catalogue | null = catalogueOf(items)
  const get = () => (catalogue ? Promise.resolve(catalogue) : Promise.reject(unavailable('PENDO_CATALOGUE_UNKNOWN')))
  const { mostInFlight } = options
  const route = pendoRoute({
    ...{ secret, catalogue: { get }, publisher, codec, metrics },
    ...(mostInFlight === undefined ? {} : { mostInFlight }),
  })
  // The server measures how long it may answer by its own clock: that of the tests only moves when told.
  const patient: Clock = { now: clock.now, sleep: options.answersAtOnce ? () => Promise.resolve() : forever }
  const ingest = await startIngest({ host: '127.0.0.1', port: 0, routes: [route], clock: patient, log, metrics })
  context.after(async () => {
    publisher.behave('up')
    await ingest.close()
  })
  const { stored, decoded } = storedIn(kafka, codec)
  const url = `http://127.0.0.1:${ingest.port}`
  return {
    ...{ url, secret, kafka, codec, clock, metrics, logged, behave: publisher.behave, publishes: publisher.calls },
    post: async (given, headers) => {
      const body = typeof given === 'string' || Buffer.isBuffer(given) ? given : JSON.stringify(given)
      const answer = await fetch(`${url}/webhooks/pendo`, {
        ...{ method: 'POST', body: Buffer.from(body) },
        headers: { 'content-type': 'application/json', ...(headers ?? signed(body)) },
      })
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] }
    },
    tracks: () => decoded(tracks),
    visitors: () => decoded(visitors),
    accounts: () => decoded(accounts),
    claims: () => decoded(identityClaims),
    letters: async () =>
      (await stored(deadLetters.name)).map(({ headers, value }) => ({
        code: String(headers['error.code']),
        value: JSON.parse(String(value)),
      })),
    know: known => {
      catalogue = known
    },
  }
}

const forever = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => signal?.addEventListener('abort', () => resolve(), { once: true }))
