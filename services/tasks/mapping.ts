import { type TaskSync, taskSync } from '../../topology/tasks.ts'
import { checkTaskSync } from './check.ts'

/** The mapping, checked and ready. */
export interface TaskMapping extends Omit<TaskSync, 'activities'> {
  /** Activities and marketing events, by the object's name in links; nothing for tasks and for what is not taken. */
  readonly activities: Readonly<Record<string, { readonly type: string | null; readonly prefix: string } | undefined>>
}

/** The mapping, checked (MAPPING_INVALID) and ready. */
export const readyTaskSync = (given: unknown): TaskMapping => {
  const { activities, ...mapping } = checkTaskSync(given)
  const taken = Object.entries({ ...activities, ...mapping.marketing }).flatMap(([name, rule]) =>
    rule ? [[name, rule] as const] : [],
  )
  return { ...mapping, activities: Object.fromEntries(taken) }
}

let checked: TaskMapping | undefined

/** The mapping of the repository. The services check it when they start; whoever asks first checks it too. */
export const sharedTasks = (): TaskMapping => {
  checked ??= readyTaskSync(taskSync)
  return checked
}
