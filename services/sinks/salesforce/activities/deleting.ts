import type { Put, StandaloneResult } from '../../../delivery/destination.ts'
import type { SalesforceClient } from '../api/client.ts'
import { longIdIn } from '../people/ids.ts'
import { deletionOf, resultMissing, sendCollection } from '../tasks/collections.ts'
import { taskKeyField } from '../tasks/fields.ts'
import { findTasks } from '../tasks/finding.ts'
import { externalId, wavesOf } from '../tasks/rows.ts'
import { type Attempt, goneCodes, type Settled, settled, settledAll } from './attempts.ts'

/** Deletes the tasks. One that is not there is done; one that was made anew for a task of Salesforce's own is deleted in its place. */
export const deleted = async (
  client: SalesforceClient,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<readonly Settled[]> => {
  const own = await deletedByIds(client, attempts.filter(isTaskKnown), signal)
  const open = without(attempts, own)
  const keys = open.map(({ input }) => externalId(input.key))
  const found = await findTasks(client, { operation: 'activities.find', by: taskKeyField.name, values: keys }, signal)
  if (found.kind !== 'tasks') return [...own, ...settledAll(open, found)]
  const there = open.flatMap((attempt): KnownTask[] => {
    const task = longIdIn(found.get(externalId(attempt.input.key))?.['Id'])
    return task === undefined ? [] : [{ ...attempt, task }]
  })
  const byKey = await deletedByIds(client, there, signal)
  return [...own, ...byKey, ...settledAll(without(open, byKey), nothingThere(found))]
}

const without = (attempts: readonly Attempt[], ends: readonly Settled[]): readonly Attempt[] => {
  const ended = new Set(ends.map(({ input }) => input))
  return attempts.filter(({ input }) => !ended.has(input))
}

type KnownTask = Attempt & { readonly task: string }

const isTaskKnown = (attempt: Attempt): attempt is KnownTask => attempt.task !== null

const nothingThere = ({ status, correlationId }: Pick<Put, 'status' | 'correlationId'>): StandaloneResult => ({
  ...{ kind: 'put', record: null, created: false, status, correlationId },
})

const deletion = deletionOf<KnownTask>('Task', 'activities.delete', ({ task }) => task)

/** What came of those that were there, or failed. */
const deletedByIds = async (
  client: SalesforceClient,
  attempts: readonly KnownTask[],
  signal: AbortSignal,
): Promise<readonly Settled[]> => {
  const ends: Settled[] = []
  for (const wave of wavesOf(attempts, ({ task }) => task)) {
    const results = await sendCollection(client, deletion, wave, signal)
    for (const attempt of wave) {
      const result = results.get(attempt) ?? resultMissing
      if (result.kind !== 'doubtful') ends.push(settled(attempt, result))
      else if (!goneCodes.has(result.otherwise.code)) ends.push(settled(attempt, result.otherwise))
    }
  }
  return ends
}
