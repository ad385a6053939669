import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Answer } from '../../answers.ts'
import { rawBody } from '../../vendor-server.ts'
import { newAssociations, stageAssociations } from '../associations/asked.ts'
import { parsed } from '../bodies.ts'
import { invalid, notFound } from '../errors.ts'
import { BATCH_INPUTS_WITH_HISTORY, LIST_PAGE, SEARCH_BODY_CHARACTERS } from '../limits.ts'
import type { Portal, PortalObjects } from '../portal.ts'
import { assertIdentifies } from './checks.ts'
import { presentRead, presentWrite } from './presentation.ts'
import type { CrmRecord, Draft, Writer } from './records.ts'
import { searchRequest } from './search.ts'

const properties = z.record(z.string(), z.string())
const traced = { objectWriteTraceId: z.string().nullish().transform(orUndefined) }
const idProperty = z.string().nullish().transform(orUndefined)

const newRecord = z.object({ properties, associations: newAssociations })
const changes = z.object({ properties })
const batchOf = <Input extends z.ZodType>(input: Input) => z.object({ inputs: z.array(input) })
const batchCreate = batchOf(z.object({ properties, associations: newAssociations, ...traced }))
const batchWrite = batchOf(z.object({ id: z.string(), idProperty, properties, ...traced }))
const batchIds = batchOf(z.object({ id: z.string() }))
const batchRead = z.object({
  ...batchIds.shape,
  idProperty,
  properties: z.array(z.string()).nullish(),
  propertiesWithHistory: z.array(z.string()).nullish(),
})
const mergeRequest = z.object({ primaryObjectId: z.string(), objectIdToMerge: z.string() })
const first = z.union([z.string(), z.array(z.string()).transform(all => all[0])]).optional()
/** Names come joined by commas or one by one. */
const names = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform(given =>
    [given]
      .flat()
      .flatMap(name => name.split(','))
      .filter(Boolean),
  )
/** The query of a read. */
const readQuery = z.object({
  limit: first,
  after: first,
  archived: first.transform(value => value === 'true'),
  idProperty: first,
  properties: names,
  propertiesWithHistory: names,
  associations: names,
})
type ReadQuery = z.infer<typeof readQuery>
const gdprRequest = z.object({ objectId: z.string(), idProperty })

function orUndefined<Value>(value: Value | null | undefined): Value | undefined {
  return value ?? undefined
}

interface ObjectRequest {
  Params: { objectType: string; id: string }
  Querystring: unknown
}

/** `/crm/v3/objects/…`: the same set for every object type. */
export const objectRoutes = (app: FastifyInstance, portal: Portal): void => {
  const base = '/crm/v3/objects/:objectType'
  const byApp = applyAs(portal.app)
  const objects = (request: FastifyRequest<ObjectRequest>): PortalObjects => portal.objects(request.params.objectType)
  const route = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    handle: (objects: PortalObjects, request: FastifyRequest<ObjectRequest>) => Answer,
  ): void => {
    app.route<ObjectRequest>({
      method,
      url: `${base}${path}`,
      handler: (request, reply): FastifyReply => {
        const { status, body } = handle(objects(request), request)
        return reply.status(status).send(body)
      },
    })
  }
  route('GET', '', (one, { query }) => listPage(one, parsed(readQuery, query)))
  route('POST', '', (one, { body }) => {
    const { properties: values, associations } = parsed(newRecord, body)
    const record = byApp(one, draft => {
      const made = one.writing.create(draft, values)
      stageAssociations(portal, draft, { type: one.type.name, id: made.id }, associations)
      return made
    })
    return { status: 201, body: presentWrite(one.type, record, Object.keys(values)) }
  })
  route('GET', '/:id', ({ records, present }, { params, query }) => {
    const wanted = parsed(readQuery, query)
    const record = wanted.archived ? archivedRecord(records, params.id) : found(records, params.id, wanted.idProperty)
    return { status: 200, body: present(record, wanted) }
  })
  route('PATCH', '/:id', (one, { params, query, body }) => {
    const values = parsed(changes, body).properties
    const before = found(one.records, params.id, parsed(readQuery, query).idProperty)
    const record = byApp(one, draft => one.writing.update(draft, before, values))
    return { status: 200, body: presentWrite(one.type, record, Object.keys(values)) }
  })
  route('DELETE', '/:id', (one, { params }) => {
    if (one.records.get(params.id)?.archivedAt === undefined)
      byApp(one, draft => one.writing.archive(draft, found(one.records, params.id, undefined)))
    return { status: 204 }
  })
  batchRoutes(route)
  route('POST', '/search', (one, request) => search(one, request))
  route('POST', '/merge', (one, { body }) => {
    if (!one.type.canMerge) throw notFound()
    const { primaryObjectId, objectIdToMerge } = parsed(mergeRequest, body)
    const [primary, other] = [primaryObjectId, objectIdToMerge].map(id => found(one.records, id, undefined))
    if (!primary || !other || primary.id === other.id) throw invalid('A record cannot be merged with itself')
    const survivor = byApp(one, draft => one.writing.merge(draft, primary, other))
    return { status: 200, body: presentRead(one.type, survivor, Object.keys(survivor.properties)) }
  })
  route('POST', '/gdpr-delete', (one, { body }) => {
    eraseForGood(one, parsed(gdprRequest, body), byApp)
    return { status: 204 }
  })
}

