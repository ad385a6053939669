import type { LinkedRecord, Task } from '../../schemas/generated.ts'
import type { Person } from '../../topology/define.ts'
import { type Asked, allFor, askedBy } from '../shared-fields/asked.ts'
import { type Link, withReading } from '../shared-fields/link.ts'
import type { LinkPlan, Side, Systems } from '../shared-fields/plan.ts'
import { companiesIn } from './companies.ts'
import { fieldsOf, linkOf, type TaskField } from './fields.ts'
import type { TaskMapping } from './mapping.ts'
import { readingOf } from './reading.ts'
import { heldBySalesforce } from './salesforce.ts'
import { htmlOfText, plainText, textOfHtml } from './texts.ts'

/** What is asked of one side. */
export interface TaskAsked extends Asked<TaskField> {
  /** Whether it is all that is known, to make the copy of. */
  readonly whole: boolean
}

/** What the link of a task is after an event, and what the event led to. */
export interface Linked {
  readonly row: Link
  readonly asked: readonly TaskAsked[]
}

/**
 * A task in one CRM and its copy in the other hold the same. Both records take part from the first event on: the copy has no id until it is told, and whatever is asked of it then is all
 * that is known, so that it is made whole. A copy that was deleted and made anew has another id.
 */
export const withTask = (row: Link | undefined, event: Task, person: Person | null, mapping: TaskMapping): Linked => {
  const seated = seatedBy(row, event)
  if (!seated) return { row: row ?? emptyLink, asked: [] }
  const link = linkOf(event)
  const plan = planOf(link, mapping)
  const known = event.change === 'DELETED' ? wasThere(seated, event) : seated
  const after = withReading(known, readingOf(event, { person, companies: companiesIn(known) }, mapping), plan)
  const asked = askedBy(after, event.eventId, plan.fields).flatMap(one => wholeIfNew(after, one, plan))
  return { row: after, asked: [...asked, ...(asked.some(isAnew) ? missedBy(after, event, plan) : [])] }
}

const emptyLink: Link = { records: [], fields: {} }

/** The link with the event's record in its seat; undefined when the record is none of the link any more: a deleted one whose place another took. */
const seatedBy = (row: Link | undefined, { system, record, change, occurredAt }: Task): Link | undefined => {
  const { fields, records } = row ?? { ...emptyLink, records: bothSides }
  const present = records.find(({ side }) => side === system)
  const isOther = present !== undefined && present.record !== '' && present.record !== record
  const seated = (changes: Partial<LinkedRecord>): Link => ({
    fields,
    records: records.map(one => (one.side === system ? { ...one, record, ...changes } : one)),
  })
  if (!present || !isOther) return seated({})
  const { deleted, ...values } = present.values
  if (deleted !== undefined && occurredAt <= deleted.occurredAt) return undefined
  if (change !== 'DELETED') return seated({})
  // One that was made anew and deleted at once is told as deleted only.
  return deleted?.value === true ? seated({ values }) : undefined
}

/** What is told as deleted only was there before: the write that made it has arrived. */
const wasThere = ({ fields, records }: Link, { system }: Task): Link => {
  const made = (fields['deleted']?.asked ?? []).filter(
    ({ value, told }) => value === false && told.includes(system.toLowerCase()),
  )
  const deleted = { value: false, occurredAt: 0, receivedAt: 0, eventId: '', settled: made.at(-1)?.askedAt ?? 0 }
  return {
    fields,
    records: records.map(one => (one.side === system ? { ...one, values: { deleted, ...one.values } } : one)),
  }
}

const seat = (side: Side): LinkedRecord => ({
  ...{ side, record: '', since: 0, joined: true, values: {} },
  presence: { here: true, occurredAt: 0, receivedAt: 0, eventId: '' },
})
const bothSides: readonly LinkedRecord[] = [seat('HUBSPOT'), seat('SALESFORCE')]

interface TaskPlan extends LinkPlan {
  readonly fields: readonly TaskField[]
}

export const planOf = (link: string, mapping: TaskMapping): TaskPlan => ({
  fields: fieldsOf(link, mapping),
  systems: systemsOf(link, mapping),
  partners: 'all',
})

const systemsOf = (link: string, mapping: TaskMapping): Systems => ({
  targetOf: ({ side }) => side.toLowerCase(),
  sideOf: target => (target === 'hubspot' ? 'HUBSPOT' : 'SALESFORCE'),
  writesUnseen: () => true,
  heldAs: ({ name }: TaskField, side, value) => {
    if (side === 'SALESFORCE') return heldBySalesforce(name, value, link, mapping)
    if (name === 'body' && value !== null) return textOfHtml(htmlOfText(String(value)))
    return name === 'subject' ? plainText(value) : value
  },
})

const isAnew = ({ whole, values }: TaskAsked): boolean =>
  whole && values.some(({ field, value }) => field.name === 'deleted' && value === false)

/** What was settled while a task was deleted was not written to it: once it is restored, it is. */
const missedBy = (link: Link, { system }: Task, plan: TaskPlan): readonly TaskAsked[] => {
  const record = link.records.find(({ side }) => side === system)
  const all = allFor(link, plan.systems.targetOf({ side: system, record: '' }), plan)
  const values = (all?.values ?? []).filter(({ field, value }) => {
    const seen = record?.values[field.name]
    return seen !== undefined && seen.value !== value
  })
  return all && values.length > 0 ? [{ ...all, values, whole: false }] : []
}

/** A copy is made as soon as it is known whom it is on, and made whole; so is one that was deleted. While it is deleted nothing else is asked. */
const wholeIfNew = (link: Link, asked: Asked<TaskField>, plan: TaskPlan): readonly TaskAsked[] => {
  const copy = link.records.find(({ side }) => side.toLowerCase() === asked.target)
  const isNew = copy?.record === ''
  const isGoneForAll = link.fields['deleted']?.agreed.value === true
  const isNowhere = (link.fields['who']?.agreed.value ?? null) === null
  const removal = asked.values.filter(({ field }) => field.name === 'deleted')
  if (isGoneForAll) return removal.length === 0 ? [] : [{ ...asked, values: removal, whole: false }]
  if (isNew && isNowhere) return []
  const isBack = removal.some(({ value }) => value === false)
  const isPlaced = asked.values.some(({ field }) => field.name === 'who')
  // What we deleted may not have been told as deleted yet.
  const isGone = copy?.values['deleted']?.value === true || isAskedToGo(link, asked.target)
  const whole = (isNew && (isPlaced || isBack)) || (isBack && isGone)
  const { values } = (whole ? allFor(link, asked.target, plan) : undefined) ?? asked
  // By its own revision: what was asked before is not asked again when an event is repeated.
  return [{ ...asked, values, whole }]
}

const isAskedToGo = ({ fields }: Link, target: string): boolean =>
  (fields['deleted']?.asked ?? []).some(({ value, told }) => value === true && told.includes(target))
