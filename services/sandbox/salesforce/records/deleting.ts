import { entityIsDeleted, invalidCrossReference, notInRecycleBin, refused } from '../errors.ts'
import { CHILDREN, type SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { withDerived } from './derived.ts'
import { assertUnique } from './duplicates.ts'
import { DELETED_WITH, type Draft, isLive, type Row, type Values } from './records.ts'
import type { Writing } from './writing.ts'

/** Deleting records and bringing them back. `strike` refuses a write to the record of these keys on demand. */
export const createDeleting = ({
  schema,
  stamps,
  strike,
}: {
  readonly schema: Schema
  readonly stamps: Writing['stamps']
  readonly strike: (draft: Draft, keys: readonly string[]) => void
}): Pick<Writing, 'remove' | 'restore'> => {
  const remove: Writing['remove'] = (draft, object, id) => {
    const before = draft.get(id)
    strike(draft, [id, ...(before ? schema.keyValues(object, before) : [])])
    if (!before) throw invalidCrossReference()
    if (!isLive(before)) throw entityIsDeleted()
    if (!object.deletable) throw refused('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id')
    draft.put({ ...before, ...stamps(draft), Id: id, IsDeleted: true }, { operation: 'delete', properties: {} })
    for (const { object: name, field } of CHILDREN[object.name] ?? []) {
      const type = schema.object(name)
      if (!type) continue
      for (const { Id } of draft.children(name, field, id)) {
        remove(draft, type, Id)
        const gone = draft.get(Id)
        if (gone) draft.put({ ...gone, [DELETED_WITH]: id, Id })
      }
    }
  }
  const restore: Writing['restore'] = (draft, object, id) => {
    const before = draft.get(id)
    if (!before) throw invalidCrossReference()
    if (isLive(before)) throw notInRecycleBin()
    const { [DELETED_WITH]: _, ...kept } = before
    const merged = object.mergeable ? { MasterRecordId: null } : {}
    const references = standingReferences(schema, draft, object, before)
    const row: Row = { ...kept, ...references, ...merged, ...stamps(draft), Id: id, IsDeleted: false }
    assertUnique(schema, draft, object, row)
    draft.put(withDerived(object.name, row, draft, String(row['SystemModstamp'])), {
      operation: 'restore',
      properties: {},
    })
    for (const { object: name } of CHILDREN[object.name] ?? []) {
      const type = schema.object(name)
      if (type) for (const child of draft.deletedWith(name, id)) restore(draft, type, child.Id)
    }
    return draft.get(id) ?? row
  }
  return { remove, restore }
}

/** What a record in the recycle bin referred to may be gone meanwhile: who was merged or converted is followed, the rest is left out. */
const standingReferences = (schema: Schema, draft: Draft, object: SObjectType, row: Row): Values => {
  const references = schema.fields(object).filter(({ type, access }) => type === 'reference' && access !== 'read')
  const held = references.filter(({ name }) => typeof row[name] === 'string')
  return Object.fromEntries(held.map(({ name }) => [name, standing(draft, String(row[name]))]))
}

const standing = (draft: Draft, id: string): string | null => {
  const row = draft.get(id)
  if (!row) return null
  if (isLive(row))
    return typeof row['ConvertedContactId'] === 'string' ? standing(draft, row['ConvertedContactId']) : id
  return typeof row['MasterRecordId'] === 'string' ? standing(draft, row['MasterRecordId']) : null
}
