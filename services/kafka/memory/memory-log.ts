import type { TributaryError } from '../../runtime/errors.ts'
import { outOfRange, topicGone, unknownPartition, unknownTopic } from '../client/failures.ts'
import type { Appended, OutgoingRecord, StoredRecord } from '../kafka.ts'
import { placeOf } from '../publishing/outgoing.ts'
import type { Cursor, CursorSource } from '../reading/cursor.ts'

/** The committed records of one partition. Control and aborted records are gaps in its offsets, as a reader sees them. */
export class MemoryPartition {
  records: StoredRecord[] = []
  earliest = 0
  /** The next offset to be given. */
  end = 0

  /** Up to `most` records at or after an offset. */
  from(offset: number, most: number): readonly StoredRecord[] {
    const start = this.firstAtOrAfter(offset)
    return this.records.slice(start, start + most)
  }

  /** Removes every record that a later one of its key supersedes, and every tombstone. */
  compact(): void {
    const last = new Map(this.records.map(record => [record.key?.toString('latin1'), record.offset]))
    this.records = this.records.filter(
      ({ key, value, offset }) => value !== null && last.get(key?.toString('latin1')) === offset,
    )
  }

  truncate(before: number): void {
    this.earliest = Math.min(Math.max(this.earliest, before), this.end)
    this.records = this.records.slice(this.firstAtOrAfter(before))
  }

  private firstAtOrAfter(offset: number): number {
    let low = 0
    let high = this.records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.records[middle]?.offset ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

export interface MemoryTopic {
  readonly partitions: readonly MemoryPartition[]
  readonly replicationFactor: number
  config: Readonly<Record<string, string>>
}

const noHeaders: Readonly<Record<string, Buffer>> = Object.freeze({})

/** All topics of a cluster in memory, and those who are told of growth. */
export class MemoryLog {
  readonly topics = new Map<string, MemoryTopic>()
  private readonly readers = new Set<() => void>()

  topic(name: string): MemoryTopic {
    const topic = this.topics.get(name)
    if (topic) return topic
    throw unknownTopic(name)
  }

  partition(topic: string, partition: number): MemoryPartition {
    const found = this.topic(topic).partitions[partition]
    if (found) return found
    throw unknownPartition(topic, partition)
  }

  /** Appends records; in a transaction each partition touched ends with a control record. Nothing is appended when one has no place. */
  append(
    records: readonly OutgoingRecord[],
    timestamp: number,
    transaction: 'none' | 'committed' | 'aborted',
  ): readonly Appended[] {
    const places = records.map(record => ({
      record,
      partition: placeOf(record, this.topic(record.topic).partitions.length),
    }))
    const touched = new Set<MemoryPartition>()
    const appended = places.map(({ record, partition: number }) => {
      const partition = this.partition(record.topic, number)
      const offset = partition.end++
      touched.add(partition)
      if (transaction !== 'aborted') partition.records.push(stored(record, number, offset, timestamp))
      return { topic: record.topic, partition: number, offset }
    })
    if (transaction !== 'none') for (const partition of touched) partition.end++
    this.changed()
    return appended
  }

  changed(): void {
    for (const reader of this.readers) reader()
  }

  subscribe(reader: () => void): () => void {
    this.readers.add(reader)
    return () => this.readers.delete(reader)
  }
}

const stored = (record: OutgoingRecord, partition: number, offset: number, timestamp: number): StoredRecord => ({
  topic: record.topic,
  partition,
  offset,
  timestamp,
  key: record.key === null ? null : Buffer.from(record.key),
  value: record.value === null ? null : Buffer.from(record.value),
  headers: record.headers
    ? Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, Buffer.from(value)]))
    : noHeaders,
})

const batchRecords = 500

/** Moves cursors over a log in memory, one turn of the event loop after it has grown. */
export class MemoryFetcher implements CursorSource {
  private readonly log: MemoryLog
  private readonly cursors = new Set<Cursor>()
  private readonly unsubscribe: () => void
  private isScheduled = false

  constructor(log: MemoryLog) {
    this.log = log
    this.unsubscribe = log.subscribe(() => this.wake())
  }

  /** Whether nothing is left to deliver to cursors that take it. */
  get isIdle(): boolean {
    return !this.isScheduled
  }

  add(cursor: Cursor): void {
    this.cursors.add(cursor)
    this.wake()
  }

  remove(cursor: Cursor): void {
    this.cursors.delete(cursor)
  }

  wake(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    setImmediate(() => this.deliver())
  }

  close(): Promise<void> {
    this.cursors.clear()
    this.unsubscribe()
    return Promise.resolve()
  }

  private deliver(): void {
    this.isScheduled = false
    for (const cursor of [...this.cursors]) {
      if (!cursor.paused) this.advance(cursor)
    }
  }

  private advance(cursor: Cursor): void {
    const { topic, partition: number } = cursor.options
    const partition = this.log.topics.get(topic)?.partitions[number]
    if (!partition) this.fail(cursor, topicGone(topic))
    else if (cursor.position < partition.earliest || cursor.position > partition.end) {
      this.fail(cursor, outOfRange(topic, number, cursor.position))
    } else if (cursor.position < partition.end) this.deliverTo(cursor, partition)
  }

  private deliverTo(cursor: Cursor, partition: MemoryPartition): void {
    const records = partition.from(cursor.position, batchRecords)
    const last = records.length === batchRecords ? records.at(-1) : undefined
    cursor.position = last ? last.offset + 1 : partition.end
    if (last) this.wake()
    cursor.options.deliver(records, cursor.position)
  }

  private fail(cursor: Cursor, error: TributaryError): void {
    this.cursors.delete(cursor)
    cursor.options.fail(error)
  }
}
