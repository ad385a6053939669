import type { FastifyInstance, FastifyReply } from 'fastify'
import { entityIsDeleted, invalidField, notFound } from '../errors.ts'
import type { Org } from '../org.ts'
import { isLive, type Row } from '../records/records.ts'
import { valuesOf } from '../records/values.ts'
import type { SObjectType } from '../schema/objects.ts'
import { chosenFields, presentedRecord } from './presentation.ts'
import { basePath, DATA, idOf, keyOf, listed, objectOf, parsed, recordBody, writeOptions } from './requests.ts'

interface RecordRequest {
  Params: { version: string; object: string; id: string; field: string; value: string }
  Querystring: { fields?: string; updateOnly?: string }
}

/** From this version on an upsert that updates answers with the record's id. */
const ANSWERS_UPDATES = 46

/** One record at a time: by its id, and by an external id. */
export const recordRoutes = (app: FastifyInstance, org: Org): void => {
  app.post<RecordRequest>(`${DATA}/sobjects/:object`, (request, reply) => {
    const object = objectOf(org, request.params.object)
    const values = valuesOf(org.schema, object, parsed(recordBody, request.body))
    const row = org.change(draft => org.writing.create(draft, object, values, writeOptions(request)))
    return reply.status(201).send({ id: row.Id, success: true, errors: [] })
  })
  app.get<RecordRequest>(`${DATA}/sobjects/:object/:id`, ({ params, query }, reply) => {
    const object = objectOf(org, params.object)
    const row = liveRow(org, idOf(object, params.id))
    const fields = chosenFields(org, object, listed(query.fields))
    return reply.send(presentedRecord(object, row, fields, basePath(params)))
  })
  app.patch<RecordRequest>(`${DATA}/sobjects/:object/:id`, (request, reply) => {
    const object = objectOf(org, request.params.object)
    const { Id: id } = liveRow(org, idOf(object, request.params.id))
    const values = valuesOf(org.schema, object, parsed(recordBody, request.body))
    org.change(draft => org.writing.update(draft, object, id, values, writeOptions(request)))
    return reply.status(204).send()
  })
  app.delete<RecordRequest>(`${DATA}/sobjects/:object/:id`, ({ params }, reply) => {
    const object = objectOf(org, params.object)
    const { Id: id } = liveRow(org, idOf(object, params.id))
    org.change(draft => org.writing.remove(draft, object, id))
    return reply.status(204).send()
  })
  externalIdRoutes(app, org)
}

const externalIdRoutes = (app: FastifyInstance, org: Org): void => {
  const route = `${DATA}/sobjects/:object/:field/:value`
  app.patch<RecordRequest>(route, (request, reply) => {
    const { params, query } = request
    const object = objectOf(org, params.object)
    const field = keyOf(org, object, params.field)
    const values = valuesOf(org.schema, object, parsed(recordBody, request.body))
    if (values[field.name] !== undefined)
      throw invalidField(`The ${field.name} field should not be specified in the sobject data.`)
    const options = { ...writeOptions(request), updateOnly: query.updateOnly === 'true' }
    const upserted = org.change(draft =>
      org.writing.upsert(draft, object, { field, value: params.value }, values, options),
    )
    if ('candidates' in upserted) return refuseCandidates(reply, object, upserted.candidates, basePath(params))
    const { row, created } = upserted
    if (!created && Number(params.version.slice(1)) < ANSWERS_UPDATES) return reply.status(204).send()
    return reply.status(created ? 201 : 200).send({ id: row.Id, errors: [], success: true, created })
  })
  app.get<RecordRequest>(route, ({ params, query }, reply) => {
    const object = objectOf(org, params.object)
    const found = org.records.findBy(object, keyOf(org, object, params.field), params.value)
    const [row] = found
    if (!row || found.length > 1) return refuseCandidates(reply, object, found, basePath(params))
    const fields = chosenFields(org, object, listed(query.fields))
    return reply.send(presentedRecord(object, row, fields, basePath(params)))
  })
  app.delete<RecordRequest>(route, ({ params }, reply) => {
    const object = objectOf(org, params.object)
    const found = org.records.findBy(object, keyOf(org, object, params.field), params.value)
    const [row] = found
    if (!row || found.length > 1) return refuseCandidates(reply, object, found, basePath(params))
    org.change(draft => org.writing.remove(draft, object, row.Id))
    return reply.status(204).send()
  })
}

/** Several records of an external id are listed by their addresses. */
const refuseCandidates = (
  reply: FastifyReply,
  { name }: SObjectType,
  candidates: readonly Row[],
  base: string,
): FastifyReply => {
  if (candidates.length === 0) throw notFound()
  return reply.status(300).send(candidates.map(({ Id }) => `${base}/sobjects/${name}/${Id}`))
}

const liveRow = ({ records }: Org, id: string): Row => {
  const row = records.get(id)
  if (!row) throw notFound()
  if (!isLive(row)) throw entityIsDeleted()
  return row
}
