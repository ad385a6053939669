import type { Task } from '../../schemas/generated.ts'
import type { FieldValue, Person } from '../../topology/define.ts'
import type { Value } from '../shared-fields/plan.ts'
import type { HubSpotTaskFields } from '../sinks/hubspot/objects.ts'
import type { SalesforceActivityFields } from '../sinks/salesforce/objects.ts'
import { momentOn } from './due.ts'
import { linkOf } from './fields.ts'
import { spellHubSpot } from './hubspot.ts'
import type { TaskAsked } from './link.ts'
import type { TaskMapping } from './mapping.ts'
import { addressOf, nameOf } from './reading.ts'
import { spellSalesforce } from './salesforce.ts'

/** What leads to a write. */
export interface Around {
  readonly event: Task
  readonly person: Person | null
  readonly mapping: TaskMapping
}

/** Whether somebody has a record in both CRMs, so that a task on them can be in both. */
export const isInBoth = (person: Person): boolean =>
  recordIn(person, hubspotAliases) !== undefined && recordIn(person, salesforceAliases) !== undefined

const hubspotAliases = ['hubspot:contact:']
/** A contact before a lead. */
const salesforceAliases = ['salesforce:contact:', 'salesforce:lead:']

/** The id of the person's record: of the first kind that they have, the earliest claimed. */
const recordIn = ({ aliases }: Person, prefixes: readonly string[]): string | undefined =>
  prefixes.flatMap(prefix => {
    const alias = aliases.find(one => one.startsWith(prefix))
    return alias === undefined ? [] : [alias.slice(prefix.length)]
  })[0]

/** What is asked of the task in Salesforce, as its sink takes it. */
export const salesforceFields = (asked: TaskAsked, around: Around): Partial<SalesforceActivityFields> => {
  const { event, mapping } = around
  const link = linkOf(event)
  const spelled = asked.values.flatMap(({ field: { name }, value }): readonly (readonly [string, FieldValue])[] => {
    if (name === 'owner') return []
    if (name === 'who') return who('WhoId', salesforceAliases, { value, whole: asked.whole }, around)
    if (name === 'company') return [['WhatId', value]]
    if (name === 'others') return [['OtherWhoIds', value]]
    if (name === 'deleted') return [['IsDeleted', value]]
    const spell = spellSalesforce[name]
    return spell ? [spell(value, link, mapping)] : []
  })
  return Object.fromEntries([...spelled, ...owners('OwnerId', asked, event)])
}

/** What is asked of the task in HubSpot, as its sink takes it. A task there has a day. */
export const hubspotFields = (asked: TaskAsked, around: Around): Partial<HubSpotTaskFields> => {
  const { event, mapping } = around
  const spelled = asked.values.flatMap(({ field: { name }, value }): readonly (readonly [string, FieldValue])[] => {
    if (name === 'owner') return []
    if (name === 'who') return who('contact', hubspotAliases, { value, whole: asked.whole }, around)
    if (name === 'company') return [['company', value]]
    if (name === 'deleted') return [['deleted', value]]
    return spellHubSpot[name]?.(value, mapping) ?? []
  })
  const fields = Object.fromEntries([...spelled, ...owners('hubspot_owner_id', asked, event)])
  return asked.whole && !Object.hasOwn(fields, 'hs_timestamp')
    ? { ...fields, hs_timestamp: new Date(dayless(event, mapping)).toISOString() }
    : fields
}

/** When a task is due that has no day: on the day on which it was made. */
const dayless = ({ createdAt, occurredAt }: Task, { due: { time, timeZone } }: TaskMapping): number =>
  momentOn(new Date(createdAt ?? occurredAt).toISOString().slice(0, 10), time, timeZone)

/** T6: the owner of the activity, else that of the person's record, else whom the CRM takes. */
const owners = (
  column: string,
  asked: TaskAsked,
  { recordOwner }: Task,
): readonly (readonly [string, FieldValue])[] => {
  const owner = asked.values.find(({ field }) => field.name === 'owner')
  if (!owner && !asked.whole) return []
  const addresses = [owner?.value ?? null, addressOf(recordOwner)].filter(one => one !== null)
  if (addresses.length > 0) return [[column, [...new Set(addresses)].join(' ')]]
  return owner ? [[column, null]] : []
}

/** The record of whom it is on. Of somebody else than the event's person nothing is known here; a task that is made is on that person then, and what is told of it next mends it. */
const who = (
  column: string,
  prefixes: readonly string[],
  { value, whole }: { readonly value: Value; readonly whole: boolean },
  { person }: Around,
): readonly (readonly [string, FieldValue])[] => {
  if (value === null) return [[column, null]]
  const record = person && (whole || nameOf(person) === value) ? recordIn(person, prefixes) : undefined
  return record === undefined ? [] : [[column, record]]
}
