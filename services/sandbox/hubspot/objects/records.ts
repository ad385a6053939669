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

/** What a step did to a record, for the log of applied writes. */
export interface Applied {
  readonly operation: 'create' | 'update' | 'archive' | 'merge' | 'gdpr-delete'
  readonly properties: Readonly<Record<string, string>>
}

/**
 * Changes that take effect together or not at all. Reads see the draft's own changes: two inputs of one batch that mean one record build on
 * each other.
 */
export interface Draft {
  /** The live record of this id; of a merged one's id, the survivor. */
  resolve(id: string): CrmRecord | undefined
  /** The live record that holds this value of a unique property. */
  findBy(property: string, value: string): CrmRecord | undefined
  put(record: CrmRecord, applied?: Applied): void
  /** Removes a record without a trace of it. */
  erase(id: string): void
  nextId(): string
  commit(): void
}

/** The records of one object type. */
export interface Records {
  readonly type: ObjectType
  /** The record of this id as it is, also an archived or merged one. */
  get(id: string): CrmRecord | undefined
  resolve: Draft['resolve']
  findBy: Draft['findBy']
  /** Whether a property identifies records: the object type's identity, or a custom unique one. */
  isUnique(property: string): boolean
  /** The ids of a record and of all that were merged into it. */
  idsOf(record: CrmRecord): string[]
  live(): CrmRecord[]
  archived(): CrmRecord[]
  draft(): Draft
  /** Calls the listener with each record after its change is committed, and with its id when it was erased. */
  observe(listener: (id: string, record: CrmRecord | undefined) => void): void
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
  const index = new Map<string, string>()
  const keysOf = (record: CrmRecord | undefined): string[] =>
    record && isLive(record) ? uniqueKeys(type, properties.uniqueNames(), record) : []
  const reindex = (): void => {
    index.clear()
    for (const record of rows.values()) for (const key of keysOf(record)) index.set(key, record.id)
  }
  reindex()

  const draft = (): Draft => {
    const changed = new Map<string, { record: CrmRecord | undefined; applied: Applied | undefined }[]>()
    const owners = new Map<string, string | undefined>()
    const current = (id: string): CrmRecord | undefined => {
      const steps = changed.get(id)
      return steps ? steps.at(-1)?.record : rows.get(id)
    }
    const change = (id: string, record: CrmRecord | undefined, applied?: Applied): void => {
      for (const key of keysOf(current(id))) owners.set(key, undefined)
      for (const key of keysOf(record)) owners.set(key, id)
      changed.set(id, [...(changed.get(id) ?? []), { record, applied }])
    }
    const resolve = (id: string): CrmRecord | undefined => survivorOf(current, id)
    return {
      resolve,
      findBy: (property, value) => {
        const key = uniqueKey(type, property, value)
        const id = owners.has(key) ? owners.get(key) : index.get(key)
        return id === undefined ? undefined : resolve(id)
      },
      put: (record, applied) => change(record.id, record, applied),
      erase: id => change(id, undefined, { operation: 'gdpr-delete', properties: {} }),
      nextId: () => nextRecordId(counters),
      commit: () => {
        for (const [key, id] of owners) {
          if (id === undefined) index.delete(key)
          else index.set(key, id)
        }
        for (const [id, steps] of changed) {
          const record = steps.at(-1)?.record
          if (record) rows.set(id, record)
          else rows.delete(id)
          for (const { applied } of steps) if (applied) store.applied({ object: type.name, id, ...applied })
          for (const listener of listeners) listener(id, record)
        }
      },
    }
  }
  const base = draft()
  return {
    type,
    get: rows.get,
    resolve: base.resolve,
    findBy: base.findBy,
    isUnique: property => property === type.identity?.property || properties.uniqueNames().includes(property),
    idsOf: ({ id, properties: { hs_merged_object_ids: merged } }) => [id, ...listOf(merged)],
    live: () => [...rows.values()].filter(isLive),
    archived: () => [...rows.values()].filter(record => record.archivedAt !== undefined),
    draft,
    observe: listener => {
      listeners.push(listener)
    },
    reindex,
  }
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
