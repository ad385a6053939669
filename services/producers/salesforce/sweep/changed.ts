import type { Row } from '../../../sinks/salesforce/api/client.ts'
import type { SalesforceObject } from '../objects.ts'
import { unreadable } from '../rest/problems.ts'
import type { Page, PageAddress, SalesforceReader } from '../rest/reader.ts'
import { stampOf } from '../told.ts'

/** Some records in the order in which they were changed. */
export interface ChangedRecords extends Pick<Page, 'rows' | 'userId' | 'usage'> {
  /** All that was changed before has been given, in milliseconds; undefined when there is no record. */
  readonly reached: number | undefined
  /** How many are still to be read. */
  readonly left: number
}

/** Which records of an object: those that were changed at or after a time, in milliseconds, or those of some ids. */
export type Which = { readonly since: number } | { readonly ids: readonly string[] }

/**
 * Records of an object, deleted ones too, page after page of one query: its result stands while it is read, so no record slips from one page to another. Who is
 * changed meanwhile is found by the next one. Throws a `SalesforceError`.
 */
export async function* changedRecords(
  reader: SalesforceReader,
  { type, plural }: Pick<SalesforceObject, 'type' | 'plural'>,
  { columns, ...which }: { readonly columns: readonly string[] } & Which,
  signal: AbortSignal,
): AsyncGenerator<ChangedRecords> {
  const soql = `SELECT ${columns.join(', ')} FROM ${type} WHERE ${conditionOf(which)} ORDER BY SystemModstamp, Id`
  const operation = 'ids' in which ? `${plural}.named` : `${plural}.changed`
  const read = new Set<string>()
  let given = 0
  for (let address: PageAddress = { soql }; ; ) {
    const { rows, total, next, userId, usage }: Page = await reader.page(operation, address, signal)
    given += rows.length
    yield { rows, userId, usage, reached: lastStamp(rows), left: Math.max(0, total - given) }
    if (next === undefined) return
    // A page that was read already would lead round and round.
    if (read.has(next)) throw unreadable('the next page of a query')
    read.add(next)
    address = { next }
  }
}

const conditionOf = (which: Which): string =>
  'ids' in which
    ? `Id IN (${which.ids.map(id => `'${id}'`).join(', ')})`
    : `SystemModstamp >= ${new Date(which.since).toISOString()}`

const lastStamp = (rows: readonly Row[]): number | undefined => {
  const last = rows.at(-1)
  if (last === undefined) return undefined
  const stamp = stampOf(last)
  if (stamp === null) throw unreadable('a SystemModstamp of each record')
  return stamp
}
