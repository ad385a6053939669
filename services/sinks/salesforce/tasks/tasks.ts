import type {
  DependentObject,
  Orphaned,
  Problem,
  PutInput,
  PutResult,
  PutTarget,
  ReadResult,
} from '../../../delivery/destination.ts'
import type { SalesforceClient } from '../api/client.ts'
import { collectionRecords } from '../limits.ts'
import { fatesOf, keyOf } from '../people/survivors.ts'
import { type RowResult, resultMissing, sendCollection, upsertOf } from './collections.ts'
import { taskKeyField } from './fields.ts'
import { columnOf, findTasks } from './finding.ts'
import { externalId, foldedId, taskRow, wavesOf } from './rows.ts'

/** Tasks of contacts and leads, each found again by its external id. */
export const tasksOf = (client: SalesforceClient): DependentObject => ({
  kind: 'keyed',
  of: ['contact', 'lead'],
  // Nobody here makes contacts or leads: who has neither gets no task.
  waitForRecordMs: 0,
  batchSize: collectionRecords,
  put: (inputs, signal) => put(client, inputs, signal),
  read: (targets, fields, signal) => read(client, targets, fields, signal),
})

const upsert = upsertOf('tasks.upsert', taskRow)

const put = async (
  client: SalesforceClient,
  inputs: readonly PutInput[],
  signal: AbortSignal,
): Promise<readonly PutResult[]> => {
  const results = new Map<PutInput, RowResult>()
  for (const wave of wavesOf(inputs, ({ key }) => foldedId(key)))
    for (const [input, result] of await sendCollection(client, upsert, wave, signal)) results.set(input, result)
  const doubtful = inputs.filter(input => results.get(input)?.kind === 'doubtful')
  const found =
    doubtful.length === 0
      ? undefined
      : await fatesOf(
          client,
          doubtful.map(({ of }) => of),
          signal,
        )
  return inputs.map(input => {
    const result = results.get(input) ?? resultMissing
    if (result.kind !== 'doubtful') return result
    if (found?.kind !== 'fates') return found ?? result.otherwise
    return orphanedOr(result.otherwise, input, found.fates.get(keyOf(input.of)) ?? null)
  })
}

/** A record that is there after all is not what the row failed on. */
const orphanedOr = (otherwise: Problem, { of }: PutInput, survivor: Orphaned['survivor']): PutResult =>
  survivor && keyOf(survivor) === keyOf(of)
    ? otherwise
    : { kind: 'orphaned', survivor, status: otherwise.status, correlationId: otherwise.correlationId }

const read = async (
  client: SalesforceClient,
  targets: readonly PutTarget[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  const keys = targets.map(({ key }) => externalId(key))
  const sought = { operation: 'tasks.read', by: taskKeyField.name, values: keys, columns: fields }
  const found = await findTasks(client, sought, signal)
  if (found.kind !== 'tasks') return targets.map(() => found)
  const { status, correlationId } = found
  return keys.map(key => {
    const row = found.get(key)
    if (!row) return { kind: 'missing', status, correlationId }
    return {
      kind: 'held',
      fields: Object.fromEntries(fields.map(name => [name, columnOf(row, name)])),
      status,
      correlationId,
    }
  })
}
