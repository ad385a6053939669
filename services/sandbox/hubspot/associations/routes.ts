import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertInputs, batchBody, page, parsed } from '../bodies.ts'
import { asStandardError, HubSpotRefusal, notFound, type StandardError } from '../errors.ts'
import { ASSOCIATION_INPUTS, ASSOCIATION_READ_INPUTS, ASSOCIATIONS_PAGE } from '../limits.ts'
import type { Portal } from '../portal.ts'
import { askedType, associationSpecs, existingEnd, recordId } from './asked.ts'
import type { AssociationType } from './association-types.ts'
import type { End } from './associations.ts'

const one = z.object({ id: recordId })
const batchOf = <Input extends z.ZodType>(input: Input) => z.object({ inputs: z.array(input) })
const labelled = batchOf(z.object({ from: one, to: one, types: associationSpecs }))
const unlabelled = batchOf(z.object({ from: one, to: one }))
const archived = batchOf(z.object({ from: one, to: z.array(one) }))
const reads = batchOf(z.object({ id: recordId, after: z.string().optional() }))
const pageQuery = z.object({ limit: z.coerce.number().default(ASSOCIATIONS_PAGE), after: z.string().optional() })

interface AssociationRequest {
  Params: { from: string; to: string; id: string; toId: string }
}

/** `/crm/v4/associations/…` and `/crm/v4/objects/…/associations/…`, between activities and contacts, companies and deals. */
export const associationRoutes = (app: FastifyInstance, portal: Portal): void => {
  batchRoutes(app, portal)
  const { associations } = portal
  const base = '/crm/v4/objects/:from/:id/associations'
  app.get<AssociationRequest>(`${base}/:to`, ({ params, query }) => {
    const type = askedType(portal, params.from, params.to)
    const { limit, after } = parsed(pageQuery, query)
    const record = portal.objects(params.from).records.resolve(params.id)
    if (!record) throw notFound()
    const all = associations.of({ type: type.from, id: record.id }, type.to)
    return page(
      all.map(id => associated(type, id)),
      { limit, after, most: ASSOCIATIONS_PAGE },
    )
  })
  app.put<AssociationRequest>(`${base}/default/:to/:toId`, ({ params }) =>
    batchBody(portal.now(), associateByDefault(portal, params, params.id, params.toId)),
  )
  app.put<AssociationRequest>(`${base}/:to/:toId`, ({ params, body }, reply) => {
    askedType(portal, params.from, params.to, parsed(associationSpecs, body))
    const { from, to } = associate(portal, params, params.id, params.toId)
    return reply.status(201).send(labels(portal, from, to))
  })
  app.delete<AssociationRequest>(`${base}/:to/:toId`, ({ params }, reply) => {
    dissociate(portal, params, params.id, params.toId)
    return reply.status(204).send()
  })
}

