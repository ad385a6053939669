import type { Clock } from '../../../runtime/clock.ts'
import {
  convertedLead,
  entityIsDeleted,
  inactiveOwner,
  invalidCrossReference,
  missingArgument,
  refused,
} from '../errors.ts'
import type { RowFaults } from '../row-faults.ts'
import type { Field, Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { createDeleting } from './deleting.ts'
import { withDerived } from './derived.ts'
import { assertNoDuplicate, assertUnique } from './duplicates.ts'
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
  /** Brings a deleted record back with what was deleted along with it. The API of REST has no such call. */
  restore(draft: Draft, object: SObjectType, id: string): Row
  /** What every change of a record leaves on it. */
  stamps(draft: Draft): Values
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
  readonly duplicateRules: boolean
}

export const createWriting = (parts: WritingParts): Writing => {
  const { clock, rowFaults, schema } = parts
  const stamps: Writing['stamps'] = ({ author }) => {
    const at = salesforceTime(author.since ?? clock.now())
    return { LastModifiedDate: at, LastModifiedById: author.userId, SystemModstamp: at }
  }
  const strike = ({ author }: Draft, keys: readonly string[]): void => {
    if (!author.byHand) rowFaults.strike(keys)
  }
  const create: Writing['create'] = (draft, object, values, options = {}) => {
    strike(draft, schema.keyValues(object, values))
    const checked = checkedValues(schema, object, values, true)
    const stamped = stamps(draft)
    const row: Row = {
      ...defaults(schema, object, draft.author.userId),
      ...checked,
      CreatedDate: stamped['SystemModstamp'] ?? null,
      CreatedById: draft.author.userId,
      ...stamped,
      Id: draft.nextId(object),
    }
    save(parts, draft, object, row, { operation: 'create', properties: checked }, options)
    return row
  }
  const update: Writing['update'] = (draft, object, id, values, options = {}) => {
    const before = draft.get(id)
    strike(draft, [id, ...schema.keyValues(object, before ?? values)])
    if (!before) throw invalidCrossReference()
    if (!isLive(before)) throw entityIsDeleted()
    if (before['IsConverted'] === true) throw convertedLead()
    const checked = checkedValues(schema, object, values, false)
    const row: Row = { ...before, ...checked, ...stamps(draft), Id: id }
    save(parts, draft, object, row, { operation: 'update', properties: checked }, options)
    return row
  }
  return {
    create,
    update,
    ...createDeleting({ schema, stamps, strike }),
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

const defaults = (schema: Schema, object: SObjectType, userId: string): Values => {
  const fields = schema.fields(object)
  const values = fields.map(({ name, defaultValue }) => [name, name === 'OwnerId' ? userId : defaultValue])
  return Object.fromEntries(values.filter(([, value]) => value !== null))
}

const save = (
  { schema, records, duplicateRules }: WritingParts,
  draft: Draft,
  object: SObjectType,
  row: Row,
  applied: { readonly operation: 'create' | 'update'; readonly properties: Values },
  { allowDuplicates = false }: WriteOptions,
): void => {
  assertReferences(schema, draft, object, applied.properties)
  assertActiveOwner(draft, object, row)
  if (object.name === 'Task') assertRelation(row)
  if (object.name === 'TaskRelation') assertShared(draft, row)
  assertUnique(schema, draft, object, row)
  if (duplicateRules && !allowDuplicates) assertNoDuplicate(records, object, row, applied.properties)
  draft.put(withDerived(object.name, row, draft, String(row['SystemModstamp'])), applied)
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

/** A record may keep an owner who became inactive, but not get one who is. */
const assertActiveOwner = (draft: Draft, { name }: SObjectType, { Id, OwnerId }: Row): void => {
  if (typeof OwnerId !== 'string' || draft.get(Id)?.['OwnerId'] === OwnerId) return
  if (draft.get(OwnerId)?.['IsActive'] === false) throw inactiveOwner(OwnerId, name)
}

/** The wording is not known; that a lead's task has no other relation is. */
const assertRelation = ({ WhoId, WhatId }: Row): void => {
  if (!String(WhoId).startsWith('00Q') || (WhatId ?? null) === null) return
  throw refused('FIELD_INTEGRITY_EXCEPTION', 'Related To ID: a task of a lead cannot be related to another record', [
    'WhatId',
  ])
}

const MOST_CONTACTS = 50

/** A task is on one lead or on up to 50 contacts, on each once. The wordings are not known, nor the code of a repetition. */
const assertShared = (draft: Draft, { Id, TaskId, RelationId }: Row): void => {
  const isPerson = (id: unknown): boolean => /^(?:003|00Q)/.test(String(id))
  const others = draft.children('TaskRelation', 'TaskId', String(TaskId)).filter(row => row.Id !== Id)
  if (others.some(row => row['RelationId'] === RelationId))
    throw refused('DUPLICATE_VALUE', 'duplicate value found: the task has this relation', ['RelationId'])
  const related = [draft.get(String(TaskId))?.['WhoId'], RelationId, ...others.map(row => row['RelationId'])]
  const people = new Set(related.filter(isPerson))
  const isOfLead = [...people].some(id => String(id).startsWith('00Q'))
  if (people.size > (isOfLead ? 1 : MOST_CONTACTS))
    throw refused('FIELD_INTEGRITY_EXCEPTION', 'A task can be related to one lead or up to 50 contacts', ['RelationId'])
}
