import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parsed } from '../bodies.ts'
import type { Choices } from '../choices.ts'
import { badRequest, notFound } from '../errors.ts'
import { type Field, fits, type Group, type Kind, type Value } from '../model/fields.ts'
import type { Subscription } from '../model/subscription.ts'
import { type MetadataRecord, writeMetadata } from './metadata-batch.ts'

interface MetadataRequest {
  Params: { kind: string; group: string; id: string; field: string }
  Querystring: { create?: string }
}

const KINDS: readonly string[] = ['visitor', 'account'] satisfies Kind[]
/** The groups that the API writes; `auto` is Pendo's own. */
const WRITTEN: readonly string[] = ['agent', 'custom', 'pendo'] satisfies Group[]

const id = z.string().min(1)
const values = z.record(z.string(), z.json())
const RECORDS: Readonly<Record<Kind, z.ZodType<readonly MetadataRecord[]>>> = {
  visitor: z.array(z.object({ visitorId: id, values }).transform(record => ({ ...record, id: record.visitorId }))),
  account: z.array(z.object({ accountId: id, values }).transform(record => ({ ...record, id: record.accountId }))),
}

/** Values of visitors and accounts, many or one at a time, and the schema of their fields: facts/pendo.md §3. */
export const metadataRoutes = (app: FastifyInstance, subscription: Subscription, choices: Choices): void => {
  const { profiles, fields } = subscription
  app.post<MetadataRequest>('/api/v1/metadata/:kind/:group/value', ({ params, query, body }) => {
    const [kind, group] = [kindOf(params.kind), writtenGroup(params.group)]
    const create = query.create === 'true'
    return writeMetadata(subscription, parsed(RECORDS[kind], body), { kind, group, create, choices })
  })
  app.get<MetadataRequest>('/api/v1/metadata/schema/:kind', ({ params }) => schemaOf(fields.of(kindOf(params.kind))))
  const path = '/api/v1/metadata/:kind/:group/value/:id/:field'
  app.put<MetadataRequest>(path, ({ params, body }, reply) => {
    const [kind, group] = [kindOf(params.kind), writtenGroup(params.group)]
    const field = fields.get(kind, group, params.field)
    if (!field) throw notFound(`field ${params.field}`)
    const value = body as Value
    if (body === undefined || !fits(field, value))
      throw badRequest(`${field.name}: expected a value of type ${field.type}`)
    if (!profiles.get(kind, params.id)) throw notFound(kind)
    profiles.write(kind, params.id, group, { [field.name]: value })
    return reply.status(200).send()
  })
  app.get<MetadataRequest>(path, ({ params }, reply) => {
    const kind = kindOf(params.kind)
    const value = profiles.get(kind, params.id)?.metadata[params.group as Group]?.[params.field]
    if (value === undefined) throw notFound('value')
    return reply.type('application/json').send(JSON.stringify(value))
  })
}

const kindOf = (name: string): Kind => {
  if (KINDS.includes(name)) return name as Kind
  throw notFound(`kind ${name}`)
}

const writtenGroup = (name: string): Group => {
  if (WRITTEN.includes(name)) return name as Group
  throw badRequest(`group ${name} cannot be written`)
}

/** By group and name. The keys within are those of tap-pendo's schema; that they begin with capitals is [unverified]: it folds them. */
const schemaOf = (fields: readonly Field[]): object =>
  Object.fromEntries(
    [...Map.groupBy(fields, ({ group }) => group)].map(([group, own]) => [
      group,
      Object.fromEntries(own.map(field => [field.name, describe(field)])),
    ]),
  )

const describe = ({ type, displayName, group }: Field): object => ({
  Type: type,
  DisplayName: displayName,
  ElementType: type === 'list' ? 'string' : '',
  ElementFormat: '',
  Dirty: false,
  IsHidden: false,
  IsDeleted: false,
  IsCalculated: group === 'auto',
  IsPerApp: false,
  NeverIndex: false,
})
