import type { Connection } from 'jsforce'
import { z } from 'zod'
import type { Problem, Put } from '../../../delivery/destination.ts'
import { errorsIn, problemOfRow, unknownColumnOf, unreadableAnswer } from '../answers.ts'
import type { SalesforceClient } from '../api/client.ts'
import type { Success } from '../api/exchange.ts'
import { longIdIn } from '../people/ids.ts'
import { taskKeyField } from './fields.ts'
import type { TaskRow } from './rows.ts'

/** What a collection does with its rows. */
export interface CollectionOf<Item> {
  /** Its name in the metrics. */
  readonly operation: string
  rowOf(item: Item): TaskRow
  /** Asks for all rows in one request; what succeeds does not depend on the others. */
  request(connection: Connection, rows: readonly TaskRow[]): Promise<unknown>
  /** Whether its rows are found by their external id. */
  readonly byKey: boolean
}

/** A row that failed because of a record that it refers to, perhaps, or because the task is gone. */
export interface Doubtful {
  readonly kind: 'doubtful'
  readonly otherwise: Problem
}

export type RowResult = Put | Problem | Doubtful

/** Of tasks by their external id: made where they are missing. */
export const upsertOf = <Item>(operation: string, rowOf: (item: Item) => TaskRow): CollectionOf<Item> => ({
  operation,
  rowOf,
  request: (connection, rows) => connection.upsert('Task', [...rows], taskKeyField.name, { allOrNone: false }),
  byKey: true,
})

/** Of records of a type, by their ids: deleted. */
export const deletionOf = <Item>(
  type: string,
  operation: string,
  idOf: (item: Item) => string,
): CollectionOf<Item> => ({
  operation,
  rowOf: item => ({ Id: idOf(item) }),
  request: (connection, rows) =>
    connection.destroy(
      type,
      rows.map(({ Id }) => String(Id)),
      { allOrNone: false },
    ),
  byKey: false,
})

/**
 * Sends a collection and gives the result of each row. A refusal of the whole is narrowed down until its cause is alone.
 * @param items at most as many as a collection may have, no two of the same task
 */
export const sendCollection = async <Item>(
  client: SalesforceClient,
  collection: CollectionOf<Item>,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Item, RowResult>> => {
  const results = new Map<Item, RowResult>()
  if (items.length > 0) await send(client, collection, items, results, signal)
  return results
}

const send = async <Item>(
  client: SalesforceClient,
  collection: CollectionOf<Item>,
  items: readonly Item[],
  results: Map<Item, RowResult>,
  signal: AbortSignal,
): Promise<void> => {
  const rows = items.map(item => collection.rowOf(item))
  const answer = await client.call(collection.operation, connection => collection.request(connection, rows), signal)
  if (answer.kind === 'success') {
    const told: readonly unknown[] = Array.isArray(answer.data) ? answer.data : []
    for (const [index, item] of items.entries()) results.set(item, resultOf(told[index], answer))
    return
  }
  const { problem, failure } = answer
  const unknown = failure ? unknownColumnOf(failure) : undefined
  const keyMissing = collection.byKey && (unknown === taskKeyField.name || failure?.status === 404)
  if (keyMissing || problem.kind !== 'rejected' || items.length === 1) {
    for (const item of items) results.set(item, keyMissing ? keyFieldMissing(problem) : problem)
    return
  }
  const blamed = unknown === undefined ? [] : items.filter((_, index) => unknown in (rows[index] ?? {}))
  for (const item of blamed) results.set(item, problem)
  for (const part of blamed.length > 0 ? [items.filter(item => !blamed.includes(item))] : halves(items))
    if (part.length > 0) await send(client, collection, part, results, signal)
}

const halves = <Item>(items: readonly Item[]): Item[][] => {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

/** What is needed of a row of the answer. */
const unread = z.unknown().optional()
const rowShape = z.object({ success: z.boolean(), id: unread, created: unread, errors: unread })

const resultOf = (told: unknown, answer: Success<unknown>): RowResult => {
  const { status, correlationId } = answer
  const { success: isRow, data: row } = rowShape.safeParse(told)
  if (!isRow) return unreadableAnswer(answer)
  // Without an id that can be read the task is made or changed all the same.
  if (row.success)
    return { kind: 'put', record: longIdIn(row.id) ?? null, created: row.created === true, status, correlationId }
  const problem = problemOfRow(errorsIn(row.errors), answer)
  return problem.kind === 'perhaps-orphaned' ? { kind: 'doubtful', otherwise: problem.otherwise } : problem
}

/** Of what no request was made for. */
export const resultMissing: Problem = unreadableAnswer({ status: null, correlationId: null })

/** Somebody removed the field while the sink ran: nothing can be written until it is back. */
export const keyFieldMissing = ({ status, correlationId }: Problem): Problem => ({
  kind: 'needs-person',
  code: 'SALESFORCE_TASK_FIELDS',
  status,
  correlationId,
  message: `The org's tasks have no field ${taskKeyField.name} any more. \`tributary setup --check\` says how to create it.`,
})
