import { salesforceSweeps } from '../../topology/topics.ts'
import { isSalesforceError, SalesforceError, unreadable } from '../producers/salesforce/rest/problems.ts'
import type { SalesforceReader, Usage } from '../producers/salesforce/rest/reader.ts'
import { columns, keyColumn, taskTold } from '../producers/salesforce/tasks.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Row } from '../sinks/salesforce/api/client.ts'
import { scarceShare } from '../sinks/salesforce/limits.ts'
import { longIdIn } from '../sinks/salesforce/people/ids.ts'
import type { BackfillPart, Chunk, Wanted } from './part.ts'

/** Records of one query, and of a page of Salesforce's. A query of its own for each page needs no cursor that Salesforce keeps, so it can go on at any time. */
const queryRecords = 2_000
/** Records of one request to write in Salesforce, and so a size in which its sink does well. */
const chunkRecords = 200

export interface SalesforcePartParts {
  readonly reader: SalesforceReader
  readonly clock: Clock
}

/** Tasks that are there, archived ones too. */
export const salesforcePart = (parts: SalesforcePartParts): BackfillPart => ({
  name: 'tasks of Salesforce',
  vendor: 'salesforce',
  mark: { table: salesforceSweeps, key: 'backfill-tasks' },
  count: async (wanted, signal) => {
    const soql = `SELECT COUNT() FROM Task WHERE ${conditionOf(wanted)}`
    return (await parts.reader.page('tasks.count', { soql }, signal)).total
  },
  read: (wanted, signal) => chunksOf(parts, wanted, signal),
})

async function* chunksOf(
  { reader, clock }: SalesforcePartParts,
  { since, after }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  for (let beyond = after; ; ) {
    const soql = `SELECT ${columns.join(', ')} FROM Task WHERE ${conditionOf({ since, after: beyond })} ORDER BY Id LIMIT ${queryRecords}`
    // What a row says was true then: of two readings in the second of a change, for which Salesforce has one time, that which was asked for later is newer.
    const receivedAt = clock.now()
    const { rows, next, userId, usage } = await reader.page('tasks.backfill', { soql }, signal).catch(asKeyMissing)
    for (let from = 0; from < rows.length; from += chunkRecords)
      yield chunkOf(rows.slice(from, from + chunkRecords), receivedAt, userId)
    // A page of long texts may have less.
    if (rows.length < queryRecords && next === undefined) return
    if (usage) assertPlenty(usage)
    const last = longIdIn(rows.at(-1)?.['Id'])
    if (last === undefined || last === beyond) throw unreadable('records in the order that was asked for')
    beyond = last
  }
}

const chunkOf = (rows: readonly Row[], receivedAt: number, userId: string | null): Chunk => {
  const told = rows.flatMap(row => taskTold(row, { receivedAt, userId, isGone: () => false })?.records ?? [])
  return {
    told: told.map(({ value }) => value),
    read: rows.length,
    passedOver: { 'not-shared': rows.length - told.length },
    cursor: longIdIn(rows.at(-1)?.['Id']) ?? '',
  }
}

const conditionOf = ({ since, after }: Wanted): string =>
  [
    'IsDeleted = false',
    ...(after === '' ? [] : [`Id > '${after}'`]),
    ...(since === null ? [] : [`LastModifiedDate >= ${new Date(since).toISOString()}`]),
  ].join(' AND ')

/** Without the field each copy, and each task of a webinar, would look like a task of its own, and get a copy. */
const asKeyMissing = (error: unknown): never => {
  if (!isSalesforceError(error) || error.unknownColumn !== keyColumn) throw error
  throw new SalesforceError(
    {
      code: 'SALESFORCE_TASK_FIELDS',
      message: `The org does not show the field ${keyColumn} of tasks, by which they are linked with their copies, so no task of Salesforce is read. Create it, or give the integration user read access to it; \`tributary setup --check\` says how.`,
    },
    'needs-person',
    {},
  )
}

/** What is left belongs to live traffic. Throws `SALESFORCE_ALLOWANCE_SCARCE`. */
const assertPlenty = ({ used, limit }: Usage): void => {
  if (limit - used >= limit * scarceShare) return
  throw new SalesforceError(
    {
      code: 'SALESFORCE_ALLOWANCE_SCARCE',
      message: `The org has used ${used} of its ${limit} API requests in 24 hours; the rest is left to live traffic. Run the same command later: it goes on where it stopped.`,
    },
    'needs-person',
  )
}
