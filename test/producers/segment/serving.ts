import type { Account, IdentityClaim, MessageIds, Track, Visitor } from '../../../schemas/generated.ts'
import type { OutgoingRecord, Publisher, StoredRecord } from '../../../services/kafka/kafka.ts'
import { type MemoryKafka, memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { startIngest } from '../../../services/producers/ingest.ts'
import { openSegment, type SegmentParts } from '../../../services/producers/segment/service.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { type AvroTopic, type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { TributaryError } from '../../../services/runtime/errors.ts'
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

export const writeKey = 'WK'
export const webhookSecret = 'segment-shared-secret'
/** When every request of these tests arrives, unless a test moves the clock: after the times in what the SDKs sent. */
export const receivedAt = Date.parse('2026-11-22T01:17:00.000Z')

const topics = [visitors, accounts, tracks, identityClaims, segmentMessageIds, deadLetters]

/** A cluster that outlives the servers that tests start on it. */
export interface Cluster {
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly clock: ManualClock
  stored(topic: string): Promise<readonly StoredRecord[]>
  decoded<Value>(topic: AvroTopic<Value>): Promise<readonly Value[]>
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
  const stored = async (topic: string): Promise<readonly StoredRecord[]> => {
    const found: StoredRecord[] = []
    for (const { partition, stable } of await kafka.topics.offsets(topic)) {
      if (stable > 0) for await (const record of kafka.read(topic, partition, 0)) found.push(record)
    }
    return found
  }
  return {
    ...{ kafka, codec, clock, stored },
    decoded: async topic => {
      const values = (await stored(topic.name)).flatMap(({ value }) => (value ? [value] : []))
      await codec.prepare(values)
      return values.map(value => codec.decode(topic, value))
    },
  }
}

export type Behaviour = 'up' | 'down' | 'silent' | 'append-then-fail' | 'ids-down'

export interface Serving {
  readonly url: string
  readonly cluster: Cluster
  readonly metrics: Metrics
  /** Every line that was logged. */
  readonly logged: readonly string[]
  /** What happens to every publish from now on, after or instead of appending. */
  behave(behaviour: Behaviour): void
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
  const publisher = unreliable(await kafka.publisher('ingest'))
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

const unreliable = (publisher: Publisher) => {
  let behaviour: Behaviour = 'up'
  let calls = 0
  const waiting: (() => void)[] = []
  const unavailable = (): TributaryError =>
    new TributaryError('KAFKA_UNAVAILABLE', 'Expected Kafka to acknowledge, but it did not.', {
      errorClass: 'retryable',
    })
  return {
    calls: () => calls,
    behave: (next: Behaviour) => {
      behaviour = next
      if (next === 'up') for (const go of waiting.splice(0)) go()
    },
    publish: async (records: readonly OutgoingRecord[]) => {
      const areIds = records.every(({ topic }) => topic === segmentMessageIds.name)
      if (areIds && behaviour === 'ids-down') throw unavailable()
      if (areIds) return await publisher.publish(records)
      calls += 1
      if (behaviour === 'down') throw unavailable()
      if (behaviour === 'silent') await new Promise<void>(resolve => waiting.push(resolve))
      const appended = await publisher.publish(records)
      if (behaviour === 'append-then-fail') throw unavailable()
      return appended
    },
  }
}

const forever = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => signal?.addEventListener('abort', () => resolve(), { once: true }))
