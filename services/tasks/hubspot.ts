import type { Activity, Task } from '../../schemas/generated.ts'
import type { FieldValue } from '../../topology/define.ts'
import type { Value } from '../shared-fields/plan.ts'
import { dayOf, momentOn } from './due.ts'
import type { TaskFieldName } from './fields.ts'
import type { TaskMapping } from './mapping.ts'
import { htmlOfText, plainText, textOfHtml } from './texts.ts'

type Read = (value: FieldValue, mapping: TaskMapping) => Value
interface Property {
  readonly property: string
  readonly read: Read
}

const oneOf =
  (...values: readonly string[]): Read =>
  value => {
    const name = String(value ?? '').toUpperCase()
    return values.includes(name) ? name : (values[0] ?? null)
  }
const subject = (property: string): Property => ({ property, read: plainText })
const body = (property: string): Property => ({ property, read: textOfHtml })
const due: Property = { property: 'hs_timestamp', read: (value, mapping) => dayOf(value, mapping.due.timeZone) }

/** What became of a meeting that is still to be held. */
const ahead: ReadonlySet<string> = new Set(['SCHEDULED', 'RESCHEDULED'])
const held: Property = {
  property: 'hs_meeting_outcome',
  read: value => (ahead.has(String(value ?? '').toUpperCase()) ? 'NOT_STARTED' : 'COMPLETED'),
}
const happened: Property = { property: 'hs_timestamp', read: () => 'COMPLETED' }
const firstLine: Property = { property: 'hs_note_body', read: value => textOfHtml(value)?.split('\n')[0] ?? null }
/** That of Salesforce comes from the mapping. */
const typed: Property = { property: 'hs_object_id', read: () => 'ACTIVITY' }

const statuses = oneOf('NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED')
const priorities = oneOf('NONE', 'LOW', 'MEDIUM', 'HIGH')
const types = oneOf('TODO', 'CALL', 'EMAIL')

/** Where HubSpot keeps each field, by the type of activity. */
const properties: Readonly<Partial<Record<Activity, Readonly<Partial<Record<TaskFieldName, Property>>>>>> = {
  TASK: {
    subject: subject('hs_task_subject'),
    body: body('hs_task_body'),
    status: { property: 'hs_task_status', read: statuses },
    priority: { property: 'hs_task_priority', read: priorities },
    type: { property: 'hs_task_type', read: types },
    due,
  },
  CALL: { subject: subject('hs_call_title'), body: body('hs_call_body'), status: happened, type: typed, due },
  NOTE: { subject: firstLine, body: body('hs_note_body'), status: happened, type: typed, due },
  MEETING: { subject: subject('hs_meeting_title'), body: body('hs_meeting_body'), status: held, type: typed, due },
  MARKETING_EVENT: {
    ...{ subject: subject('name'), body: { property: 'url', read: plainText }, type: typed },
    status: { property: 'occurredAt', read: () => 'COMPLETED' },
    due: { property: 'occurredAt', read: (value, mapping) => dayOf(value, mapping.due.timeZone) },
  },
  EMAIL: { subject: subject('hs_email_subject'), body: body('hs_email_text'), status: happened, type: typed, due },
}

/** A field as HubSpot tells it, and the property that it is in. */
export interface HubSpotValue {
  readonly property: string
  readonly value: Value
}

/** What HubSpot tells of a task or activity, by field. */
export const readHubSpot = (
  { activity, fields }: Pick<Task, 'activity' | 'fields'>,
  mapping: TaskMapping,
): Readonly<Partial<Record<TaskFieldName, HubSpotValue>>> =>
  Object.fromEntries(
    Object.entries(properties[activity] ?? {}).flatMap(([name, { property, read }]) =>
      Object.hasOwn(fields, property) || property === 'hs_object_id'
        ? [[name, { property, value: read(fields[property] ?? null, mapping) }]]
        : [],
    ),
  )

/** Fields of a task as HubSpot takes them. What cannot be so there is left out: a task without a day keeps the one that it has. */
export const spellHubSpot: Readonly<
  Partial<Record<TaskFieldName, (value: Value, mapping: TaskMapping) => readonly [string, FieldValue][]>>
> = {
  subject: value => [['hs_task_subject', value]],
  body: value => [['hs_task_body', value === null ? null : htmlOfText(String(value))]],
  status: value => [['hs_task_status', value]],
  priority: value => [['hs_task_priority', value]],
  type: value => [['hs_task_type', value]],
  due: (value, { due: { time, timeZone } }) =>
    value === null ? [] : [['hs_timestamp', new Date(momentOn(String(value), time, timeZone)).toISOString()]],
}
