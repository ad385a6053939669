import type { SalesforceClient } from '../api/client.ts'
import { longIdIn } from '../people/ids.ts'
import { taskKeyField } from '../tasks/fields.ts'
import { findTasks } from '../tasks/finding.ts'
import { externalId } from '../tasks/rows.ts'
import {
  type Attempt,
  isWhole,
  ownTaskOf,
  type Step,
  settled,
  settledAll,
  taskDeleted,
  taskNotMade,
} from './attempts.ts'

/**
 * Finds the tasks of writes of what changed: an upsert of a few fields would make a torso of a task that somebody deleted meanwhile, or whose first write was refused. A write that
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
    if (task !== undefined) return { ...attempt, task }
    return settled(attempt, wasThere(attempt) ? taskDeleted(found) : taskNotMade(found))
  })
  return [...others, ...steps]
}

/** A task of Salesforce's own was there before any write to it. */
const wasThere = ({ input: { key, known } }: Attempt): boolean => known || ownTaskOf(key) !== undefined
