import type { FieldValue } from '../../../../topology/define.ts'
import type { NeedsPerson, Retry } from '../../../delivery/destination.ts'
import { queryRefused, unknownColumnOf } from '../answers.ts'
import type { Row, SalesforceClient } from '../api/client.ts'
import { queriesFor } from '../api/soql.ts'
import { keyFieldMissing } from './collections.ts'
import { taskKeyField } from './fields.ts'

/** What tasks are asked for by. */
export interface Sought {
  /** Name of the request in the metrics. */
  readonly operation: string
  readonly by: 'Id' | typeof taskKeyField.name
  readonly values: readonly string[]
  /** Names of further columns. */
  readonly columns?: readonly string[]
}

export interface FoundTasks {
  readonly kind: 'tasks'
  /** The task that holds the value, whatever its case: Salesforce takes upper and lower case for the same. */
  get(value: string): Row | undefined
  readonly status: number | null
  readonly correlationId: string | null
}

/**
 * Finds tasks that are there, archived ones too, by their ids (of 18 characters) or external ids. Columns that no task can have are left out by name, so that one does not spoil the
 * query.
 */
export const findTasks = async (
  client: SalesforceClient,
  { operation, by, values, columns = [] }: Sought,
  signal: AbortSignal,
): Promise<FoundTasks | Retry | NeedsPerson> => {
  const selected = [...new Set(['Id', by, ...columns.filter(name => /^[A-Za-z]\w*$/.test(name))])].join(', ')
  const queries = queriesFor(
    values,
    list => `SELECT ${selected} FROM Task WHERE IsDeleted = false AND ${by} IN (${list})`,
  )
  const rows = new Map<string, Row>()
  let seen: Pick<FoundTasks, 'status' | 'correlationId'> = { status: null, correlationId: null }
  for (const { soql } of queries) {
    const answer = await client.query(operation, soql, 'all', signal)
    if (answer.kind !== 'success') {
      const lacksKey = answer.failure && unknownColumnOf(answer.failure) === taskKeyField.name
      return queryRefused(lacksKey ? keyFieldMissing(answer.problem) : answer.problem)
    }
    for (const row of answer.data) rows.set(String(row[by]).toLowerCase(), row)
    seen = { status: answer.status, correlationId: answer.correlationId }
  }
  return { kind: 'tasks', get: value => rows.get(value.toLowerCase()), ...seen }
}

/** What a task holds in a column, as it is written. */
export const columnOf = (row: Row, name: string): FieldValue => (row[name] ?? null) as FieldValue
