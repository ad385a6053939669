import type { Store, Table } from '../../store.ts'
import type { Properties } from '../properties/definitions.ts'
import type { ObjectType } from './object-types.ts'

/** One record as kept. Times in milliseconds since the epoch; a property without a value is absent. */
export interface CrmRecord {
  readonly id: string
  readonly properties: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly updatedAt: number
  readonly archivedAt?: number
  /** This record went into another one, whose id is here. */
  readonly mergedInto?: string
}

/** Who writes: an app through the API, or a person on the page. */
export interface Writer {
  readonly source: 'INTEGRATION' | 'CRM_UI' | 'FORM'
  /** The app's id, or `userId:…`. */
  readonly id: string
}

/** What a step did to a record, for the log of applied writes. */
export interface Applied {
  readonly operation: 'create' | 'update' | 'archive' | 'restore' | 'merge' | 'gdpr-delete'
  readonly properties: Readonly<Record<string, string>>
}

/** Which records became one. */
export interface Merge {
  readonly primaryId: string
  readonly mergedIds: readonly string[]
  /** How many properties the survivor has from the records that were merged into the primary. */
  readonly propertiesMoved: number
}

/** A step that took effect. */
export interface RecordChange extends Applied {
  readonly id: string
  readonly writer: Writer
  /** Undefined for a record that was not there. */
  readonly before: CrmRecord | undefined
  /** Undefined for one that was erased. */
  readonly after: CrmRecord | undefined
  readonly merge: Merge | undefined
}

/**
 * Changes that take effect together or not at all. Reads see the draft's own changes: two inputs of one batch that mean one record build on
 * each other.
 */
export interface Draft {
  /** Whose changes they are. */
  readonly writer: Writer
  /** The live record of this id; of a merged one's id, the survivor. */
  resolve(id: string): CrmRecord | undefined
  /** The live record that holds this value of a unique property. */
  findBy(property: string, value: string): CrmRecord | undefined
  put(record: CrmRecord, applied?: Applied, merge?: Merge): void
  /** Removes a record without a trace of it. */
  erase(id: string): void
  nextId(): string
  /** Does this, too, once the draft is committed. */
  onCommit(work: () => void): void
  commit(): void
}

/** The records of one object type. */
export interface Records {
  readonly type: ObjectType
  /** The record of this id as it is, also an archived or merged one. */
  get(id: string): CrmRecord | undefined
  /** The live record of this id; of a merged one's id, the survivor. */
  resolve(id: string): CrmRecord | undefined
  /** The live record that holds this value of a unique property. */
  findBy(property: string, value: string): CrmRecord | undefined
  /** Whether a property identifies records: the object type's identity, or a custom unique one. */
  isUnique(property: string): boolean
  live(): CrmRecord[]
  archived(): CrmRecord[]
  draft(writer: Writer): Draft
  /** Calls the listener with each record after its change is committed, and with its id when it was erased. */
  observe(listener: (id: string, record: CrmRecord | undefined) => void): void
  /** Calls the listener with each step of a change after it is committed. */
  observeChanges(listener: (change: RecordChange) => void): void
  /** Reads the store again, after a reset or a change of what is unique. */
  reindex(): void
}

const FIRST_ID = 501

type Counters = Table<{ readonly next: number }>

/** The counters of an account, by what they number. */
export const countersOf = (store: Store): Counters => store.table('counters')

/** An id that no other record of the account has, whatever its type. */
export const nextRecordId = (counters: Counters): string => nextNumber(counters, 'record', FIRST_ID)

export const nextNumber = (counters: Counters, name: string, first: number): string => {
  const next = counters.get(name)?.next ?? first
  counters.set(name, { next: next + 1 })
  return String(next)
}

