import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../runtime/clock.ts'
import type { Store, Table } from '../../store.ts'
import type { Author, Commit } from '../records/records.ts'
import type { Value } from '../schema/fields.ts'
import type { Schema } from '../schema/schema.ts'
import { callOrigin } from './origin.ts'

/** What happened to records. GAP_… tell of a change without its fields. */
export const CHANGE_TYPES = [
  ...['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE'],
  'GAP_OVERFLOW',
] as const

/** One event as it is kept. */
export interface ChangeEvent {
  /** Its place on the bus; a replay id is made of it. */
  readonly number: number
  readonly at: number
  readonly entity: string
  readonly changeType: string
  readonly recordIds: readonly string[]
  readonly changeOrigin: string
  readonly transactionKey: string
  readonly sequenceNumber: number
  readonly commitUser: string
  /** Fields that were changed, with their values. */
  readonly changed: Readonly<Record<string, Value>>
}

/** The org's event bus. */
export interface EventBus {
  /** What a transaction did to records of the selected objects. */
  committed(commits: readonly Commit[], author: Author): void
  /** An event that no change of a record brings about. */
  publish(event: Pick<ChangeEvent, 'entity' | 'changeType' | 'recordIds'>): void
  /** Sends the last events once more, as the bus may. */
  repeat(count: number): void
  /** The next transactions bring about no events. */
  lose(transactions: number): void
  /** Forgets all events, as after three days. */
  expire(): void
  /** Events of these objects after that place, oldest first. Undefined when what followed it is not kept any more, or it never was. */
  after(place: number, entities: ReadonlySet<string>): readonly ChangeEvent[] | undefined
  latest(): number
  /** The place before the oldest event that is kept. */
  oldest(): number
  onPublished(listener: () => void): () => void
}

/** https://developer.salesforce.com/docs/platform/pub-sub-api/guide/event-message-durability.html */
const KEPT_MS = 72 * 60 * 60 * 1000
const KEPT_EVENTS = 20_000

type Unnumbered = Omit<ChangeEvent, 'number' | 'at'>

/** @param selected the objects that an administrator selected under Change Data Capture */
export const createEventBus = (schema: Schema, store: Store, clock: Clock, selected: ReadonlySet<string>): EventBus =>
  new Bus({ schema, clock, selected }, store.table<ChangeEvent>('change events'))

interface BusParts {
  readonly schema: Schema
  readonly clock: Clock
  readonly selected: ReadonlySet<string>
}

class Bus implements EventBus {
  readonly #parts: BusParts
  readonly #events: Table<ChangeEvent>
  readonly #listeners = new Set<() => void>()
  #latest: number
  #oldest: number
  #losing = 0

  constructor(parts: BusParts, events: Table<ChangeEvent>) {
    this.#parts = parts
    this.#events = events
    const kept = [...events.values()]
    this.#latest = kept.at(-1)?.number ?? 0
    this.#oldest = (kept.at(0)?.number ?? this.#latest + 1) - 1
  }

  committed(commits: readonly Commit[], author: Author): void {
    const told = this.#told(commits, author)
    if (told.length === 0) return
    if (this.#losing > 0) this.#losing -= 1
    else this.#add(told.map((event, index) => ({ ...event, sequenceNumber: index + 1 })))
  }

  publish(event: Pick<ChangeEvent, 'entity' | 'changeType' | 'recordIds'>): void {
    const made = { transactionKey: randomUUID(), sequenceNumber: 1, changeOrigin: '', commitUser: '', changed: {} }
    this.#add([{ ...made, ...event }])
  }

  repeat(count: number): void {
    this.#add([...this.#events.values()].slice(-count))
  }

  lose(transactions: number): void {
    this.#losing += transactions
  }

  expire(): void {
    for (const id of [...this.#events.entries()].map(([id]) => id)) this.#events.delete(id)
    this.#latest += 1
    this.#oldest = this.#latest
  }

  after(place: number, entities: ReadonlySet<string>): readonly ChangeEvent[] | undefined {
    this.#forget()
    if (place < this.#oldest || place > this.#latest) return undefined
    return [...this.#events.values()].filter(({ number, entity }) => number > place && entities.has(entity))
  }

  latest(): number {
    return this.#latest
  }

  oldest(): number {
    return this.#oldest
  }

  onPublished(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #told(commits: readonly Commit[], author: Author): readonly Omit<Unnumbered, 'sequenceNumber'>[] {
    const { schema, selected } = this.#parts
    const transaction = {
      transactionKey: randomUUID(),
      changeOrigin: author.byHand ? '' : (callOrigin.getStore() ?? ''),
      commitUser: author.userId,
    }
    return commits.flatMap(commit => {
      const entity = schema.objectOfPrefix(commit.row.Id.slice(0, 3))?.name ?? ''
      const changeType = typeOf(commit)
      return selected.has(entity) && changeType
        ? [{ ...transaction, entity, changeType, recordIds: [commit.row.Id], changed: changedIn(commit) }]
        : []
    })
  }

  #add(added: readonly Unnumbered[]): void {
    if (added.length === 0) return
    for (const event of added) {
      this.#latest += 1
      this.#events.set(String(this.#latest), { ...event, number: this.#latest, at: this.#parts.clock.now() })
    }
    this.#forget()
    for (const listener of this.#listeners) listener()
  }

  #forget(): void {
    for (const [id, { at, number }] of this.#events.entries()) {
      if (at >= this.#parts.clock.now() - KEPT_MS && this.#events.size <= KEPT_EVENTS) return
      this.#events.delete(id)
      this.#oldest = number
    }
  }
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ create: 'CREATE', update: 'UPDATE', convert: 'UPDATE', delete: 'DELETE', restore: 'UNDELETE' },
}

/** Archiving makes no event; of a merge those who lose are deleted, and the survivor is updated. */
const typeOf = ({ operation, row }: Commit): string | undefined =>
  operation === 'merge' ? (row['IsDeleted'] === true ? 'DELETE' : 'UPDATE') : TYPES[operation]

const changedIn = ({ before, row }: Commit): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(row).filter(([name, value]) => (before?.[name] ?? null) !== value))
