import type { Account, IdentityClaim, MessageIds, Track, Visitor } from '../../../schemas/generated.ts'
import type { Publisher } from '../../../services/kafka/kafka.ts'
import { type MemoryKafka, memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { startIngest } from '../../../services/producers/ingest.ts'
import { openSegment, type SegmentParts } from '../../../services/producers/segment/service.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import {
  accounts,
  deadLetters,
  identityClaims,
  segmentMessageIds,
  sharedPartitions,
  tracks,
  visitors,
} from '../../../topology/topics.ts'
import { type ManualClock, manualClock } from '../../clock.ts'
import { type Stored, storedIn } from '../stored.ts'
import { type Behaviour, type UnreliablePublisher, unreliable } from '../unreliable-publisher.ts'

export const writeKey = 'WK'
export const webhookSecret = 'segment-shared-secret'
/** When every request of these tests arrives, unless a test moves the clock: after the times in what the SDKs sent. */
export const receivedAt = Date.parse('2026-11-22T01:17:00.000Z')

const topics = [visitors, accounts, tracks, identityClaims, segmentMessageIds, deadLetters]

/** A cluster that outlives the servers that tests start on it. */
export interface Cluster extends Stored {
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly clock: ManualClock
}

export const startCluster = async (): Promise<Cluster> => {
  const clock = manualClock(receivedAt)
  const kafka = memoryKafka({ clock })
  await kafka.topics.create(
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions === 'one' ? 1 : sharedPartitions,
      config: {},
    })),
  )
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  return { kafka, codec, clock, ...storedIn(kafka, codec) }
}

/** Of what is published beside the ids of messages; these are taken unless they are down alone. */
type ServingBehaviour = Behaviour | 'ids-down'

export interface Serving {
  readonly url: string
  readonly cluster: Cluster
  readonly metrics: Metrics
  /** Every line that was logged. */
  readonly logged: readonly string[]
  /** What happens to every publish from now on, after or instead of appending. */
  behave(behaviour: ServingBehaviour): void
  /** How often records other than ids were to be published. */
  publishes(): number
  post(path: string, body: string | Buffer, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Posts a body as an SDK with the right key does. */
  send(body: unknown, path?: string): Promise<Response>
  visitors(): Promise<readonly Visitor[]>
  accounts(): Promise<readonly Account[]>
  tracks(): Promise<readonly Track[]>
  claims(): Promise<readonly IdentityClaim[]>
  ids(): Promise<readonly MessageIds[]>
  /** Code and parsed value of each dead letter. */
  letters(): Promise<readonly { readonly code: string; readonly text: string; readonly value: unknown }[]>
  close(): Promise<void>
}

export const basic = (key: string): string => `Basic ${Buffer.from(key).toString('base64')}`

export const startServing = async (
  options: Partial<SegmentParts> & { readonly cluster?: Cluster; readonly answerAtOnce?: true } = {},
): Promise<Serving> => {
  const cluster = options.cluster ?? (await startCluster())
  const { kafka, codec, clock, stored, decoded } = cluster
  const publisher = withIdsApart(await kafka.publisher('ingest'))
  const metrics = createMetrics()
  const logged: string[] = []
  const log = createLogger({ level: 'trace', write: line => logged.push(line) })
  const onFatal = (error: Error): void => void logged.push(`fatal: ${error.message}`)
  const segment = await openSegment({
    ...{ writeKeys: [{ source: 'web', key: writeKey }], webhookSecret, kafka, codec, metrics, clock, log, onFatal },
    ...options,
    publisher,
  })
  // The server measures how long it may answer by its own clock: those of the tests only move when told.
  const patient: Clock = { now: clock.now, sleep: options.answerAtOnce ? clock.sleep : forever }
  const ingest = await startIngest({
    ...{ host: '127.0.0.1', port: 0, routes: segment.routes, clock: patient, log, metrics },
  })
  const url = `http://127.0.0.1:${ingest.port}`
  const post: Serving['post'] = (path, body, headers = {}) =>
    fetch(url + path, { method: 'POST', body: Buffer.from(body), headers: { ...headers } })
  return {
    ...{ url, cluster, metrics, logged, post, behave: publisher.behave, publishes: publisher.calls },
    send: (body, path = '/v1/batch') => post(path, JSON.stringify(body), { authorization: basic(`${writeKey}:`) }),
    visitors: () => decoded(visitors),
    accounts: () => decoded(accounts),
    tracks: () => decoded(tracks),
    claims: () => decoded(identityClaims),
    ids: () => decoded(segmentMessageIds),
    letters: async () =>
      (await stored(deadLetters.name)).map(({ headers, value }) => ({
        code: String(headers['error.code']),
        text: String(headers['error.message']),
        value: JSON.parse(String(value)),
      })),
    close: async () => {
      publisher.behave('up')
      await ingest.close()
      await segment.close()
    },
  }
}

const withIdsApart = (publisher: Publisher): UnreliablePublisher<ServingBehaviour> => {
  const messages = unreliable(publisher)
  const ids = unreliable(publisher)
  return {
    calls: messages.calls,
    behave: next => {
      messages.behave(next === 'ids-down' ? 'up' : next)
      ids.behave(next === 'ids-down' ? 'down' : 'up')
    },
    publish: records =>
      (records.every(({ topic }) => topic === segmentMessageIds.name) ? ids : messages).publish(records),
  }
}

const forever = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => signal?.addEventListener('abort', () => resolve(), { once: true }))