const batchRoutes = (
  route: (
    method: 'POST',
    path: string,
    handle: (objects: PortalObjects, request: FastifyRequest<ObjectRequest>) => Answer,
  ) => void,
): void => {
  route('POST', '/batch/create', ({ batches }, { body }) => batches.create(parsed(batchCreate, body).inputs))
  route('POST', '/batch/update', ({ batches }, { body }) => batches.update(parsed(batchWrite, body).inputs))
  route('POST', '/batch/upsert', ({ batches }, { body }) => batches.upsert(parsed(batchWrite, body).inputs))
  route('POST', '/batch/archive', ({ batches }, { body }) => batches.archive(parsed(batchIds, body).inputs))
  route('POST', '/batch/read', ({ batches, present }, { body, query }) => {
    const { inputs, idProperty: property, ...named } = parsed(batchRead, body)
    const wanted = { properties: named.properties ?? [], propertiesWithHistory: named.propertiesWithHistory ?? [] }
    return batches.read(inputs, {
      idProperty: property,
      archived: parsed(readQuery, query).archived,
      withHistory: wanted.propertiesWithHistory.length > 0,
      present: record => present(record, wanted),
    })
  })
}

type Apply = <Result>(objects: PortalObjects, work: (draft: Draft) => Result) => Result

const applyAs =
  (writer: Writer): Apply =>
  ({ records }, work) => {
    const draft = records.draft(writer)
    const result = work(draft)
    draft.commit()
    return result
  }

const found = (records: PortalObjects['records'], id: string, property: string | undefined): CrmRecord => {
  assertIdentifies(records, property)
  const byId = property === undefined || property === 'hs_object_id'
  const record = byId ? records.resolve(id) : records.findBy(property, id)
  if (!record) throw notFound()
  return record
}

const archivedRecord = (records: PortalObjects['records'], id: string): CrmRecord => {
  const record = records.get(id)
  if (record?.archivedAt === undefined) throw notFound()
  return record
}

const listPage = ({ records, present }: PortalObjects, query: ReadQuery): Answer => {
  const limit = Number(query.limit ?? 10)
  const most = query.propertiesWithHistory.length > 0 ? BATCH_INPUTS_WITH_HISTORY : LIST_PAGE
  if (!(limit >= 1 && limit <= most)) throw invalid(`limit must be from 1 to ${most}`)
  const start = Number(query.after ?? 0)
  const all = query.archived ? records.archived() : records.live()
  const rest = all.filter(record => Number(record.id) >= start).sort((a, b) => Number(a.id) - Number(b.id))
  return paged(
    rest.slice(0, limit).map(record => present(record, query)),
    rest[limit]?.id,
  )
}

const search = ({ type, index }: PortalObjects, request: FastifyRequest): Answer => {
  const characters = rawBody(request).toString('utf8').length
  if (characters > SEARCH_BODY_CHARACTERS)
    throw invalid(`The search has ${characters} characters; at most ${SEARCH_BODY_CHARACTERS} are allowed`)
  const asked = parsed(searchRequest, request.body)
  const { total, records, after } = index.search(asked)
  const { status, body } = paged(
    records.map(record => presentRead(type, record, asked.properties)),
    after,
  )
  return { status, body: { total, ...(body as object) } }
}

const paged = (results: readonly object[], after: string | undefined): Answer => ({
  status: 200,
  body: { results, ...(after === undefined ? {} : { paging: { next: { after, link: `?after=${after}` } } }) },
})

/** Removes the record and the ids merged into it. An address that nobody has may never be used again. */
const eraseForGood = (
  one: PortalObjects,
  { objectId, idProperty: property }: z.infer<typeof gdprRequest>,
  apply: Apply,
): void => {
  if (!one.type.gdprDelete) throw notFound()
  assertIdentifies(one.records, property)
  const byId = property === undefined || property === 'hs_object_id'
  const record = byId
    ? (one.records.resolve(objectId) ?? one.records.get(objectId))
    : one.records.findBy(property, objectId)
  if (record) apply(one, draft => one.writing.erase(draft, record))
  else if (byId) throw notFound()
  else one.writing.block(objectId)
}
