import type { Store, Table } from '../../store.ts'
import type { Field, Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { mintedId, prefixOf } from './ids.ts'
import { createTimeIndex, type TimeIndex } from './time-index.ts'

/** Values by field name; a field without a value is absent or null. */
export type Values = Readonly<Record<string, Value>>

/** A record as kept, deleted ones included. Never changed in place. */
export type Row = Values & { readonly Id: string }

/** What a step did to a record, for the log of applied writes. */
export interface Applied {
  readonly operation: 'create' | 'update' | 'delete' | 'restore' | 'merge' | 'convert' | 'archive'
  readonly properties: Values
}

/** Who makes the changes of a draft. */
export interface Author {
  /** What they leave as `LastModifiedById`. */
  readonly userId: string
  /** Whether it is a person in Salesforce's pages; else a program by the API. */
  readonly byHand: boolean
  /** When the transaction began, in milliseconds since the epoch, which is the time it leaves on records however late it commits; now when not given. */
  readonly since?: number
}

interface Reading {
  /** The record of this id, whatever its object, deleted ones included. */
  get(id: string): Row | undefined
  /** The records of an object that are not deleted and hold this value of an external id or unique field. */
  findBy(object: SObjectType, field: Field, value: string): Row[]
}

/** Changes that take effect together or not at all. Reads see the draft's own changes. */
export interface Draft extends Reading {
  readonly author: Author
  put(row: Row, applied?: Applied): void
  nextId(object: SObjectType): string
  /** The records of an object that are not deleted and refer to `id` by this field. */
  children(object: string, field: string, id: string): Row[]
  /** The records of an object that went when the record `id` was deleted. */
  deletedWith(object: string, id: string): Row[]
  /** Makes the changes part of what this draft was made from. */
  commit(): void
  /** A draft within this one, so that one record of several can fail alone. */
  draft(): Draft
}

/** All records of the org. */
export interface Records extends Reading {
  /** The records of an object in the order of their creation, deleted ones included. */
  all(object: SObjectType): IterableIterator<Row>
  live(object: SObjectType): Row[]
  /** Those whose last change was at this `SystemModstamp` or later, deleted ones included, by time. */
  since(object: SObjectType, time: string): Row[]
  draft(author: Author): Draft
  /** Reads the store again, after a reset or a change of what is looked up. */
  reindex(): void
}

/** What a record that was deleted along with another keeps of it; no field of the API. */
export const DELETED_WITH = 'deleted with'

export const isLive = (row: Row): boolean => row['IsDeleted'] !== true

/** What a transaction did to one record. */
export interface Commit {
  readonly before: Row | undefined
  readonly row: Row
  readonly operation: Applied['operation']
}

/** @param committed learns what a transaction did, in order */
export const createRecords = (
  schema: Schema,
  store: Store,
  committed: (commits: readonly Commit[], author: Author) => void = () => {},
): Records => {
  const tables = new Map(schema.objects().map(({ name, prefix }) => [prefix, store.table<Row>(name)]))
  const counters: Table<{ next: number }> = store.table('counters')
  const index = new Map<string, Set<string>>()
  const changes = new Map<string, TimeIndex>()
  const get = (id: string): Row | undefined => tables.get(prefixOf(id))?.get(id)
  const keysOf = (row: Row): string[] => {
    const object = isLive(row) && schema.objectOfPrefix(prefixOf(row.Id))
    return object ? schema.keys(object).flatMap(field => keyOf(object, field, row[field.name])) : []
  }
  const addToIndex = (row: Row): void => {
    for (const key of keysOf(row)) index.set(key, (index.get(key) ?? new Set()).add(row.Id))
  }
  const removeFromIndex = (row: Row): void => {
    for (const key of keysOf(row)) {
      index.get(key)?.delete(row.Id)
      if (index.get(key)?.size === 0) index.delete(key)
    }
  }
  const reindex = (): void => {
    index.clear()
    for (const [prefix, table] of tables) {
      for (const row of table.values()) addToIndex(row)
      const entries = [...table.values()].map(row => ({ id: row.Id, time: stampOf(row) }))
      changes.set(
        prefix,
        createTimeIndex(entries, id => stampOf(table.get(id))),
      )
    }
  }
  reindex()
  const rowsOf = (object: string): Row[] => {
    const type = schema.object(object)
    return type ? [...(tables.get(type.prefix)?.values() ?? [])] : []
  }
  const base: Base = {
    get,
    findBy: (object, field, value) =>
      keyOf(object, field, value)
        .flatMap(key => [...(index.get(key) ?? [])])
        .flatMap(id => get(id) ?? []),
    children: (object, field, id) => rowsOf(object).filter(row => isLive(row) && row[field] === id),
    deletedWith: (object, id) => rowsOf(object).filter(row => row[DELETED_WITH] === id),
    nextId: object => {
      const n = counters.get(object.name)?.next ?? 1
      counters.set(object.name, { next: n + 1 })
      return mintedId(object.prefix, n)
    },
    apply: (row, applied) => {
      const before = get(row.Id)
      if (before) removeFromIndex(before)
      addToIndex(row)
      const prefix = prefixOf(row.Id)
      tables.get(prefix)?.set(row.Id, row)
      changes.get(prefix)?.moved(row.Id, before && stampOf(before), stampOf(row))
      const object = schema.objectOfPrefix(prefix)?.name ?? ''
      if (applied) store.applied({ object, id: row.Id, ...applied })
    },
  }
  const all: Records['all'] = object => (tables.get(object.prefix) ?? new Map<string, Row>()).values()
  return {
    get,
    findBy: base.findBy,
    all,
    live: object => [...all(object)].filter(isLive),
    since: ({ prefix }, time) => (changes.get(prefix)?.since(time) ?? []).flatMap(id => get(id) ?? []),
    draft: author => {
      const commits: Commit[] = []
      const apply: Base['apply'] = (row, applied) => {
        if (applied) commits.push({ before: get(row.Id), row, operation: applied.operation })
        base.apply(row, applied)
      }
      const draft = draftOver({ ...base, apply, author }, schema)
      const commit = (): void => {
        draft.commit()
        committed(commits, author)
      }
      return { ...draft, commit }
    },
    reindex,
  }
}

const stampOf = (row: Row | undefined): string => String(row?.['SystemModstamp'])

interface Base extends Reading, Pick<Draft, 'children' | 'deletedWith' | 'nextId'> {
  apply(row: Row, applied: Applied | undefined): void
}

const draftOver = (base: Base & Pick<Draft, 'author'>, schema: Schema): Draft => {
  const changed = new Map<string, Row>()
  const steps: [row: Row, applied: Applied | undefined][] = []
  const apply = (row: Row, applied?: Applied): void => {
    changed.set(row.Id, row)
    steps.push([row, applied])
  }
  const get = (id: string): Row | undefined => changed.get(id) ?? base.get(id)
  /** What the base found and this draft left alone, with what this draft changed so that it belongs. */
  const overlaid = (found: readonly Row[], belongs: (row: Row) => boolean): Row[] => [
    ...found.filter(row => !changed.has(row.Id)),
    ...[...changed.values()].filter(belongs),
  ]
  const draft: Draft = {
    author: base.author,
    get,
    findBy: (object, field, value) => {
      const [key] = keyOf(object, field, value)
      const holds = (row: Row): boolean =>
        isLive(row) && prefixOf(row.Id) === object.prefix && keyOf(object, field, row[field.name])[0] === key
      return overlaid(base.findBy(object, field, value), holds)
    },
    children: (object, field, id) => {
      const prefix = schema.object(object)?.prefix
      const refers = (row: Row): boolean => isLive(row) && prefixOf(row.Id) === prefix && row[field] === id
      return overlaid(base.children(object, field, id), refers)
    },
    deletedWith: (object, id) => {
      const prefix = schema.object(object)?.prefix
      const went = (row: Row): boolean => prefixOf(row.Id) === prefix && row[DELETED_WITH] === id
      return overlaid(base.deletedWith(object, id), went)
    },
    nextId: base.nextId,
    put: apply,
    commit: () => {
      for (const [row, applied] of steps) base.apply(row, applied)
    },
    draft: () => draftOver({ ...draft, apply }, schema),
  }
  return draft
}

const keyOf = ({ name }: SObjectType, { name: field, caseSensitive }: Field, value: Value | undefined): string[] => {
  if (typeof value !== 'string' || value === '') return []
  return [`${name}.${field} ${caseSensitive ? value : value.toLowerCase()}`]
}
