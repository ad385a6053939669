import type { Problem, Retry } from '../../../delivery/destination.ts'
import { noResult, orApiMissing, problemOfInput } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { type BatchAnswer, type ContactResult, contactsIn, errorsOf } from '../contacts/batches.ts'
import { taskKeyProperty } from './property.ts'
import type { Seen } from './whereabouts.ts'

/** A task as it goes over the wire. */
export interface TaskRow {
  /** What links it; its own write is known by it too. */
  readonly key: string
  /** Record id; null for one that is to be made. */
  readonly id: string | null
  readonly properties: Readonly<Record<string, string>>
}

/** `created`: whether this very request made it. */
export type Written = ({ readonly kind: 'written'; readonly id: string; readonly created: boolean } & Seen) | Problem

/** What became of each row, by its key. One bad row never fails another. */
export type WrittenRows = ReadonlyMap<string, Written>

/** Sets properties of tasks that are there. One that is not any more is asked for again. */
export const updateTasks = async (
  client: HubSpotClient,
  rows: readonly TaskRow[],
  signal: AbortSignal,
): Promise<WrittenRows> => {
  const written = new Map<string, Written>()
  for (const wave of wavesOf(rows, ({ id }) => id ?? ''))
    await write(wave, some => update(client, some, signal), written)
  return written
}

/** Makes tasks. @param isUnique whether HubSpot keeps two from having the same key: then one that is there after all is changed instead */
export const createTasks = async (
  client: HubSpotClient,
  rows: readonly TaskRow[],
  isUnique: boolean,
  signal: AbortSignal,
): Promise<WrittenRows> => {
  const request = isUnique ? upsert : create
  const written = new Map<string, Written>()
  for (const wave of wavesOf(rows, ({ key }) => key.toLowerCase()))
    await write(wave, some => request(client, some, signal), written)
  return written
}

/** Deletes tasks; those that are not there are no matter. Results by record id. */
export const archiveTasks = async (
  client: HubSpotClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HubSpotAnswer<unknown>>> => {
  const parts = await sendBatch([...new Set(ids)], some =>
    client.call(
      'tasks.archive',
      ({ tasks }) => tasks.batchApi.archiveWithHttpInfo({ inputs: some.map(id => ({ id })) }),
      signal,
    ),
  )
  return new Map(
    parts.flatMap(({ inputs, answer }) =>
      inputs.map(id => [id, answer.kind === 'success' ? answer : orApiMissing(answer)] as const),
    ),
  )
}

type Request = (rows: readonly TaskRow[]) => Promise<HubSpotAnswer<BatchAnswer>>

const write = async (rows: readonly TaskRow[], request: Request, written: Map<string, Written>): Promise<void> => {
  for (const { inputs, answer } of await sendBatch(rows, request)) {
    if (answer.kind !== 'success') {
      const problem = unlessTaken(orApiMissing(answer))
      for (const { key } of inputs) written.set(key, problem)
      continue
    }
    const [errors, tasks] = [errorsOf(answer.data), contactsIn(answer.data)]
    const { status, correlationId } = answer
    for (const row of inputs) {
      const [error, task] = [errors.get(row.key), taskOf(row, tasks)]
      if (task) {
        const created = row.id === null && task._new !== false
        written.set(row.key, { kind: 'written', id: task.id, created, status, correlationId })
      } else written.set(row.key, error ? unlessTaken(problemOfInput(error, answer)) : noResult(answer))
    }
  }
}

/** Results come in any order, and may not repeat the trace id. */
const taskOf = ({ key, id }: TaskRow, tasks: readonly ContactResult[]): ContactResult | undefined =>
  id === null
    ? (tasks.find(task => task.properties[taskKeyProperty.name] === key) ??
      tasks.find(task => task.objectWriteTraceId === key))
    : tasks.find(task => task.id === id)

/** Another request, perhaps one of ours without an answer, is making the task with this key at this moment. */
const unlessTaken = (problem: Problem): Problem => {
  if (problem.kind !== 'rejected' || !(problem.status === 409 || problem.code === 'CONFLICT')) return problem
  const { status, correlationId } = problem
  const message = 'HubSpot made a task with this key meanwhile, so it is looked up again.'
  return { kind: 'retry', code: 'HUBSPOT_TASK_CONFLICT', status, correlationId, message } satisfies Retry
}

const update = (client: HubSpotClient, rows: readonly TaskRow[], signal: AbortSignal) =>
  client.callForResults(
    'tasks.update',
    ({ tasks }) =>
      tasks.batchApi.updateWithHttpInfo({
        inputs: rows.map(({ key, id, properties }) => ({ id: id ?? '', objectWriteTraceId: key, properties })),
      }),
    signal,
  )

const upsert = (client: HubSpotClient, rows: readonly TaskRow[], signal: AbortSignal) =>
  client.callForResults(
    'tasks.upsert',
    ({ tasks }) =>
      tasks.batchApi.upsertWithHttpInfo({
        inputs: rows.map(({ key, properties }) => ({
          id: key,
          idProperty: taskKeyProperty.name,
          objectWriteTraceId: key,
          properties: { ...properties, [taskKeyProperty.name]: key },
        })),
      }),
    signal,
  )

const create = (client: HubSpotClient, rows: readonly TaskRow[], signal: AbortSignal) =>
  client.callForResults(
    'tasks.create',
    ({ tasks }) =>
      tasks.batchApi.createWithHttpInfo({
        inputs: rows.map(({ key, properties }) => ({
          objectWriteTraceId: key,
          associations: [],
          properties: { ...properties, [taskKeyProperty.name]: key },
        })),
      }),
    signal,
  )

/** HubSpot refuses a batch that names one twice. */
const wavesOf = (rows: readonly TaskRow[], nameOf: (row: TaskRow) => string): TaskRow[][] => {
  const waves: Map<string, TaskRow>[] = []
  for (const row of rows) {
    const name = nameOf(row)
    const wave = waves.find(each => !each.has(name)) ?? new Map<string, TaskRow>()
    if (wave.size === 0) waves.push(wave)
    wave.set(name, row)
  }
  return waves.map(wave => [...wave.values()])
}