export const createRecords = (type: ObjectType, properties: Properties, store: Store): Records => {
  const rows: Table<CrmRecord> = store.table(type.name)
  const counters = countersOf(store)
  const listeners: ((id: string, record: CrmRecord | undefined) => void)[] = []
  const changeListeners: ((change: RecordChange) => void)[] = []
  const index = new Map<string, string>()
  const keysOf = (record: CrmRecord | undefined): string[] =>
    record && isLive(record) ? uniqueKeys(type, properties.uniqueNames(), record) : []
  const reindex = (): void => {
    index.clear()
    for (const record of rows.values()) for (const key of keysOf(record)) index.set(key, record.id)
  }
  reindex()

  const resolveKept = (id: string): CrmRecord | undefined => survivorOf(rows.get, id)
  const applyStep = (id: string, { before, record: after, applied, merge }: Step, writer: Writer): void => {
    if (!applied) return
    store.applied({ object: type.name, id, ...applied })
    for (const listener of changeListeners) listener({ id, writer, before, after, merge, ...applied })
  }

  const draft = (writer: Writer): Draft => {
    const changed = new Map<string, Step[]>()
    const owners = new Map<string, string | undefined>()
    const further: (() => void)[] = []
    const current = (id: string): CrmRecord | undefined => {
      const steps = changed.get(id)
      return steps ? steps.at(-1)?.record : rows.get(id)
    }
    const change = (id: string, record: CrmRecord | undefined, applied?: Applied, merge?: Merge): void => {
      const before = current(id)
      for (const key of keysOf(before)) owners.set(key, undefined)
      for (const key of keysOf(record)) owners.set(key, id)
      changed.set(id, [...(changed.get(id) ?? []), { before, record, applied, merge }])
    }
    const resolve = (id: string): CrmRecord | undefined => survivorOf(current, id)
    return {
      writer,
      resolve,
      findBy: (property, value) => {
        const key = uniqueKey(type, property, value)
        const id = owners.has(key) ? owners.get(key) : index.get(key)
        return id === undefined ? undefined : resolve(id)
      },
      put: (record, applied, merge) => change(record.id, record, applied, merge),
      erase: id => change(id, undefined, { operation: 'gdpr-delete', properties: {} }),
      nextId: () => nextRecordId(counters),
      onCommit: work => {
        further.push(work)
      },
      commit: () => {
        for (const [key, id] of owners) {
          if (id === undefined) index.delete(key)
          else index.set(key, id)
        }
        for (const [id, steps] of changed) {
          const record = steps.at(-1)?.record
          if (record) rows.set(id, record)
          else rows.delete(id)
          for (const listener of listeners) listener(id, record)
        }
        for (const [id, steps] of changed) for (const step of steps) applyStep(id, step, writer)
        for (const work of further) work()
      },
    }
  }
  return {
    type,
    get: rows.get,
    resolve: resolveKept,
    findBy: (property, value) => {
      const id = index.get(uniqueKey(type, property, value))
      return id === undefined ? undefined : resolveKept(id)
    },
    isUnique: property => property === type.identity?.property || properties.uniqueNames().includes(property),
    live: () => [...rows.values()].filter(isLive),
    archived: () => [...rows.values()].filter(record => record.archivedAt !== undefined),
    draft,
    observe: listener => {
      listeners.push(listener)
    },
    observeChanges: listener => {
      changeListeners.push(listener)
    },
    reindex,
  }
}

interface Step {
  readonly before: CrmRecord | undefined
  readonly record: CrmRecord | undefined
  readonly applied: Applied | undefined
  readonly merge: Merge | undefined
}

export const isLive = (record: CrmRecord): boolean => record.archivedAt === undefined && record.mergedInto === undefined

const survivorOf = (get: (id: string) => CrmRecord | undefined, id: string): CrmRecord | undefined => {
  const record = get(id)
  if (record?.mergedInto !== undefined) return survivorOf(get, record.mergedInto)
  return record && isLive(record) ? record : undefined
}

/** Every further value of the identity (an additional address) identifies the record as its main one does. */
const uniqueKeys = (type: ObjectType, uniqueNames: readonly string[], record: CrmRecord): string[] => {
  const { identity } = type
  const keys: string[] = []
  if (identity) {
    const main = record.properties[identity.property]
    const further = listOf(record.properties[identity.additional])
    for (const value of main ? [main, ...further] : further) keys.push(uniqueKey(type, identity.property, value))
  }
  for (const name of uniqueNames) {
    const value = record.properties[name]
    if (value) keys.push(uniqueKey(type, name, value))
  }
  return keys
}

/** Addresses compare without regard to case; other unique values as they are. */
const uniqueKey = ({ identity }: ObjectType, property: string, value: string): string =>
  `${property} ${property === identity?.property ? value.trim().toLowerCase() : value}`

/** The entries of a property that holds several, joined by semicolons. */
export const listOf = (value: string | undefined): string[] => (value ?? '').split(';').filter(one => one !== '')
