import type { Clock } from '../../../runtime/clock.ts'
import { convertedLead, entityIsDeleted, invalidCrossReference, missingArgument, refused } from '../errors.ts'
import type { RowFaults } from '../row-faults.ts'
import type { Field, Value } from '../schema/fields.ts'
import { CHILDREN, type SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { withDerived } from './derived.ts'
import { assertNoDuplicate } from './duplicates.ts'
import { type Draft, isLive, type Records, type Row, type Values } from './records.ts'
import { salesforceTime } from './times.ts'
import { checkedValues } from './values.ts'

/** Salesforce's rules for a write to one record. Every function changes the draft only, and throws a SalesforceRefusal. */
export interface Writing {
  create(draft: Draft, object: SObjectType, values: Values, options?: WriteOptions): Row
  /** The id is one of this object's, in 18 characters. */
  update(draft: Draft, object: SObjectType, id: string, values: Values, options?: WriteOptions): Row
  /** Finds by an external id; creates what is not there. */
  upsert(
    draft: Draft,
    object: SObjectType,
    key: { readonly field: Field; readonly value: Value },
    values: Values,
    options?: WriteOptions,
  ): Upserted
  /** Deletes the record and what hangs on it. */
  remove(draft: Draft, object: SObjectType, id: string): void
  /** What every change of a record leaves on it. */
  stamps(): Values
}

export interface WriteOptions {
  /** Saves in spite of the duplicate rule. */
  readonly allowDuplicates?: boolean
  /** Refuses to create. */
  readonly updateOnly?: boolean
}

export type Upserted =
  | { readonly row: Row; readonly created: boolean }
  /** Several records hold the external id, or none and none may be created. */
  | { readonly candidates: readonly Row[] }

export interface WritingParts {
  readonly schema: Schema
  readonly records: Records
  readonly clock: Clock
  readonly rowFaults: RowFaults
  /** The user whose session writes. */
  readonly userId: string
  readonly duplicateRules: boolean
}

export const createWriting = (parts: WritingParts): Writing => {
  const { clock, userId, rowFaults, schema } = parts
  const stamps = (): Values => {
    const now = salesforceTime(clock.now())
    return { LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now }
  }
  const create: Writing['create'] = (draft, object, values, options = {}) => {
    rowFaults.strike(keysIn(schema, object, values))
    const checked = checkedValues(schema, object, values, true)
    const stamped = stamps()
    const row: Row = {
      ...defaults(schema, object, userId),
      ...checked,
      CreatedDate: stamped['SystemModstamp'] ?? null,
      CreatedById: userId,
      ...stamped,
      Id: draft.nextId(object),
    }
    save(parts, draft, object, row, { operation: 'create', properties: checked }, options)
    return row
  }
  const update: Writing['update'] = (draft, object, id, values, options = {}) => {
    const before = draft.get(id)
    rowFaults.strike([id, ...keysIn(schema, object, before ?? values)])
    if (!before) throw invalidCrossReference()
    if (!isLive(before)) throw entityIsDeleted()
    if (before['IsConverted'] === true) throw convertedLead()
    const checked = checkedValues(schema, object, values, false)
    const row: Row = { ...before, ...checked, ...stamps(), Id: id }
    save(parts, draft, object, row, { operation: 'update', properties: checked }, options)
    return row
  }
  const remove: Writing['remove'] = (draft, object, id) => {
    const before = draft.get(id)
    rowFaults.strike([id, ...(before ? keysIn(schema, object, before) : [])])
    if (!before) throw invalidCrossReference()
    if (!isLive(before)) throw entityIsDeleted()
    if (!object.deletable) throw refused('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id')
    draft.put({ ...before, ...stamps(), Id: id, IsDeleted: true }, { operation: 'delete', properties: {} })
    for (const child of CHILDREN[object.name] ?? []) {
      const type = schema.object(child.object)
      for (const row of draft.children(child.object, child.field, id)) if (type) remove(draft, type, row.Id)
    }
  }
  return {
    create,
    update,
    remove,
    stamps,
    upsert: (draft, object, { field, value }, values, options = {}) => {
      if (value === null) throw missingArgument(`${field.name} not specified`)
      const candidates = draft.findBy(object, field, String(value))
      const [found] = candidates
      if (candidates.length > 1 || (!found && options.updateOnly)) return { candidates }
      if (found) return { row: update(draft, object, found.Id, values, options), created: false }
      return { row: create(draft, object, { ...values, [field.name]: value }, options), created: true }
    },
  }
}

const keysIn = (schema: Schema, object: SObjectType, values: Values): string[] =>
  schema.keys(object).flatMap(({ name }) => (typeof values[name] === 'string' ? [values[name]] : []))

const defaults = (schema: Schema, object: SObjectType, userId: string): Values => {
  const fields = schema.fields(object)
  const values = fields.map(({ name, defaultValue }) => [name, name === 'OwnerId' ? userId : defaultValue])
  return Object.fromEntries(values.filter(([, value]) => value !== null))
}

const save = (
  { schema, records, duplicateRules, clock }: WritingParts,
  draft: Draft,
  object: SObjectType,
  row: Row,
  applied: { readonly operation: 'create' | 'update'; readonly properties: Values },
  { allowDuplicates = false }: WriteOptions,
): void => {
  assertReferences(schema, draft, object, applied.properties)
  if (object.name === 'Task') assertRelation(row)
  assertUnique(schema, draft, object, row)
  if (duplicateRules && !allowDuplicates) assertNoDuplicate(records, object, row, applied.properties)
  draft.put(withDerived(object.name, row, draft, salesforceTime(clock.now())), applied)
}

const assertReferences = (schema: Schema, draft: Draft, object: SObjectType, written: Values): void => {
  for (const { name, type } of schema.fields(object)) {
    const id = written[name]
    if (type !== 'reference' || typeof id !== 'string') continue
    const referred = draft.get(id)
    if (!referred) throw invalidCrossReference()
    if (!isLive(referred)) throw entityIsDeleted(400)
    if (referred['IsConverted'] === true) throw convertedLead()
  }
}

/** The wording is not known; that a lead's task has no other relation is. */
const assertRelation = ({ WhoId, WhatId }: Row): void => {
  if (!String(WhoId).startsWith('00Q') || (WhatId ?? null) === null) return
  throw refused('FIELD_INTEGRITY_EXCEPTION', 'Related To ID: a task of a lead cannot be related to another record', [
    'WhatId',
  ])
}

const assertUnique = (schema: Schema, draft: Draft, object: SObjectType, row: Row): void => {
  for (const field of schema.keys(object)) {
    const value = row[field.name]
    if (!field.unique || typeof value !== 'string') continue
    const holder = draft.findBy(object, field, value).find(one => one.Id !== row.Id)
    if (holder)
      throw refused(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${holder.Id}`,
      )
  }
}
