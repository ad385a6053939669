import { deadLetters } from '../../topology/topics.ts'
import type { OutgoingRecord, StoredRecord } from '../kafka/kafka.ts'
import { bytesOf, largestRecordBytes } from '../kafka/record-size.ts'

/** Why a record was set aside. `message` carries no values of the record. */
export interface Reason {
  readonly code: string
  readonly message: string
  /** Consumer, sink or producer that gave it up. */
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly attempts?: number
  readonly writeId?: string
}

/** What a dead letter is made of when it does not come from a topic (a webhook). */
export interface Original {
  readonly topic: string
  readonly partition?: number
  readonly offset?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
}

/**
 * A record for the topic `dead-letters`: the original key, value and headers, and the reason in `error.*` headers (modelled on Kafka Connect's
 * `__connect.errors.*`). It keeps its partition number, so the partition's owner can write it in its own transaction.
 * One that would be too large for the topic only points to the original, which stays where it is for as long as its topic keeps it.
 */
export const deadLetter = (original: Original | StoredRecord, reason: Reason): OutgoingRecord => {
  const place = { topic: deadLetters.name, partition: original.partition ?? 0 }
  const { key, value } = original
  const headers = headersOf(original, reason)
  const whole = { ...place, key, value, headers: { ...original.headers, ...headers } }
  if (bytesOf(whole) <= largestRecordBytes) return whole
  return { ...place, key: isShort(key) ? key : null, value: null, headers: { ...headers, 'error.content': leftOut } }
}

/** The value of `error.content` in a letter that only points to its original. */
export const leftOut = 'left-out'

const shortKeyBytes = 1_000
const isShort = (key: Buffer | null): boolean => key === null || key.length <= shortKeyBytes

const headersOf = (original: Original | StoredRecord, reason: Reason): Readonly<Record<string, string>> => ({
  'error.code': reason.code,
  'error.message': reason.message,
  'error.service': reason.service,
  'error.topic': original.topic,
  'error.at': String(reason.at),
  ...(original.partition === undefined ? {} : { 'error.partition': String(original.partition) }),
  ...(original.offset === undefined ? {} : { 'error.offset': String(original.offset) }),
  ...(reason.attempts === undefined ? {} : { 'error.attempt': String(reason.attempts) }),
  ...(reason.writeId === undefined ? {} : { 'error.write-id': reason.writeId }),
})
