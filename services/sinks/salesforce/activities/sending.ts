import type { SalesforceClient } from '../api/client.ts'
import { type CollectionOf, type RowResult, resultMissing, sendCollection, upsertOf } from '../tasks/collections.ts'
import { taskKeyField } from '../tasks/fields.ts'
import { externalId, foldedId, wavesOf } from '../tasks/rows.ts'
import type { Attempt } from './attempts.ts'

/** Sends writes to the tasks that they are aimed at, and makes those that are aimed at none. */
export const sent = async (
  client: SalesforceClient,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Attempt, RowResult>> => {
  const results = new Map<Attempt, RowResult>()
  for (const [collection, some] of [
    [upsert, attempts.filter(({ task }) => task === null)],
    [update, attempts.filter(({ task }) => task !== null)],
  ] as const) {
    for (const wave of wavesOf(some, taskOf)) {
      const answers = await sendCollection(client, collection, wave, signal)
      for (const attempt of wave) results.set(attempt, answers.get(attempt) ?? resultMissing)
    }
  }
  return results
}

const taskOf = ({ task, input }: Attempt): string => task ?? foldedId(input.key)

const upsert = upsertOf<Attempt>('activities.upsert', ({ input, fields }) => ({
  ...fields,
  [taskKeyField.name]: externalId(input.key),
}))

const update: CollectionOf<Attempt> = {
  operation: 'activities.update',
  rowOf: ({ task, fields }) => ({ ...fields, Id: task }),
  request: (connection, rows) =>
    connection.update(
      'Task',
      rows.map(row => ({ ...row, Id: String(row['Id']) })),
      { allOrNone: false },
    ),
  byKey: false,
}
