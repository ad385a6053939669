import { deadLetters } from '../../topology/topics.ts'
import type { OutgoingRecord, StoredRecord } from '../kafka/kafka.ts'

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
 */
export const deadLetter = (original: Original | StoredRecord, reason: Reason): OutgoingRecord => ({
  topic: deadLetters.name,
  partition: original.partition ?? 0,
  key: original.key,
  value: original.value,
  headers: {
    ...original.headers,
    'error.code': reason.code,
    'error.message': reason.message,
    'error.service': reason.service,
    'error.topic': original.topic,
    'error.at': String(reason.at),
    ...(original.partition === undefined ? {} : { 'error.partition': String(original.partition) }),
    ...(original.offset === undefined ? {} : { 'error.offset': String(original.offset) }),
    ...(reason.attempts === undefined ? {} : { 'error.attempt': String(reason.attempts) }),
    ...(reason.writeId === undefined ? {} : { 'error.write-id': reason.writeId }),
  },
})
