import type { FastifyInstance, FastifyReply } from 'fastify'
import { malformedQuery, refused } from '../errors.ts'
import type { Org } from '../org.ts'
import { mintedId } from '../records/ids.ts'
import { type Found, runQuery } from '../soql/query.ts'
import { basePath, DATA } from './requests.ts'

interface QueryRequest {
  Params: { version: string; locator: string }
  Querystring: { q?: string }
}

const SMALLEST_BATCH = 200
const KEPT_CURSORS = 10

/** Queries with their pages of `pageSize` records unless the caller asks for smaller ones; `queryAll` finds what is deleted or archived too. */
export const queryRoutes = (app: FastifyInstance, org: Org, pageSize: number): void => {
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
  for (const [path, overAll] of [
    ['query', false],
    ['queryAll', true],
  ] as const) {
    app.get<QueryRequest>(`${DATA}/${path}`, (request, reply) => {
      const { params, query, headers } = request
      if (!query.q) throw malformedQuery('A query string has to be specified')
      const found = runQuery(org, query.q, overAll)
      return page(reply, found, 0, batchSize(headers['sforce-query-options'], pageSize), basePath(params))
    })
    app.get<QueryRequest>(`${DATA}/${path}/:locator`, ({ params }, reply) => {
      const [, id = '', from = ''] = /^(.+)-(\d+)$/.exec(params.locator) ?? []
      const cursor = cursors.get(id)
      if (!cursor) throw refused('INVALID_QUERY_LOCATOR', 'invalid query locator')
      return page(reply, cursor.found, Number(from), cursor.size, basePath(params), id)
    })
  }
}

/** A caller may ask for smaller pages, within Salesforce's bounds. */
const batchSize = (header: string | string[] | undefined, pageSize: number): number => {
  const [, size] = /batchSize\s*=\s*(\d+)/i.exec(String(header ?? '')) ?? []
  return size === undefined ? pageSize : Math.min(pageSize, Math.max(SMALLEST_BATCH, Number(size)))
}
