import type { StoredRecord } from '../kafka/kafka.ts'
import { leftOut } from '../runtime/dead-letters.ts'

/** A dead letter: the record as it came, and why it was set aside. */
export interface Letter {
  /** `<partition>-<offset>` in the topic `dead-letters`. */
  readonly id: string
  /** Kafka's timestamp of the letter; tells it from one of the same id in a topic that was made anew. */
  readonly timestamp: number
  /** Milliseconds since the epoch: when the service gave it up. */
  readonly at: number
  readonly service: string
  readonly code: string
  readonly message: string
  readonly attempts: number | null
  readonly writeId: string | null
  readonly original: LetterOriginal
}

export interface LetterOriginal {
  /** The topic, or for a webhook `webhooks/<vendor>/<account>`. Empty when the letter does not say, so it is none of ours. */
  readonly topic: string
  /** Null for what came from no topic. */
  readonly partition: number | null
  readonly offset: number | null
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
  /** Present when it was too large for a letter: key, value and headers are in its topic only. */
  readonly isLeftOut?: true
}

export interface LetterPlace {
  readonly partition: number
  readonly offset: number
}

/** The letter in a record of the topic `dead-letters`; the inverse of `deadLetter` (services/runtime/dead-letters.ts). */
export const letterOf = (record: StoredRecord): Letter => {
  const { partition, offset, timestamp, key, value, headers } = record
  const text = (name: ReasonHeader): string | null => headers[name]?.toString() ?? null
  const number = (name: ReasonHeader): number | null => wholeNumber(text(name))
  return {
    id: letterId({ partition, offset }),
    timestamp,
    at: number('error.at') ?? timestamp,
    service: text('error.service') ?? '',
    code: text('error.code') ?? '',
    message: text('error.message') ?? '',
    attempts: number('error.attempt'),
    writeId: text('error.write-id'),
    original: {
      topic: text('error.topic') ?? '',
      partition: number('error.partition'),
      offset: number('error.offset'),
      key,
      value,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !added.has(name))),
      ...(text('error.content') === leftOut ? { isLeftOut: true } : {}),
    },
  }
}

/** `<partition>-<offset>`. */
export const letterId = ({ partition, offset }: LetterPlace): string => `${partition}-${offset}`

/** Where the letter of this id lies; undefined for what is no id. */
export const placeOf = (id: string): LetterPlace | undefined => {
  const [, partition, offset] = /^(\d{1,9})-(\d{1,15})$/.exec(id) ?? []
  if (partition === undefined || offset === undefined) return undefined
  const place = { partition: Number(partition), offset: Number(offset) }
  return letterId(place) === id ? place : undefined
}

/** Headers that setting aside added; the others are the original's. */
const reasonHeaders = [
  'error.code',
  'error.message',
  'error.service',
  'error.topic',
  'error.at',
  'error.partition',
  'error.offset',
  'error.attempt',
  'error.write-id',
  'error.content',
] as const
type ReasonHeader = (typeof reasonHeaders)[number]

const added: ReadonlySet<string> = new Set(reasonHeaders)

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
