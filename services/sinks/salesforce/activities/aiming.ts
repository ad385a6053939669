import type { SalesforceClient } from '../api/client.ts'
import { longIdIn } from '../people/ids.ts'
import { taskKeyField } from '../tasks/fields.ts'
import { type FoundTasks, findTasks } from '../tasks/finding.ts'
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
 * Finds the copies that writes are of. An upsert of a few fields would make a torso of one that somebody deleted meanwhile, or whose first write was refused; one of all fields would
 * undo what somebody changed on a copy that is there.
 */
export const aimed = async (
  client: SalesforceClient,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  const keys = attempts.map(({ input }) => externalId(input.key))
  const found = await findTasks(client, { operation: 'activities.find', by: taskKeyField.name, values: keys }, signal)
  if (found.kind !== 'tasks') return settledAll(attempts, found)
  return attempts.map((attempt): Step => {
    const task = longIdIn(found.get(externalId(attempt.input.key))?.['Id'])
    if (task !== undefined) return ofNews(attempt, task, found)
    if (isWhole(attempt.input.fields)) return attempt
    return settled(attempt, wasThere(attempt) ? taskDeleted(found) : taskNotMade(found))
  })
}

/** A write to a copy that is there says its news; without any it is done. */
const ofNews = (attempt: Attempt, task: string, { status, correlationId }: FoundTasks): Step => {
  const { news } = attempt.input
  if (!news) return { ...attempt, task }
  const told = Object.entries(attempt.fields).filter(([name]) => name in news)
  if (told.length === 0) return settled(attempt, { kind: 'put', record: task, created: false, status, correlationId })
  return { ...attempt, task, fields: Object.fromEntries(told) }
}

/** A task of Salesforce's own was there before any write to it. */
const wasThere = ({ input: { key, known } }: Attempt): boolean => known || ownTaskOf(key) !== undefined
