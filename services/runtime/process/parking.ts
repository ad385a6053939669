import { parked } from '../../../topology/topics.ts'
import type { OutgoingRecord, StoredRecord } from '../../kafka/kafka.ts'
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

const header = {
  topic: 'parked.topic',
  offset: 'parked.offset',
  key: 'parked.key',
  alias: 'parked.alias',
  since: 'parked.since',
}

/** The parked events of one consumer and one partition, in offset order by alias. */
export class Parking {
  readonly #consumer: string
  readonly #partition: number
  readonly #byAlias = new Map<string, ParkedEvent[]>()

  constructor(consumer: string, partition: number, view: PartitionView) {
    this.#consumer = consumer
    this.#partition = partition
    const events = [...view.group(consumer)].map(([key, record]) => fromRecord(key, record)).sort(byOffset)
    for (const event of events) this.#add(event)
  }

  has(alias: string): boolean {
    return this.#byAlias.has(alias)
  }

  aliases(): readonly string[] {
    return [...this.#byAlias.keys()]
  }

  get size(): number {
    return [...this.#byAlias.values()].reduce((sum, events) => sum + events.length, 0)
  }

  /** Parks a record and gives what to append. A repeat of a parked event takes its place in the topic and stays where it is in order. */
  park(original: StoredRecord, eventId: string, alias: string, since: number): OutgoingRecord {
    const event = { key: `${this.#consumer}|${eventId}`, original, alias, since }
    if (!this.#byAlias.get(alias)?.some(other => other.key === event.key)) this.#add(event)
    return this.#record(event)
  }

  /** The events of an alias, in offset order. */
  of(alias: string): readonly ParkedEvent[] {
    return this.#byAlias.get(alias) ?? []
  }

  /** Takes out the events of an alias, in offset order. */
  take(alias: string): readonly ParkedEvent[] {
    const events = this.of(alias)
    this.#byAlias.delete(alias)
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
    return taken
  }

  /** Removes the parked event with this key from the topic. */
  tombstone(key: string): OutgoingRecord {
    return { topic: parked.name, partition: this.#partition, key, value: null }
  }

  #add(event: ParkedEvent): void {
    const events = this.#byAlias.get(event.alias)
    if (events) events.push(event)
    else this.#byAlias.set(event.alias, [event])
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
