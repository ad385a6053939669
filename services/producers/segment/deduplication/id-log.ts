import { segmentMessageIds } from '../../../../topology/topics.ts'
import type { Follower, Kafka, OutgoingRecord, Publisher, StoredRecord } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { TributaryError } from '../../../runtime/errors.ts'
import type { Logger } from '../../../runtime/log.ts'

export interface IdLogParts {
  readonly kafka: Pick<Kafka, 'follow'>
  readonly publisher: Pick<Publisher, 'publish'>
  readonly codec: Pick<Codec, 'encode' | 'decode' | 'prepare'>
  readonly clock: Clock
  readonly log: Logger
  readonly onFatal: (error: Error) => void
}

/** Hashes of ids that were taken and when, of this process and of all others, in the topic `segment-message-ids`. */
export interface IdLog {
  /** Appends within `joinedForMs`, together with others. Never fails: what Kafka does not take is tried again. */
  append(hashes: Uint32Array, indexes: readonly number[]): void
  /** Appends what is left, once, and stops reading. */
  close(): Promise<void>
}

/** How long hashes are collected before they are appended. A repetition that reaches another process sooner is published twice. */
const joinedForMs = 100
const retryAfterMs = 1_000
/** 400 KB: well below what a topic takes. */
const hashesPerRecord = 50_000
/** Hashes that are kept for Kafka while it takes messages and not their ids: 8 MB. More are let go, so a repetition that comes after a restart is published again. */
const mostWaiting = 1_000_000

/**
 * Opens the topic and resolves when `apply` has had all that is in it.
 * @param apply gets hashes, two words each, and when they were taken
 */
export const openIdLog = async (
  parts: IdLogParts,
  apply: (hashes: Uint32Array, time: number) => void,
): Promise<IdLog> => {
  const reader = new IdReader(parts, apply)
  const follower = await parts.kafka.follow([segmentMessageIds.name], record => reader.take(record), parts.onFatal)
  try {
    await follower.caughtUp()
    await reader.settled()
  } catch (error) {
    await follower.close()
    throw error
  }
  return new KafkaIdLog(parts, follower)
}

class IdReader {
  readonly #codec: IdLogParts['codec']
  readonly #log: Logger
  readonly #onFatal: (error: Error) => void
  readonly #apply: (hashes: Uint32Array, time: number) => void
  /** Set while the schema of a record is being asked for; those that follow wait behind it. */
  #waiting: Promise<void> | undefined

  constructor({ codec, log, onFatal }: IdLogParts, apply: (hashes: Uint32Array, time: number) => void) {
    this.#codec = codec
    this.#log = log
    this.#onFatal = onFatal
    this.#apply = apply
  }

  take({ value, offset }: StoredRecord): void {
    if (value === null) return
    const learning = this.#codec.prepare([value])
    if (!learning && !this.#waiting) {
      this.#read(value, offset)
      return
    }
    const kept = Buffer.from(value)
    const before = this.#waiting ?? Promise.resolve()
    const taken: Promise<void> = Promise.all([before, learning])
      .then(() => this.#read(kept, offset))
      .catch((error: unknown) => this.#onFatal(error instanceof Error ? error : new Error('no error was given')))
      .finally(() => {
        if (this.#waiting === taken) this.#waiting = undefined
      })
    this.#waiting = taken
  }

  async settled(): Promise<void> {
    while (this.#waiting) await this.#waiting
  }

  #read(value: Buffer, offset: number): void {
    try {
      const { time, hashes } = this.#codec.decode(segmentMessageIds, value)
      this.#apply(wordsOf(hashes), time)
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      this.#log.warn(
        { topic: segmentMessageIds.name, offset, error },
        'Ids of Segment messages cannot be read, so repetitions of these are not known',
      )
    }
  }
}

class KafkaIdLog implements IdLog {
  readonly #parts: IdLogParts
  readonly #follower: Follower
  readonly #closing = new AbortController()
  #waiting: number[] = []
  /** When the last of those that wait was taken. */
  #takenAt = 0
  #appending: Promise<void> | undefined
  #isDropping = false

  constructor(parts: IdLogParts, follower: Follower) {
    this.#parts = parts
    this.#follower = follower
  }

  append(hashes: Uint32Array, indexes: readonly number[]): void {
    if (this.#waiting.length + indexes.length * 2 > mostWaiting * 2) {
      this.#tellDropped()
      return
    }
    this.#takenAt = this.#parts.clock.now()
    for (const index of indexes) this.#waiting.push(hashes[index * 2] ?? 0, hashes[index * 2 + 1] ?? 0)
    if (!this.#closing.signal.aborted) this.#appending ??= this.#appendWaiting()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#appending
    if (this.#waiting.length > 0) await this.#appendOnce()
    await this.#follower.close()
  }

  async #appendWaiting(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#closing
    await clock.sleep(joinedForMs, signal)
    while (!signal.aborted && this.#waiting.length > 0) {
      const done = await this.#appendOnce()
      if (!done || this.#waiting.length > 0) await clock.sleep(done ? joinedForMs : retryAfterMs, signal)
    }
    this.#appending = undefined
  }

  /** Whether Kafka has acknowledged them; else they wait again, before those that came meanwhile. */
  async #appendOnce(): Promise<boolean> {
    const words = this.#waiting
    this.#waiting = []
    try {
      await this.#parts.publisher.publish(this.#recordsOf(words))
      this.#isDropping = false
      return true
    } catch (error) {
      this.#waiting = words.concat(this.#waiting)
      this.#parts.log.debug({ topic: segmentMessageIds.name, error }, 'Ids of Segment messages wait for Kafka')
      return false
    }
  }

  #recordsOf(words: readonly number[]): readonly OutgoingRecord[] {
    const records: OutgoingRecord[] = []
    for (let from = 0; from < words.length; from += hashesPerRecord * 2) {
      const value = { time: this.#takenAt, hashes: bytesOf(words.slice(from, from + hashesPerRecord * 2)) }
      records.push({
        topic: segmentMessageIds.name,
        key: String(value.time),
        value: this.#parts.codec.encode(segmentMessageIds, value),
      })
    }
    return records
  }

  #tellDropped(): void {
    if (this.#isDropping) return
    this.#isDropping = true
    this.#parts.log.error(
      { topic: segmentMessageIds.name },
      'Kafka takes Segment messages and not their ids: repetitions that come after a restart will be published again',
    )
  }
}

const bytesOf = (words: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(words.length * 4)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4)
  return bytes
}

const wordsOf = (bytes: Buffer): Uint32Array => {
  const words = new Uint32Array(Math.floor(bytes.length / 8) * 2)
  for (let index = 0; index < words.length; index++) words[index] = bytes.readUInt32BE(index * 4)
  return words
}
