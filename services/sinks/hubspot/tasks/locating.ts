import type { Problem } from '../../../delivery/destination.ts'
import { orApiMissing } from '../answers.ts'
import { readOf, sendBatch } from '../batches.ts'
import type { HubSpotClient, Success } from '../client.ts'
import { type ContactResult, contactsIn } from '../contacts/batches.ts'
import type { TaskFinder } from './finding.ts'
import type { Whereabouts } from './whereabouts.ts'

/** The record id in the key of a task that was made in HubSpot; undefined for one that was made elsewhere. */
export const recordIn = (key: string): string | undefined => /^hubspot:task:([1-9]\d{0,18})$/.exec(key)?.[1]

/**
 * Where the tasks of these keys are, by key. One that was made in HubSpot is its own record, and once that is gone, the one that was made anew in its place.
 * @param keys all different
 */
export const locateTasks = async (
  { client, finder }: { readonly client: HubSpotClient; readonly finder: TaskFinder },
  keys: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Whereabouts>> => {
  const read = await readRecords(
    client,
    keys.flatMap(key => recordIn(key) ?? []),
    [],
    signal,
  )
  const located = new Map<string, Whereabouts>()
  for (const key of keys) {
    const found = read.get(recordIn(key) ?? '')
    if (found && 'task' in found) located.set(key, { kind: 'there', id: found.task.id, ...seenIn(found.answer) })
    else if (found) located.set(key, found)
  }
  const elsewhere = keys.filter(key => !located.has(key))
  return new Map([...located, ...(await finder.find(elsewhere, signal))])
}

/** A task as it was read. */
interface ReadRecord {
  readonly task: ContactResult
  readonly answer: Success<unknown>
}

/** Tasks by their record ids; those that are not there are not in it. */
export const readRecords = async (
  client: HubSpotClient,
  ids: readonly string[],
  properties: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadRecord | Problem>> => {
  const parts = await sendBatch(ids, some =>
    client.callForResults(
      'tasks.read',
      ({ tasks }) => tasks.batchApi.readWithHttpInfo(readOf(some, properties)),
      signal,
    ),
  )
  const records = new Map<string, ReadRecord | Problem>()
  for (const { inputs, answer } of parts) {
    if (answer.kind === 'success') for (const task of contactsIn(answer.data)) records.set(task.id, { task, answer })
    else for (const id of inputs) records.set(id, orApiMissing(answer))
  }
  return records
}

const seenIn = ({ status, correlationId }: Success<unknown>) => ({ status, correlationId })
