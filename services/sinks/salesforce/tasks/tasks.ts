import { z } from 'zod'
import type {
  DependentObject,
  Orphaned,
  Problem,
  Put,
  PutInput,
  PutResult,
  PutTarget,
  ReadResult,
} from '../../../delivery/destination.ts'
import { errorsIn, problemOfRow, queryRefused, unknownColumnOf, unreadableAnswer } from '../answers.ts'
import type { SalesforceClient } from '../api/client.ts'
import type { Success } from '../api/exchange.ts'
import { queriesFor } from '../api/soql.ts'
import { collectionRecords } from '../limits.ts'
import { longId } from '../people/ids.ts'
import { fatesOf, keyOf } from '../people/survivors.ts'
import { taskKeyField } from './fields.ts'
import { externalId, taskRow, wavesOf } from './rows.ts'

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

/** A row that failed because of the record that it refers to, perhaps. */
interface Doubtful {
  readonly kind: 'doubtful'
  readonly otherwise: Problem
}
type Results = Map<PutInput, PutResult | Doubtful>

const put = async (
  client: SalesforceClient,
  inputs: readonly PutInput[],
  signal: AbortSignal,
): Promise<readonly PutResult[]> => {
  const results: Results = new Map()
  for (const wave of wavesOf(inputs)) await upsert(client, wave, results, signal)
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

/** Sends a collection and notes the result of each row. A refusal of the whole is narrowed down until its cause is alone. */
const upsert = async (
  client: SalesforceClient,
  inputs: readonly PutInput[],
  results: Results,
  signal: AbortSignal,
): Promise<void> => {
  const rows = inputs.map(taskRow)
  const answer = await client.call(
    'tasks.upsert',
    connection => connection.upsert('Task', rows, taskKeyField.name, { allOrNone: false }),
    signal,
  )
  if (answer.kind === 'success') {
    const told: readonly unknown[] = Array.isArray(answer.data) ? answer.data : []
    for (const [index, input] of inputs.entries()) results.set(input, resultOf(told[index], answer))
    return
  }
  const { problem, failure } = answer
  const unknown = failure ? unknownColumnOf(failure) : undefined
  const keyMissing = unknown === taskKeyField.name || failure?.status === 404
  if (keyMissing || problem.kind !== 'rejected' || inputs.length === 1) {
    for (const input of inputs) results.set(input, keyMissing ? keyFieldMissing(problem) : problem)
    return
  }
  const blamed = unknown === undefined ? [] : inputs.filter(({ fields }) => unknown in fields)
  for (const input of blamed) results.set(input, problem)
  for (const part of blamed.length > 0 ? [inputs.filter(input => !blamed.includes(input))] : halves(inputs))
    if (part.length > 0) await upsert(client, part, results, signal)
}

const halves = <Item>(items: readonly Item[]): Item[][] => {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

/** What is needed of a row of the answer. */
const unread = z.unknown().optional()
const rowShape = z.object({ success: z.boolean(), id: unread, created: unread, errors: unread })

const resultOf = (told: unknown, answer: Success<unknown>): PutResult | Doubtful => {
  const { status, correlationId } = answer
  const { success: isRow, data: row } = rowShape.safeParse(told)
  if (!isRow) return unreadableAnswer(answer)
  if (row.success)
    return { kind: 'put', record: taskIdIn(row.id), created: row.created === true, status, correlationId } satisfies Put
  const problem = problemOfRow(errorsIn(row.errors), answer)
  return problem.kind === 'perhaps-orphaned' ? { kind: 'doubtful', otherwise: problem.otherwise } : problem
}

/** Null for what is no id: the task is made or changed all the same. */
const taskIdIn = (id: unknown): string | null => {
  try {
    return typeof id === 'string' ? longId(id) : null
  } catch {
    return null
  }
}

const resultMissing: Problem = unreadableAnswer({ status: null, correlationId: null })

/** Somebody removed the field while the sink ran: nothing can be written until it is back. */
const keyFieldMissing = ({ status, correlationId }: Problem): Problem => ({
  kind: 'needs-person',
  code: 'SALESFORCE_TASK_FIELDS',
  status,
  correlationId,
  message: `The org's tasks have no field ${taskKeyField.name} any more. \`tributary setup --check\` says how to create it.`,
})

/** What the tasks hold, archived ones too. Fields that no task can have are left out by name, so that one does not spoil the query. */
const read = async (
  client: SalesforceClient,
  targets: readonly PutTarget[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  const columns = [...new Set([taskKeyField.name, ...fields.filter(name => /^[A-Za-z]\w*$/.test(name))])].join(', ')
  const held = new Map<string, ReadResult>()
  const keys = targets.map(({ key }) => externalId(key))
  const queries = queriesFor(
    keys,
    list => `SELECT ${columns} FROM Task WHERE IsDeleted = false AND ${taskKeyField.name} IN (${list})`,
  )
  for (const { soql, values } of queries) {
    const answer = await client.query('tasks.read', soql, 'all', signal)
    if (answer.kind !== 'success') return targets.map(() => queryRefused(answer.problem))
    const { status, correlationId } = answer
    for (const value of values) held.set(value.toLowerCase(), { kind: 'missing', status, correlationId })
    for (const row of answer.data) {
      const values = Object.fromEntries(
        fields.map(name => [name, (row[name] ?? null) as string | number | boolean | null]),
      )
      held.set(String(row[taskKeyField.name]).toLowerCase(), { kind: 'held', fields: values, status, correlationId })
    }
  }
  return keys.map(key => held.get(key.toLowerCase()) ?? { kind: 'missing', status: null, correlationId: null })
}
