import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
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
export const createEventBus = (schema: Schema, store: Store, clock: Clock, selected: ReadonlySet<string>): EventBus => {
  const events = store.table<ChangeEvent>('change events')
  const listeners = new Set<() => void>()
  let latest = [...events.values()].at(-1)?.number ?? 0
  let oldest = ([...events.values()].at(0)?.number ?? latest + 1) - 1
  let losing = 0

  const forget = (): void => {
    for (const [id, { at, number }] of events.entries()) {
      if (at >= clock.now() - KEPT_MS && events.size <= KEPT_EVENTS) return
      events.delete(id)
      oldest = number
    }
  }
  const add = (added: readonly Unnumbered[]): void => {
    if (added.length === 0) return
    for (const event of added) {
      latest += 1
      events.set(String(latest), { ...event, number: latest, at: clock.now() })
    }
    forget()
    for (const listener of listeners) listener()
  }
  return {
    committed: (commits, author) => {
      const transaction = {
        transactionKey: randomUUID(),
        changeOrigin: author.byHand ? '' : (callOrigin.getStore() ?? ''),
        commitUser: author.userId,
      }
      const told = commits.flatMap(commit => {
        const entity = schema.objectOfPrefix(commit.row.Id.slice(0, 3))?.name ?? ''
        const changeType = typeOf(commit)
        return selected.has(entity) && changeType
          ? [{ ...transaction, entity, changeType, recordIds: [commit.row.Id], changed: changedIn(commit) }]
          : []
      })
      if (told.length === 0) return
      if (losing > 0) losing -= 1
      else add(told.map((event, index) => ({ ...event, sequenceNumber: index + 1 })))
    },
    publish: event => {
      const made = { transactionKey: randomUUID(), sequenceNumber: 1, changeOrigin: '', commitUser: '', changed: {} }
      add([{ ...made, ...event }])
    },
    repeat: count => add([...events.values()].slice(-count)),
    lose: transactions => {
      losing += transactions
    },
    expire: () => {
      for (const id of [...events.entries()].map(([id]) => id)) events.delete(id)
      latest += 1
      oldest = latest
    },
    after: (place, entities) => {
      forget()
      if (place < oldest || place > latest) return undefined
      return [...events.values()].filter(({ number, entity }) => number > place && entities.has(entity))
    },
    latest: () => latest,
    oldest: () => oldest,
    onPublished: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
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
