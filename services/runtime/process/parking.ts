import { parked } from '../../../topology/topics.ts'
import { detached } from '../../kafka/detached.ts'
import type { OutgoingRecord, StoredRecord } from '../../kafka/kafka.ts'
import { bytesOf, largestRecordBytes } from '../../kafka/record-size.ts'
import type { PartitionView } from './tables.ts'

/** An event that waits for its person: the record as it came, and what it waits for. */
export interface ParkedEvent {
  /** Key in the topic `parked`. */
  readonly key: string
  readonly original: StoredRecord
  readonly alias: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** The most that the headers take besides the record's key and the alias, and the key under which it is parked. */
const addedBytes = 2_000

const header = {
  topic: 'parked.topic',
  offset: 'parked.offset',
  key: 'parked.key',
  alias: 'parked.alias',
  since: 'parked.since',
}

/** The parked events of one consumer and one partition: by alias those that wait for their person, and those that wait until none of their key does. */
export class Parking {
  readonly #consumer: string
  readonly #partition: number
  readonly #byAlias = new Map<string, ParkedEvent[]>()
  /** Those that wait behind others of their key, in offset order. */
  readonly #behind = new Map<string, ParkedEvent[]>()
  /** How many wait for a person, by the key of their records. */
  readonly #waitingByKey = new Map<string, number>()
  #size = 0

  constructor(consumer: string, partition: number, view: PartitionView) {
    this.#consumer = consumer
    this.#partition = partition
    const events = [...view.group(consumer)].map(([key, record]) => fromRecord(key, record)).sort(byOffset)
    for (const event of events) this.#add(event)
  }

  has(alias: string): boolean {
    return this.#byAlias.has(alias)
  }

  /** Whether an event of this record key waits for its person. */
  holdsKey(key: Buffer | null): boolean {
    return this.#waitingByKey.has(keyText(key))
  }

  aliases(): readonly string[] {
    return [...this.#byAlias.keys()]
  }

  /** Takes out the events that wait behind others of their key, of all keys of which none waits for a person any more. */
  takeFree(): readonly ParkedEvent[] {
    const free = [...this.#behind.values()].filter(([event]) => event && !this.holdsKey(event.original.key)).flat()
    for (const { alias } of free) this.#behind.delete(alias)
    this.#size -= free.length
    return free.sort(byOffset)
  }

  get isEmpty(): boolean {
    return this.#byAlias.size + this.#behind.size === 0
  }

  get size(): number {
    return this.#size
  }

  /** Whether the topic has room for the record together with what says where it came from and what it waits for. */
  takes(original: StoredRecord, alias: string): boolean {
    const repeated = (original.key?.length ?? 0) + Buffer.byteLength(alias)
    return bytesOf(original) + repeated + addedBytes <= largestRecordBytes
  }

  /**
   * Parks a record and gives what to append: nothing for a repeat of a parked event. The first one stays, in the topic too: when it was received, and its place in the
   * order, count.
   */
  park(original: StoredRecord, eventId: string, alias: string, since: number): OutgoingRecord | undefined {
    const key = `${this.#consumer}|${eventId}`
    const waiting = this.#placeOf(alias).get(alias) ?? []
    if (waiting.some(other => other.key === key)) return undefined
    this.#add({ key, original: detached(original), alias, since })
    return this.#record({ key, original, alias, since })
  }

  /** The events of an alias, in offset order. */
  of(alias: string): readonly ParkedEvent[] {
    return this.#byAlias.get(alias) ?? []
  }

  /** Takes out the events of these aliases, in offset order. */
  take(aliases: readonly string[]): readonly ParkedEvent[] {
    const waiting = [...new Set(aliases)].filter(alias => this.has(alias))
    const events = waiting.flatMap(alias => this.of(alias)).sort(byOffset)
    for (const alias of waiting) this.#byAlias.delete(alias)
    this.#uncount(events)
    return events
  }

  /** Takes out the events parked before `time`. */
  takeOlderThan(time: number): readonly ParkedEvent[] {
    const taken: ParkedEvent[] = []
    for (const [alias, events] of this.#byAlias) {
      const kept = events.filter(event => event.since >= time)
      if (kept.length === events.length) continue
      taken.push(...events.filter(event => event.since < time))
      if (kept.length > 0) this.#byAlias.set(alias, kept)
      else this.#byAlias.delete(alias)
    }
    this.#uncount(taken)
    return taken
  }

  /** Removes the parked event with this key from the topic. */
  tombstone(key: string): OutgoingRecord {
    return { topic: parked.name, partition: this.#partition, key, value: null }
  }

  #add(event: ParkedEvent): void {
    const place = this.#placeOf(event.alias)
    const events = place.get(event.alias)
    if (events) events.push(event)
    else place.set(event.alias, [event])
    this.#size += 1
    if (place === this.#behind) return
    const key = keyText(event.original.key)
    this.#waitingByKey.set(key, (this.#waitingByKey.get(key) ?? 0) + 1)
  }

  #placeOf(alias: string): Map<string, ParkedEvent[]> {
    return alias.startsWith(behindKey) ? this.#behind : this.#byAlias
  }

  #uncount(events: readonly ParkedEvent[]): void {
    this.#size -= events.length
    for (const { original } of events) {
      const key = keyText(original.key)
      const left = (this.#waitingByKey.get(key) ?? 0) - 1
      if (left > 0) this.#waitingByKey.set(key, left)
      else this.#waitingByKey.delete(key)
    }
  }

  #record({ key, original, alias, since }: ParkedEvent): OutgoingRecord {
    return {
      topic: parked.name,
      partition: this.#partition,
      key,
      value: original.value,
      headers: {
        ...original.headers,
        [header.topic]: original.topic,
        [header.offset]: String(original.offset),
        [header.alias]: alias,
        [header.since]: String(since),
        ...(original.key === null ? {} : { [header.key]: original.key }),
      },
    }
  }
}

const behindKey = 'key:'
/** In the place of an alias: what waits for it waits until no event of this record key is parked. No alias begins so. */
export const behindOthersOf = (key: Buffer | null): string => behindKey + keyText(key)
const keyText = (key: Buffer | null): string => key?.toString() ?? ''

/** The consumer whose event lies under a key of the topic `parked`. */
export const consumerOf = (key: string): string => key.slice(0, key.indexOf('|'))

const fromRecord = (key: string, record: StoredRecord): ParkedEvent => {
  const text = (name: string): string => record.headers[name]?.toString() ?? ''
  const added = new Set(Object.values(header))
  return {
    key,
    alias: text(header.alias),
    since: Number(text(header.since)),
    original: {
      topic: text(header.topic),
      partition: record.partition,
      offset: Number(text(header.offset)),
      timestamp: record.timestamp,
      key: record.headers[header.key] ?? null,
      value: record.value,
      headers: Object.fromEntries(Object.entries(record.headers).filter(([name]) => !added.has(name))),
    },
  }
}

const byOffset = (a: ParkedEvent, b: ParkedEvent): number =>
  a.original.topic === b.original.topic
    ? a.original.offset - b.original.offset
    : a.original.topic < b.original.topic
      ? -1
      : 1
