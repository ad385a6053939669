import type { SalesforceClient } from '../api/client.ts'
import { longIdIn } from '../people/ids.ts'
import { taskKeyField } from '../tasks/fields.ts'
import { findTasks } from '../tasks/finding.ts'
import { externalId } from '../tasks/rows.ts'
import { type Attempt, isWhole, type Step, settled, settledAll, taskDeleted } from './attempts.ts'

/**
 * Finds the tasks of writes that were delivered before: somebody may have deleted a task meanwhile, and an upsert of the few fields that changed would make a torso of it. A write that
 * holds all fields needs no task, for it makes one.
 */
export const aimed = async (
  client: SalesforceClient,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  const sought = attempts.filter(attempt => !isWhole(attempt))
  const others = attempts.filter(isWhole)
  const keys = sought.map(({ input }) => externalId(input.key))
  const found = await findTasks(client, { operation: 'activities.find', by: taskKeyField.name, values: keys }, signal)
  if (found.kind !== 'tasks') return [...others, ...settledAll(sought, found)]
  const steps = sought.map((attempt): Step => {
    const task = longIdIn(found.get(externalId(attempt.input.key))?.['Id'])
    return task === undefined ? settled(attempt, taskDeleted(found)) : { ...attempt, task }
  })
  return [...others, ...steps]
}
