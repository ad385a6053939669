import type { Store, Table } from '../../store.ts'
import type { CrmRecord, RecordChange, Records } from './records.ts'

/** One value that a property had, in the shape in which HubSpot returns it. */
export interface PastValue {
  /** Empty when the property was cleared. */
  readonly value: string
  /** Since when, in ISO 8601. */
  readonly timestamp: string
  readonly sourceType: string
  /** The app's id, or `userId:…`. */
  readonly sourceId: string
  readonly updatedByUserId?: number
}

/** The values that the properties of the records of one type had. */
export interface History {
  /** Of one property, the newest first; empty when it never had a value. */
  of(record: CrmRecord, property: string): readonly PastValue[]
}

/** Of a property of a contact, and of another record. */
const KEPT_VALUES = { contact: 45, other: 20 }

type Changed = Readonly<Record<string, readonly PastValue[]>>

/** Keeps what changed only: a property that never did has the value, the time and the writer of the record's creation. */
export const createHistory = (records: Records, store: Store): History => {
  const { type } = records
  const rows: Table<Changed> = store.table(`history of ${type.name}`)
  const kept = type.name === 'contacts' ? KEPT_VALUES.contact : KEPT_VALUES.other
  const newest = (value: PastValue, past: readonly PastValue[]): readonly PastValue[] => [value, ...past].slice(0, kept)
  const of: History['of'] = (record, property) => {
    const value = record.properties[property]
    if (value !== undefined && property === type.modifiedProperty)
      return [pastValue(value, record.updatedAt, creatorOf(record))]
    return (
      rows.get(record.id)?.[property] ??
      (value === undefined ? [] : [pastValue(value, record.createdAt, creatorOf(record))])
    )
  }
  /** Each value has the history that it had in the record that it comes from. */
  const merged = ({ id, before, merge, writer }: RecordChange, after: CrmRecord): Changed => {
    const ids = merge ? [merge.primaryId, ...merge.mergedIds] : []
    const parts = ids.map(part => (part === id ? before : records.get(part))).filter(part => part !== undefined)
    return Object.fromEntries(
      Object.entries(after.properties).map(([name, value]) => {
        const histories = parts.map(part => of(part, name))
        const same = histories.find(([latest]) => latest?.value === value)
        const past = histories.find(values => values.length > 0) ?? []
        return [name, same ?? newest(pastValue(value, after.updatedAt, { ...writer, source: 'MERGE_OBJECTS' }), past)]
      }),
    )
  }
  records.observeChanges(change => {
    const { id, operation, before, after, writer } = change
    if (!after) rows.delete(id)
    else if (operation === 'merge') rows.set(id, merged(change, after))
    else if (before) {
      const changed = changedNames(before, after).filter(name => name !== type.modifiedProperty)
      if (changed.length === 0) return
      const values = changed.map(name => {
        const value = pastValue(after.properties[name] ?? '', after.updatedAt, writer)
        return [name, newest(value, of(before, name))] as const
      })
      rows.set(id, { ...rows.get(id), ...Object.fromEntries(values) })
    }
  })
  return { of }
}

const changedNames = (before: CrmRecord, after: CrmRecord): string[] =>
  [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])].filter(
    name => (before.properties[name] ?? '') !== (after.properties[name] ?? ''),
  )

const pastValue = (value: string, at: number, { source, id }: { source: string; id: string }): PastValue => {
  const user = /^userId:(\d+)$/.exec(id)?.[1]
  return {
    value,
    timestamp: new Date(at).toISOString(),
    sourceType: source,
    sourceId: id,
    ...(user === undefined ? {} : { updatedByUserId: Number(user) }),
  }
}

const creatorOf = ({ properties }: CrmRecord): { source: string; id: string } => ({
  source: properties['hs_object_source'] ?? '',
  id: properties['hs_object_source_id'] ?? '',
})
