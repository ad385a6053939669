import type { Task } from '../../schemas/generated.ts'
import type { FieldValue } from '../../topology/define.ts'
import type { Value } from '../shared-fields/plan.ts'
import { taskLengths } from '../sinks/salesforce/limits.ts'
import { cut } from '../sinks/salesforce/tasks/rows.ts'
import { objectOf, type TaskFieldName } from './fields.ts'
import type { TaskMapping } from './mapping.ts'
import { plainText } from './texts.ts'

type Values = Readonly<Partial<Record<TaskFieldName, Value>>>

/** What Salesforce tells of a task, by field. */
export const readSalesforce = ({ fields }: Pick<Task, 'fields'>, link: string, mapping: TaskMapping): Values =>
  Object.fromEntries(
    Object.entries(readers).flatMap(([name, [column, read]]) =>
      Object.hasOwn(fields, column) ? [[name, read(fields[column] ?? null, { fields, link, mapping })]] : [],
    ),
  )

interface Around {
  readonly fields: Task['fields']
  readonly link: string
  readonly mapping: TaskMapping
}

const readers: Readonly<
  Partial<Record<TaskFieldName, readonly [column: string, read: (value: FieldValue, around: Around) => Value]>>
> = {
  subject: ['Subject', plainText],
  body: ['Description', plainText],
  status: [
    'Status',
    (value, { fields, mapping: { statuses } }) =>
      statuses.find(({ salesforce }) => salesforce === value)?.hubspot ??
      (fields['IsClosed'] === true ? 'COMPLETED' : 'NOT_STARTED'),
  ],
  priority: [
    'Priority',
    (value, { mapping: { priorities } }) =>
      priorities.find(({ salesforce }) => salesforce === value)?.hubspot ?? 'NONE',
  ],
  type: [
    'Type',
    (value, { link, mapping: { types } }) => {
      if (objectOf(link) !== 'task') return value
      const pair =
        types.find(({ salesforce }) => salesforce === value) ?? types.find(({ hubspot }) => hubspot === 'TODO')
      return pair?.hubspot ?? 'TODO'
    },
  ],
  due: ['ActivityDate', value => (typeof value === 'string' ? value.slice(0, 10) : null)],
}

/** Fields as Salesforce takes them, by its column. */
export const spellSalesforce: Readonly<
  Partial<Record<TaskFieldName, (value: Value, link: string, mapping: TaskMapping) => readonly [string, FieldValue]>>
> = {
  subject: (value, link, mapping) => ['Subject', subjectOf(value, link, mapping)],
  body: value => ['Description', value === null ? null : plainText(cut(String(value), taskLengths.description))],
  status: (value, _, { statuses }) => [
    'Status',
    statuses.find(({ hubspot }) => hubspot === value)?.salesforce ?? statuses[0]?.salesforce ?? null,
  ],
  priority: (value, _, { priorities }) => [
    'Priority',
    priorities.find(({ hubspot }) => hubspot === value)?.salesforce ?? 'Normal',
  ],
  type: (value, link, { types, activities }) => [
    'Type',
    objectOf(link) === 'task'
      ? (types.find(({ hubspot }) => hubspot === value)?.salesforce ?? null)
      : (activities[objectOf(link)]?.type ?? null),
  ],
  due: value => ['ActivityDate', value],
}

const subjectOf = (value: Value, link: string, { activities }: TaskMapping): string | null => {
  const prefix = activities[objectOf(link)]?.prefix ?? ''
  return plainText(cut(`${prefix}${value ?? ''}`, taskLengths.subject).trimEnd())
}

/** What Salesforce tells once the value was written to it. */
export const heldBySalesforce = (name: TaskFieldName, value: Value, link: string, mapping: TaskMapping): Value => {
  const spelled = spellSalesforce[name]?.(value, link, mapping)
  const reader = readers[name]
  if (!spelled || !reader) return value
  return reader[1](spelled[1], { fields: {}, link, mapping })
}
