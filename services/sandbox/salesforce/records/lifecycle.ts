import { convertedLead, entityIsDeleted, invalidCrossReference, invalidField, refused } from '../errors.ts'
import { CHILDREN, type SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { normalizedId, prefixOf } from './ids.ts'
import { type Draft, isLive, type Row } from './records.ts'
import type { Writing } from './writing.ts'

const MERGED_AT_MOST = 3
const YEAR_MS = 365 * 86_400_000

/** What users do to records in Salesforce's pages and no REST call does. Every function changes the draft only. */
export interface Lifecycle {
  /** The losers are deleted and name the master; what referred to them refers to the master. Up to three records of one object. */
  merge(draft: Draft, master: string, losers: readonly string[]): Row
  /** Makes a contact of a lead, or gives the lead's tasks to an existing one. Returns the contact. */
  convert(draft: Draft, lead: string, contact?: string | undefined): Row
  /** What Salesforce does at night: closed tasks of more than a year ago are archived. Returns how many. */
  archive(draft: Draft, tasks: Iterable<Row>, now: number): number
}

export const createLifecycle = (schema: Schema, writing: Writing): Lifecycle => {
  const existing = (draft: Draft, id: string): { row: Row; object: SObjectType } => {
    const row = draft.get(normalizedId(id.trim()) ?? id)
    const object = row && schema.objectOfPrefix(prefixOf(row.Id))
    if (!row || !object) throw invalidCrossReference()
    if (!isLive(row)) throw entityIsDeleted()
    return { row, object }
  }
  const objectNamed = (name: string): SObjectType => {
    const object = schema.object(name)
    if (!object) throw invalidField(`No object ${name}`)
    return object
  }
  const moveChildren = (draft: Draft, { object, row }: { object: SObjectType; row: Row }, to: Row): void => {
    for (const child of CHILDREN[object.name] ?? [])
      for (const one of draft.children(child.object, child.field, row.Id)) {
        const moved = { ...one, ...writing.stamps(draft), Id: one.Id, [child.field]: to.Id }
        const ofContact = child.field === 'WhoId' ? { AccountId: to['AccountId'] ?? null } : {}
        draft.put({ ...moved, ...ofContact }, { operation: 'update', properties: { [child.field]: to.Id } })
      }
  }
  return {
    merge: (draft, masterId, loserIds) => {
      const master = existing(draft, masterId)
      const losers = loserIds.map(id => existing(draft, id))
      const all = new Set([master.row.Id, ...losers.map(({ row }) => row.Id)])
      const alike = losers.every(({ object }) => object === master.object) && master.object.mergeable
      if (!alike || all.size !== losers.length + 1 || all.size < 2 || all.size > MERGED_AT_MOST)
        throw refused(
          'INVALID_INPUT',
          `Two or three different records of one object (Account, Contact, Lead) can be merged`,
        )
      for (const loser of losers) {
        const gone = { IsDeleted: true, MasterRecordId: master.row.Id }
        draft.put(
          { ...loser.row, ...writing.stamps(draft), Id: loser.row.Id, ...gone },
          { operation: 'merge', properties: gone },
        )
        moveChildren(draft, loser, master.row)
      }
      const survivor: Row = { ...master.row, ...writing.stamps(draft), Id: master.row.Id }
      draft.put(survivor, { operation: 'merge', properties: {} })
      return survivor
    },
    convert: (draft, leadId, contactId) => {
      const lead = existing(draft, leadId)
      if (lead.object.name !== 'Lead') throw invalidCrossReference()
      if (lead.row['IsConverted'] === true) throw convertedLead()
      const contact = contactId ? existing(draft, contactId).row : madeContact(draft, lead.row)
      if (prefixOf(contact.Id) !== objectNamed('Contact').prefix) throw invalidCrossReference()
      const stamps = writing.stamps(draft)
      const converted = {
        IsConverted: true,
        Status: 'Closed - Converted',
        ConvertedDate: String(stamps['SystemModstamp']).slice(0, 10),
        ConvertedContactId: contact.Id,
        ConvertedAccountId: contact['AccountId'] ?? null,
      }
      draft.put(
        { ...lead.row, ...stamps, Id: lead.row.Id, ...converted },
        { operation: 'convert', properties: converted },
      )
      moveChildren(draft, lead, contact)
      return draft.get(contact.Id) ?? contact
    },
    archive: (draft, tasks, now) => {
      const old = [...tasks].filter(row => isYearOld(row, now))
      const archived = { IsArchived: true }
      for (const row of old)
        draft.put({ ...row, ...archived, Id: row.Id }, { operation: 'archive', properties: archived })
      return old.length
    },
  }

  function madeContact(draft: Draft, lead: Row): Row {
    const owner = { OwnerId: lead['OwnerId'] ?? null }
    const account = writing.create(draft, objectNamed('Account'), { ...owner, Name: lead['Company'] ?? null })
    const taken = ['FirstName', 'LastName', 'Salutation', 'Email', 'Phone', 'MobilePhone', 'Title', 'LeadSource']
    const values = taken.filter(name => (lead[name] ?? null) !== null).map(name => [name, lead[name] ?? null])
    const options = { allowDuplicates: true }
    return writing.create(
      draft,
      objectNamed('Contact'),
      { ...Object.fromEntries(values), ...owner, AccountId: account.Id },
      options,
    )
  }
}

/** By the day it was due, without one by that of its creation. */
const isYearOld = (task: Row, now: number): boolean =>
  isLive(task) &&
  task['IsClosed'] === true &&
  task['IsArchived'] !== true &&
  String(task['ActivityDate'] ?? task['CreatedDate']).slice(0, 10) <= new Date(now - YEAR_MS).toISOString().slice(0, 10)
