import type { Problem, RecordRef } from '../../../delivery/destination.ts'
import { queryRefused } from '../answers.ts'
import type { Row, SalesforceClient } from '../api/client.ts'
import { queriesFor } from '../api/soql.ts'
import { type PersonObject, recordRefIn } from './ids.ts'

/** What became of a record: `null` when it was deleted; itself when it is there. */
export type Fates = ReadonlyMap<string, RecordRef | null>

/** A merged record leads to its winner, which may have been merged again; a converted lead to its contact. More steps than this are a circle. */
const mostSteps = 10

/** Follows records to what stands in their place now. Keys as `keyOf` makes them. */
export const fatesOf = async (
  client: SalesforceClient,
  records: readonly RecordRef[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'fates'; readonly fates: Fates } | Problem> => {
  const next = new Map<string, RecordRef | null>()
  let open = records
  for (let step = 0; step < mostSteps && open.length > 0; step++) {
    for (const object of ['contact', 'lead'] as const) {
      const ids = open.filter(record => record.object === object).map(({ id }) => id)
      const problem = await followed(client, object, ids, next, signal)
      if (problem) return problem
    }
    open = open.flatMap(record => next.get(keyOf(record)) ?? []).filter(record => !next.has(keyOf(record)))
  }
  return { kind: 'fates', fates: new Map(records.map(record => [keyOf(record), endOf(record, next)])) }
}

export const keyOf = ({ object, id }: RecordRef): string => `${object}:${id}`

const endOf = (record: RecordRef, next: ReadonlyMap<string, RecordRef | null>): RecordRef | null => {
  let at = record
  for (let step = 0; step <= mostSteps; step++) {
    const after = next.get(keyOf(at))
    if (!after || keyOf(after) === keyOf(at)) return after ?? null
    at = after
  }
  return null
}

const queries: Readonly<Record<PersonObject, (list: string) => string>> = {
  contact: list => `SELECT Id, IsDeleted, MasterRecordId FROM Contact WHERE Id IN (${list})`,
  lead: list => `SELECT Id, IsDeleted, MasterRecordId, IsConverted, ConvertedContactId FROM Lead WHERE Id IN (${list})`,
}

/** Notes for each id the record after it: itself, its winner, its contact, or none. */
const followed = async (
  client: SalesforceClient,
  object: PersonObject,
  ids: readonly string[],
  next: Map<string, RecordRef | null>,
  signal: AbortSignal,
): Promise<Problem | undefined> => {
  for (const { soql, values } of queriesFor(ids, queries[object])) {
    const answer = await client.query(`${object}s.fate`, soql, 'all', signal)
    if (answer.kind !== 'success') return queryRefused(answer.problem)
    for (const id of values) next.set(keyOf({ object, id }), null)
    for (const row of answer.data) {
      const record = recordRefIn(object, row['Id'])
      if (record) next.set(keyOf(record), afterOf(object, record, row))
    }
  }
  return undefined
}

const afterOf = (object: PersonObject, record: RecordRef, row: Row): RecordRef | null => {
  const { IsDeleted, MasterRecordId, IsConverted, ConvertedContactId } = row
  if (typeof MasterRecordId === 'string') return recordRefIn(object, MasterRecordId) ?? null
  if (IsDeleted === true) return null
  if (IsConverted !== true) return record
  return recordRefIn('contact', ConvertedContactId) ?? null
}
