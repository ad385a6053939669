import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { page, parsed } from '../bodies.ts'
import { notFound } from '../errors.ts'
import { OWNERS_PAGE } from '../limits.ts'
import { OWNERS } from './owners.ts'

const isTrue = z
  .string()
  .optional()
  .transform(value => value === 'true')
const listQuery = z.object({
  email: z.string().optional(),
  after: z.string().optional(),
  limit: z.coerce.number().default(100),
  archived: isTrue,
})
const oneQuery = z.object({ idProperty: z.enum(['id', 'userId']).default('id'), archived: isTrue })

interface OwnerRequest {
  Params: { ownerId: string }
  Querystring: unknown
}

/** `/crm/v3/owners`: the people that records may be given to. Those who left are shown only to who asks for `archived=true`. */
export const ownerRoutes = (app: FastifyInstance): void => {
  app.get<OwnerRequest>('/crm/v3/owners', ({ query }) => {
    const { email, after, limit, archived } = parsed(listQuery, query)
    const found = OWNERS.filter(
      owner => owner.archived === archived && (email === undefined || owner.email === email.trim().toLowerCase()),
    )
    return page(found, { limit, after, most: OWNERS_PAGE })
  })
  app.get<OwnerRequest>('/crm/v3/owners/:ownerId', ({ params: { ownerId }, query }) => {
    const { idProperty, archived } = parsed(oneQuery, query)
    const property = idProperty === 'id' ? 'id' : 'userIdIncludingInactive'
    const owner = OWNERS.find(one => one.archived === archived && String(one[property]) === ownerId)
    if (!owner) throw notFound()
    return owner
  })
}
