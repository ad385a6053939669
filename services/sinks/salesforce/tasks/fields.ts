import type { NeedsPerson, Prepared } from '../../../delivery/destination.ts'
import { queryRefused, unreadableAnswer } from '../answers.ts'
import type { SalesforceClient } from '../api/client.ts'

/** The field by which a task is found again, as an admin makes it: in Setup, Object Manager, Activity, Fields & Relationships, Text. */
export const taskKeyField = {
  name: 'Tributary_Id__c',
  label: 'Tributary Id',
  type: 'string',
  length: 255,
  externalId: true,
  unique: true,
  caseSensitive: false,
} as const

/** Fields of tasks that Tributary writes: of those of webinars, and further ones of those that are shared with another CRM. */
const fieldsOfTasks = ['Subject', 'Status', 'ActivityDate', 'Description', 'WhoId', taskKeyField.name] as const
const fieldsOfActivities = [...fieldsOfTasks, 'Priority', 'Type', 'OwnerId'] as const

/** Fields of tasks that the integration user must be able to edit. @param activities whether tasks are shared with another CRM */
export const neededFields = (activities = false): readonly string[] => (activities ? fieldsOfActivities : fieldsOfTasks)

/** What `describe` says of a field, as far as it matters here. */
export interface DescribedField {
  readonly name: string
  readonly type: string
  readonly length: number
  readonly externalId: boolean
  readonly unique: boolean
  readonly createable: boolean
  readonly updateable: boolean
}

/** Something in the org that is not as Tributary needs it. */
export interface TaskFieldDifference {
  readonly code: 'FIELD_MISSING' | 'FIELD_UNFIT' | 'FIELD_NOT_EDITABLE'
  readonly field: string
  /** What an admin must do, as a sentence. */
  readonly remedy: string
}

/** Compares the fields of the org's tasks with what the sink needs. Empty when nothing is to be done. @param needed as `neededFields` names them */
export const taskFieldDifferences = (
  described: readonly DescribedField[],
  needed: readonly string[] = neededFields(),
): readonly TaskFieldDifference[] => {
  const present = new Map(described.map(field => [field.name, field]))
  const key = present.get(taskKeyField.name)
  if (!key) return [{ code: 'FIELD_MISSING', field: taskKeyField.name, remedy: `Create it: ${howToCreate}.` }]
  const unfit = [
    key.type === taskKeyField.type ? [] : [`be a text field, but is of type ${key.type}`],
    key.type !== taskKeyField.type || key.length >= taskKeyField.length
      ? []
      : [`hold 255 characters, but holds ${key.length}`],
    key.externalId ? [] : ['be an external id'],
    key.unique ? [] : ['be unique'],
  ].flat()
  const readOnly = needed.filter(name => {
    const field = present.get(name)
    return !field?.createable || !field.updateable
  })
  return [
    ...(unfit.length === 0
      ? []
      : [
          {
            code: 'FIELD_UNFIT' as const,
            field: taskKeyField.name,
            remedy: `It must ${unfit.join(' and ')}: change it, or delete it and create it anew: ${howToCreate}.`,
          },
        ]),
    ...readOnly.map(field => ({
      code: 'FIELD_NOT_EDITABLE' as const,
      field,
      remedy: `Give the integration user edit access to Task.${field} in its permission set.`,
    })),
  ]
}

const howToCreate = `in Setup, Object Manager, Activity, Fields & Relationships, New: type Text, field label "${taskKeyField.label}", field name "${taskKeyField.name.replace('__c', '')}" (API name ${taskKeyField.name}), length ${taskKeyField.length}, Unique (case insensitive) and External ID ticked; then give the integration user edit access to it`

/** Asks the org for the fields of its tasks and compares them. */
export const checkTaskFields = async (
  client: SalesforceClient,
  needed: readonly string[],
  signal: AbortSignal,
): Promise<
  | { readonly kind: 'checked'; readonly differences: readonly TaskFieldDifference[] }
  | Exclude<Prepared, { kind: 'ready' }>
> => {
  const answer = await client.call('tasks.describe', connection => connection.describe('Task'), signal)
  if (answer.kind !== 'success') return queryRefused(answer.problem)
  const { fields } = (answer.data as Partial<typeof answer.data> | undefined) ?? {}
  return Array.isArray(fields)
    ? { kind: 'checked', differences: taskFieldDifferences(fields, needed) }
    : unreadableAnswer(answer)
}

/** Ready when the org's tasks have what the sink needs; nothing is changed in the org. */
export const prepareTasks = async (
  client: SalesforceClient,
  needed: readonly string[],
  signal: AbortSignal,
): Promise<Prepared> => {
  const checked = await checkTaskFields(client, needed, signal)
  if (checked.kind !== 'checked') return checked
  const [first] = checked.differences
  return first === undefined ? { kind: 'ready' } : unprepared(checked.differences)
}

const unprepared = (differences: readonly TaskFieldDifference[]): NeedsPerson => ({
  kind: 'needs-person',
  code: 'SALESFORCE_TASK_FIELDS',
  status: null,
  correlationId: null,
  message: differences.map(({ field, remedy }) => `Task.${field} is not as Tributary needs it. ${remedy}`).join(' '),
})
