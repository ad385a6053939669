import { invalidType, refused } from '../errors.ts'
import { prefixOf } from '../records/ids.ts'
import { DELETED_WITH, isLive, type Records, type Row } from '../records/records.ts'
import type { Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { candidates } from './candidates.ts'
import { comparable, testOf } from './conditions.ts'
import { type FieldPath, parsedQuery, type Query } from './parser.ts'
import { type ResolvedPath, resolvedPath } from './paths.ts'

/** What a query found. */
export interface Found {
  /** Of all pages; of `COUNT()` the number. */
  readonly total: number
  /** In order. None when the query only counts. */
  readonly ids: readonly string[]
  /** A record as the query selects it; `base` is the path of the API's version. */
  present(id: string, base: string): object | undefined
}

const LARGEST_OFFSET = 2000

/** Runs a query over records that are neither deleted nor archived, or over all. Throws as Salesforce refuses. */
export const runQuery = (
  { schema, records }: { readonly schema: Schema; readonly records: Records },
  soql: string,
  overAll: boolean,
): Found => {
  const query = parsedQuery(soql)
  const object = schema.object(query.from)
  if (!object) throw invalidType(`sObject type '${query.from}' is not supported.`)
  if (query.offset > LARGEST_OFFSET)
    throw refused('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${LARGEST_OFFSET}`)
  const resolve = (path: FieldPath): ResolvedPath => resolvedPath({ schema, get: records.get }, object, path)
  const selected = query.select === 'count' ? [] : query.select.map(resolve)
  const test = query.where ? testOf(query.where, resolve) : () => true
  const found: Row[] = []
  const looked = query.where && candidates({ schema, records }, object, query.where, overAll)
  for (const row of looked ?? records.all(object))
    if ((overAll ? !isBeyondQueries(object, row) : isFound(row)) && test(row)) found.push(row)
  if (query.orderBy.length > 0) found.sort(orderOf(query.orderBy, resolve))
  else if (looked) found.sort(byCreation)
  const chosen = found.slice(query.offset, query.offset + (query.limit ?? found.length))
  return {
    total: chosen.length,
    ids: query.select === 'count' ? [] : chosen.map(({ Id }) => Id),
    present: (id, base) => {
      const row = records.get(id)
      return row && presented(row, selected, { schema, base })
    },
  }
}

/** Ids ascend. */
const byCreation = (a: Row, b: Row): number => (a.Id < b.Id ? -1 : 1)

const isFound = (row: Row): boolean => isLive(row) && row['IsArchived'] !== true

/** A relation that was deleted by itself goes to no recycle bin: only `getDeleted` tells of it. */
const isBeyondQueries = ({ name }: SObjectType, row: Row): boolean =>
  name === 'TaskRelation' && !isLive(row) && row[DELETED_WITH] === undefined

const orderOf = (
  orderBy: Query['orderBy'],
  resolve: (path: FieldPath) => ResolvedPath,
): ((a: Row, b: Row) => number) => {
  const keys = orderBy.map(({ path, descending, nullsLast }) => ({ ...resolve(path), descending, nullsLast }))
  return (a, b) => {
    for (const { field, value, descending, nullsLast } of keys) {
      const [left, right] = [comparable(field, value(a)), comparable(field, value(b))]
      if (left === right) continue
      if (left === null || right === null) return (left === null) === nullsLast ? 1 : -1
      return left < right === descending ? 1 : -1
    }
    return 0
  }
}

/** Its attributes, then the selected fields, those of a related record within it. */
const presented = (
  row: Row,
  selected: readonly ResolvedPath[],
  { schema, base }: { readonly schema: Schema; readonly base: string },
): object => {
  const attributes = (id: string): { type: string; url: string } => {
    const type = schema.objectOfPrefix(prefixOf(id))?.name ?? ''
    return { type, url: `${base}/sobjects/${type}/${id}` }
  }
  const shown: Record<string, Value | object> = { attributes: attributes(row.Id) }
  for (const { field, reference, value } of selected) {
    if (!reference?.relationship) {
      shown[field.name] = value(row)
      continue
    }
    const id = row[reference.name]
    if (typeof id !== 'string') shown[reference.relationship] = null
    else {
      const type = reference.referenceTo.length > 1 ? { type: 'Name' } : {}
      const known = shown[reference.relationship] ?? { attributes: { ...attributes(id), ...type } }
      shown[reference.relationship] = { ...(known as object), [field.name]: value(row) }
    }
  }
  return shown
}
