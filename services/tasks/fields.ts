import type { Activity } from '../../schemas/generated.ts'
import type { SharedField } from '../shared-fields/plan.ts'
import type { TaskMapping } from './mapping.ts'

/** What a task and its copy share, in the words in which both sides are compared. */
export type TaskFieldName = (typeof ofTasks)[number]

export interface TaskField extends SharedField {
  readonly name: TaskFieldName
}

/** What the record is that was there first: `task` of `hubspot:task:5012`. */
export const objectOf = (link: string): string => link.split(':')[1] ?? ''

/** The link of an event's record. */
export const linkOf = ({
  link,
  system,
  activity,
  record,
}: {
  readonly link: string | null
  readonly system: string
  readonly activity: Activity
  readonly record: string
}): string => link ?? `${system.toLowerCase()}:${activity.toLowerCase()}:${record}`

const ofTasks = [
  'subject',
  'body',
  'status',
  'priority',
  'type',
  'due',
  'owner',
  'who',
  'others',
  'company',
  'deleted',
] as const
const ofActivities = ofTasks.filter(name => name !== 'priority')

/** The fields of a link. Activities go to Salesforce only: what is changed there is set back. So do the other people of a task, where they are shared at all. */
export const fieldsOf = (link: string, { tasks, conflict, people }: TaskMapping): readonly TaskField[] => {
  const isTask = objectOf(link) === 'task'
  const names = (isTask ? ofTasks : ofActivities).filter(name => name !== 'others' || isShared({ tasks, people }))
  return names.map(name =>
    isTask && name !== 'others'
      ? { name, direction: tasks, conflict: tasks === 'both' ? conflict : 'newest' }
      : { name, direction: 'to-salesforce', conflict: 'newest' },
  )
}

const isShared = ({ tasks, people }: Pick<TaskMapping, 'tasks' | 'people'>): boolean =>
  people === 'all' && tasks !== 'to-hubspot'