const batchRoutes = (app: FastifyInstance, portal: Portal): void => {
  const base = '/crm/v4/associations/:from/:to/batch'
  app.post<AssociationRequest>(`${base}/create`, ({ params, body }, reply) => {
    const { inputs } = parsed(labelled, body)
    const { results, errors } = each(inputs, ASSOCIATION_INPUTS, input => {
      askedType(portal, params.from, params.to, input.types)
      const { from, to } = associate(portal, params, input.from.id, input.to.id)
      return [labels(portal, from, to)]
    })
    return reply.status(errors.length > 0 ? 207 : 201).send(batchBody(portal.now(), results, errors))
  })
  // The specification has one status for success and partial success: the errors are in the body.
  app.post<AssociationRequest>(`${base}/associate/default`, ({ params, body }) => {
    const { results, errors } = each(parsed(unlabelled, body).inputs, ASSOCIATION_INPUTS, ({ from, to }) =>
      associateByDefault(portal, params, from.id, to.id),
    )
    return batchBody(portal.now(), results, errors)
  })
  app.post<AssociationRequest>(`${base}/read`, ({ params, body }, reply) => {
    const type = askedType(portal, params.from, params.to)
    const { results, errors } = each(parsed(reads, body).inputs, ASSOCIATION_READ_INPUTS, ({ id, after }) => {
      const { type: from, records } = portal.objects(params.from)
      const ids = portal.associations.of({ type: from.name, id: records.resolve(id)?.id ?? id }, type.to)
      if (ids.length === 0) throw nothingAssociated(portal, type, id)
      const { results: to, ...paging } = page(
        ids.map(one => associated(type, one)),
        { limit: ASSOCIATIONS_PAGE, after, most: ASSOCIATIONS_PAGE },
      )
      return [{ from: { id }, to, ...paging }]
    })
    return reply.status(errors.length > 0 ? 207 : 200).send(batchBody(portal.now(), results, errors))
  })
  app.post<AssociationRequest>(`${base}/archive`, ({ params, body }, reply) => {
    const { inputs } = parsed(archived, body)
    assertInputs(inputs, ASSOCIATION_INPUTS)
    for (const { from, to } of inputs) for (const { id } of to) dissociate(portal, params, from.id, id)
    return reply.status(204).send()
  })
}

/** Does each input for itself: one that is refused is among the errors. */
const each = <Input>(
  inputs: readonly Input[],
  most: number,
  work: (input: Input) => readonly object[],
): { results: object[]; errors: StandardError[] } => {
  assertInputs(inputs, most)
  const results: object[] = []
  const errors: StandardError[] = []
  for (const input of inputs) {
    try {
      results.push(...work(input))
    } catch (error) {
      if (!(error instanceof HubSpotRefusal)) throw error
      errors.push(asStandardError(error))
    }
  }
  return { results, errors }
}

interface Types {
  readonly from: string
  readonly to: string
}

const associate = (portal: Portal, types: Types, fromId: string, toId: string): { from: End; to: End } => {
  const from = existingEnd(portal, types.from, fromId)
  const to = existingEnd(portal, types.to, toId)
  portal.associations.add(from, to, portal.app)
  return { from, to }
}

/** Makes the most general association of two object types, and tells it from both ends. */
const associateByDefault = (portal: Portal, types: Types, fromId: string, toId: string): object[] => {
  const [there, back] = [askedType(portal, types.from, types.to), askedType(portal, types.to, types.from)]
  const { from, to } = associate(portal, types, fromId, toId)
  const told = (a: End, b: End, { typeId }: AssociationType): object => ({
    from: { id: a.id },
    to: { id: b.id },
    associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId },
  })
  return [told(from, to, there), told(to, from, back)]
}

const dissociate = (portal: Portal, types: Types, fromId: string, toId: string): void => {
  askedType(portal, types.from, types.to)
  const end = (objectType: string, id: string): End => {
    const { type, records } = portal.objects(objectType)
    return { type: type.name, id: records.resolve(id)?.id ?? id }
  }
  portal.associations.remove(end(types.from, fromId), end(types.to, toId), portal.app)
}

const labels = (portal: Portal, from: End, to: End): object => ({
  fromObjectTypeId: portal.objects(from.type).type.typeId,
  fromObjectId: from.id,
  toObjectTypeId: portal.objects(to.type).type.typeId,
  toObjectId: to.id,
  labels: [],
})

const associated = ({ typeId }: AssociationType, toObjectId: string): object => ({
  toObjectId,
  associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId, label: null }],
})

/** What portals answer in a batch for a record without any such association. */
const nothingAssociated = (portal: Portal, type: AssociationType, id: string): HubSpotRefusal => {
  const [from, to] = [type.from, type.to].map(name => portal.objects(name).type.singular.toLowerCase()) as [
    string,
    string,
  ]
  return new HubSpotRefusal(404, {
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${to} is associated with ${from} ${id}.`,
    context: { fromObjectId: [id], fromObjectType: [from], toObjectType: [to] },
  })
}
