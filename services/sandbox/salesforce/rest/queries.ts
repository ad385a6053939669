import type { FastifyInstance, FastifyReply } from 'fastify'
import { malformedQuery, refused } from '../errors.ts'
import type { Org } from '../org.ts'
import { mintedId } from '../records/ids.ts'
import { isLive } from '../records/records.ts'
import { millisecondsOf, salesforceTime } from '../records/times.ts'
import { type Found, runQuery } from '../soql/query.ts'
import { basePath, DATA, objectOf } from './requests.ts'

interface QueryRequest {
  Params: { version: string; object: string; locator: string }
  Querystring: { q?: string; start?: string; end?: string }
}

const SMALLEST_BATCH = 200
const KEPT_CURSORS = 10
const DAY_MS = 86_400_000
const DELETED_KEPT_DAYS = 15

export interface QueryOptions {
  /** Records of one page of results. */
  readonly pageSize: number
  readonly now: () => number
}

/** Queries with their pages, and the list of deleted records. */
export const queryRoutes = (app: FastifyInstance, org: Org, { pageSize, now }: QueryOptions): void => {
  const cursors = new Map<string, { found: Found; size: number }>()
  let opened = 0
  const page = (reply: FastifyReply, found: Found, from: number, size: number, base: string, cursor?: string) => {
    const end = from + size
    const done = end >= found.ids.length
    const id = done ? cursor : (cursor ?? keep(found, size))
    return reply.send({
      totalSize: found.total,
      done,
      ...(done ? {} : { nextRecordsUrl: `${base}/query/${id}-${end}` }),
      records: found.ids.slice(from, end).flatMap(one => found.present(one, base) ?? []),
    })
  }
  /** Salesforce keeps the last ten cursors of a user. */
  const keep = (found: Found, size: number): string => {
    opened += 1
    const id = mintedId('01g', opened)
    cursors.set(id, { found, size })
    for (const oldest of cursors.keys()) {
      if (cursors.size <= KEPT_CURSORS) break
      cursors.delete(oldest)
    }
    return id
  }
  for (const [path, withDeleted] of [
    ['query', false],
    ['queryAll', true],
  ] as const) {
    app.get<QueryRequest>(`${DATA}/${path}`, (request, reply) => {
      const { params, query, headers } = request
      if (!query.q) throw malformedQuery('A query string has to be specified')
      const found = runQuery(org, query.q, withDeleted)
      return page(reply, found, 0, batchSize(headers['sforce-query-options'], pageSize), basePath(params))
    })
    app.get<QueryRequest>(`${DATA}/${path}/:locator`, ({ params }, reply) => {
      const [, id = '', from = ''] = /^(.+)-(\d+)$/.exec(params.locator) ?? []
      const cursor = cursors.get(id)
      if (!cursor) throw refused('INVALID_QUERY_LOCATOR', 'invalid query locator')
      return page(reply, cursor.found, Number(from), cursor.size, basePath(params), id)
    })
  }
  app.get<QueryRequest>(`${DATA}/sobjects/:object/deleted`, ({ params, query }) =>
    deletedRecords(org, params.object, query, now()),
  )
}

/** A caller may ask for smaller pages, within Salesforce's bounds. */
const batchSize = (header: string | string[] | undefined, pageSize: number): number => {
  const [, size] = /batchSize\s*=\s*(\d+)/i.exec(String(header ?? '')) ?? []
  return size === undefined ? pageSize : Math.min(pageSize, Math.max(SMALLEST_BATCH, Number(size)))
}

const deletedRecords = (org: Org, name: string, query: QueryRequest['Querystring'], now: number): object => {
  const object = objectOf(org, name)
  const [start, end] = [query.start, query.end].map(time => millisecondsOf(time ?? ''))
  if (start === undefined || end === undefined)
    throw refused('MALFORMED_QUERY', 'start and end must be given as dates with times and offsets')
  const earliest = now - DELETED_KEPT_DAYS * DAY_MS
  if (start >= end || start < earliest)
    throw refused('INVALID_REPLICATION_DATE', `start must be before end and at most ${DELETED_KEPT_DAYS} days ago`)
  const [from, to] = [salesforceTime(start), salesforceTime(Math.min(end, now))]
  const deletedRecords = [...org.records.all(object)]
    .filter(row => !isLive(row))
    .map(row => ({ id: row.Id, deletedDate: String(row['SystemModstamp']) }))
    .filter(({ deletedDate }) => deletedDate >= from && deletedDate <= to)
  return { deletedRecords, earliestDateAvailable: salesforceTime(earliest), latestDateCovered: to }
}
