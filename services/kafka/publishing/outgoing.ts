import { TributaryError } from '../../runtime/errors.ts'
import { unknownPartition } from '../client/failures.ts'
import type { Appended, OutgoingRecord } from '../kafka.ts'
import { bytesOf } from '../record-size.ts'
import { partitionFor } from './partitioner.ts'

/** What kafkajs sends and answers, as far as it is used. */
export interface Message {
  readonly partition: number
  readonly key: string | Buffer | null
  readonly value: Buffer | null
  readonly headers: Record<string, string | Buffer>
  readonly timestamp: string
}
export interface TopicMessages {
  topic: string
  messages: Message[]
}
export interface SentPartition {
  readonly topicName: string
  readonly partition: number
  readonly errorCode: number
  readonly baseOffset?: string
}
export type SendBatch = (batch: { topicMessages: TopicMessages[]; acks: number }) => Promise<readonly SentPartition[]>

/** kafkajs groups the records of a partition in quadratic time: 500 cost 0.5 ms, 20,000 two seconds. */
const maxRecords = 500
/** The default max.message.bytes is 1,048,588; a record's own framing and a batch's header have to fit in as well. */
const maxBytes = 1_000_000

interface Slot {
  readonly topic: string
  readonly partition: number
  messages: Message[]
  /** Index of each message among the records given. */
  indexes: number[]
  bytes: number
}

export interface Placed {
  readonly record: OutgoingRecord
  readonly partition: number
}

/** The partition of a record: its own, else its key's. */
export const placeOf = (record: OutgoingRecord, partitions: number): number => {
  if (record.partition !== undefined) return checked(record, record.partition, partitions)
  if (record.key !== null) return partitionFor(record.key, partitions)
  throw new TributaryError(
    'RECORD_WITHOUT_PLACE',
    `Expected a key or a partition for a record of ${record.topic}, got neither.`,
  )
}

const checked = (record: OutgoingRecord, partition: number, partitions: number): number => {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return partition
  throw unknownPartition(record.topic, partition)
}

/**
 * Sends records one request after the other, each small enough for kafkajs and the broker, and says where each lies.
 * Rejects when an acknowledgement is missing: kafkajs can resolve and lose records whose leader moved meanwhile (kafka-clients.md, finding 1).
 */
export const sendAll = async (
  send: SendBatch,
  records: readonly Placed[],
  physical: (topic: string) => string,
  timestamp: string,
): Promise<readonly Appended[]> => {
  const appended = new Array<Appended>(records.length)
  for (const slots of chunked(records, timestamp)) {
    const answer = await send({ acks: -1, topicMessages: byTopic(slots, physical) })
    for (const slot of slots) {
      const first = firstOffset(answer, physical(slot.topic), slot)
      slot.indexes.forEach((index, nth) => {
        appended[index] = { topic: slot.topic, partition: slot.partition, offset: first + nth }
      })
    }
  }
  return appended
}

/**
 * The same send, which rejects when a partition was acknowledged twice: kafkajs sends records again that one broker has taken when another one refused its part and
 * the leader moved meanwhile, with sequence numbers of their own. Only a transaction can take that back.
 */
export const acknowledgedOnce =
  (send: SendBatch): SendBatch =>
  async batch => {
    const answer = await send(batch)
    const partitions = new Set(answer.map(({ topicName, partition }) => `${partition}/${topicName}`))
    if (partitions.size === answer.length) return answer
    throw new TributaryError(
      'ACKNOWLEDGED_TWICE',
      'Expected one acknowledgement of each partition, got two of one: its leader moved, and its records were sent again. The transaction is given up.',
      { errorClass: 'retryable' },
    )
  }

const firstOffset = (answer: readonly SentPartition[], topic: string, { partition }: Slot): number => {
  const found = answer.find(sent => sent.topicName === topic && sent.partition === partition)
  const offset = Number(found?.baseOffset ?? -1)
  if (found?.errorCode === 0 && offset >= 0) return offset
  throw new TributaryError(
    'ACKNOWLEDGEMENT_MISSING',
    `Expected the acknowledgement of partition ${partition} of ${topic}, got ${found ? `error ${found.errorCode}` : 'none'}.`,
    { errorClass: 'retryable' },
  )
}

/** Cuts the records into requests; order within a partition is kept because a request begins only after the former one's answer. */
const chunked = (records: readonly Placed[], timestamp: string): readonly Slot[][] => {
  const chunks: Map<string, Slot>[] = []
  const reached = new Map<string, number>()
  records.forEach(({ record, partition }, index) => {
    const key = `${partition}/${record.topic}`
    const size = bytesOf(record)
    let at = reached.get(key) ?? 0
    const open = chunks[at]?.get(key)
    if (open && (open.messages.length >= maxRecords || open.bytes + size > maxBytes)) at++
    reached.set(key, at)
    const slot = slotIn(chunks, at, key, record.topic, partition)
    slot.messages.push(messageOf(record, partition, timestamp))
    slot.indexes.push(index)
    slot.bytes += size
  })
  return chunks.map(chunk => [...chunk.values()])
}

const slotIn = (chunks: Map<string, Slot>[], at: number, key: string, topic: string, partition: number): Slot => {
  const chunk = chunks[at] ?? new Map<string, Slot>()
  chunks[at] = chunk
  const slot = chunk.get(key) ?? { topic, partition, messages: [], indexes: [], bytes: 0 }
  chunk.set(key, slot)
  return slot
}

const noHeaders: Record<string, string | Buffer> = {}

const messageOf = (record: OutgoingRecord, partition: number, timestamp: string): Message => ({
  partition,
  key: record.key,
  value: record.value,
  headers: record.headers ?? noHeaders,
  timestamp,
})

const byTopic = (slots: readonly Slot[], physical: (topic: string) => string): TopicMessages[] => {
  const topics = new Map<string, TopicMessages>()
  for (const { topic, messages } of slots) {
    const entry = topics.get(topic)
    if (entry) entry.messages.push(...messages)
    else topics.set(topic, { topic: physical(topic), messages: [...messages] })
  }
  return [...topics.values()]
}
