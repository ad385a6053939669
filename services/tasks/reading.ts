import type { Task } from '../../schemas/generated.ts'
import type { Person } from '../../topology/define.ts'
import type { Value } from '../shared-fields/plan.ts'
import type { Reading, ToldValue } from '../shared-fields/reading.ts'
import { companyOf } from './companies.ts'
import type { TaskFieldName } from './fields.ts'
import { linkOf } from './fields.ts'
import { readHubSpot } from './hubspot.ts'
import type { TaskMapping } from './mapping.ts'
import { readSalesforce } from './salesforce.ts'

/** What an event says of one field, and when that was changed by whom, as far as the system tells it. */
interface Told {
  readonly value: Value
  readonly change?: { readonly at: number; readonly ours: boolean } | undefined
  /** Whether no system keeps a history of it: then an empty one may have been emptied just now. */
  readonly hasNoHistory?: true
}

/** By whom a person is known in rows of tasks: an alias, so that their erasure finds the row. */
export const nameOf = (person: Person): string => person.aliases[0] ?? `person:${person.id}`

/** What is known besides the event. */
export interface Known {
  /** Whom the task is on; null for nobody. */
  readonly person: Person | null
  /** How the link spells companies. */
  readonly companies: readonly string[]
}

/** An event in the words of the link. */
export const readingOf = (event: Task, known: Known, mapping: TaskMapping): Reading => {
  const { eventId, occurredAt, receivedAt, record, system: side } = event
  const told = event.change === 'DELETED' ? { deleted: { value: true } } : valuesOf(event, known, mapping)
  return {
    ...{ eventId, occurredAt, receivedAt, record, side, since: receivedAt, gone: false, arrival: null },
    values: Object.fromEntries(Object.entries(told).map(([name, one]) => [name, toldValue(event, one)])),
  }
}

type AllTold = Readonly<Partial<Record<TaskFieldName, Told>>>

const valuesOf = (event: Task, { person, companies }: Known, mapping: TaskMapping): AllTold => {
  const company = companyOf(event.related, companies)
  return {
    ...(event.system === 'HUBSPOT' ? ofHubSpot(event, mapping) : ofSalesforce(event, mapping)),
    ...(person || event.people.length === 0 ? { who: { value: person ? nameOf(person) : null } } : {}),
    ...(event.others === null ? {} : { others: { value: contactIds(event.others), hasNoHistory: true } }),
    ...(company === undefined ? {} : { company: { value: company, hasNoHistory: true } }),
    deleted: { value: false },
  }
}

/** Contacts in Salesforce by their ids, always in the same order; a lead shares a task with nobody. */
const contactIds = (aliases: readonly string[]): string | null => {
  const prefix = 'salesforce:contact:'
  const ids = aliases.flatMap(alias => (alias.startsWith(prefix) ? alias.slice(prefix.length) : []))
  return ids.length === 0 ? null : ids.toSorted().join(' ')
}

/** Who it was never assigned to says nothing: the copy of a task whose owner is unknown here must not unassign it there. */
const ofHubSpot = (event: Task, mapping: TaskMapping): AllTold => {
  const assigned = event.changes[ownerProperty]
  const owner = event.owner !== null || assigned ? { owner: { value: addressOf(event.owner), change: assigned } } : {}
  const read = Object.entries(readHubSpot(event, mapping)).map(([name, { property, value }]) => [
    name,
    { value, change: event.changes[property] },
  ])
  return { ...Object.fromEntries(read), ...owner }
}

const ownerProperty = 'hubspot_owner_id'

/** A task of the integration user, or of a queue, is nobody's. */
const ofSalesforce = (event: Task, mapping: TaskMapping): AllTold => {
  const owner = event.owner === null ? {} : { owner: { value: addressOf(event.owner) } }
  const read = Object.entries(readSalesforce(event, linkOf(event), mapping)).map(([name, value]) => [name, { value }])
  return { ...Object.fromEntries(read), ...owner }
}

/** The address that an alias holds. */
export const addressOf = (alias: string | null): string | null =>
  alias?.startsWith('email:') ? alias.slice('email:'.length) : null

const toldValue = (event: Task, { value, change, hasNoHistory }: Told): ToldValue => {
  const { eventId, occurredAt, receivedAt, changes, createdAt, ours } = event
  const tellsEach = Object.keys(changes).length > 0
  const never = tellsEach && value === null && !hasNoHistory ? (createdAt ?? occurredAt) : occurredAt
  const at = Math.min(change?.at ?? never, receivedAt)
  const byUs = change ? (change.ours ? 'surely' : 'no') : ours && !tellsEach ? 'perhaps' : undefined
  return {
    ...{ value, occurredAt: at, receivedAt, eventId, change: change !== undefined },
    ...(byUs === undefined ? {} : { ours: byUs }),
  }
}
