import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../runtime/clock.ts'
import { invalidType, missingArgument, SalesforceRefusal } from './errors.ts'
import type { Org } from './org.ts'
import type { Author, Draft } from './records/records.ts'
import { salesforceTime } from './records/times.ts'
import { valuesOf } from './records/values.ts'
import type { SObjectType } from './schema/objects.ts'
import { TRIBUTARY_ID } from './schema/schema.ts'

/** Id or address of the person who does it; one is taken when nobody is named. */
const by = z.string().optional()
const merge = z.strictObject({ master: z.string(), losers: z.array(z.string()).min(1), by })
const conversion = z.strictObject({ lead: z.string(), contact: z.string().optional(), by })
const edit = z.strictObject({
  object: z.string(),
  /** A record is made without it. */
  id: z.string().optional(),
  operation: z.enum(['save', 'delete', 'restore']).default('save'),
  fields: z.record(z.string(), z.unknown()).default({}),
  by,
  /** A long transaction commits now, and leaves the time of its beginning on the record. */
  begunMsAgo: z.number().nonnegative().default(0),
})
const touch = z.strictObject({ ids: z.array(z.string()).min(1) })
const customField = z.strictObject({
  object: z.enum(['Account', 'Contact', 'Lead', 'Opportunity', 'Task', 'User']).default('Task'),
  name: z
    .string()
    .regex(/^[A-Za-z]\w*__c$/)
    .default(TRIBUTARY_ID.name),
  label: z.string().default(TRIBUTARY_ID.label),
  length: z.number().int().min(1).max(255).default(TRIBUTARY_ID.length),
  externalId: z.boolean().default(TRIBUTARY_ID.externalId),
  unique: z.boolean().default(TRIBUTARY_ID.unique),
  caseSensitive: z.boolean().default(TRIBUTARY_ID.caseSensitive),
})

/** What Salesforce's inspection has beyond what every sandbox has: what users and administrators do, and errors of single records. */
export const orgInspectionRoutes = (app: FastifyInstance, org: Org, clock: Clock): void => {
  const person = (name: string | undefined): Author => ({ userId: org.people.named(name).Id, byHand: true })
  app.post('/_sandbox/merge', request => {
    const { master, losers, by: name } = merge.parse(request.body)
    const { Id } = asked(() => org.change(draft => org.lifecycle.merge(draft, master, losers), person(name)))
    return { id: Id }
  })
  app.post('/_sandbox/convert', request => {
    const { lead, contact, by: name } = conversion.parse(request.body)
    const converted = asked(() => org.change(draft => org.lifecycle.convert(draft, lead, contact), person(name)))
    return { contact: converted.Id, account: converted['AccountId'] ?? null }
  })
  app.post('/_sandbox/edit', request => {
    const { by: name, begunMsAgo, ...change } = edit.parse(request.body)
    const since = clock.now() - begunMsAgo
    return { id: asked(() => org.change(draft => edited(org, draft, change), { ...person(name), since })) }
  })
  backgroundRoutes(app, org, clock)
  app.post('/_sandbox/rows', (request, reply) => {
    org.rowFaults.add(request.body)
    return reply.status(204).send()
  })
  app.post('/_sandbox/fields', (request, reply) => {
    const { object, ...field } = customField.parse(request.body ?? {})
    org.addField(object, field)
    return reply.status(204).send()
  })
  app.delete<{ Params: { object: string; field: string } }>('/_sandbox/fields/:object/:field', ({ params }, reply) => {
    const object = org.schema.object(params.object)
    const field = object && org.schema.field(object, params.field)
    if (!object || !field?.custom) return reply.status(404).send({ message: 'The org has no such custom field.' })
    org.removeField(object.name, field.name)
    return reply.status(204).send()
  })
}

/** What Salesforce does by itself and no user asks for. */
const backgroundRoutes = (app: FastifyInstance, org: Org, clock: Clock): void => {
  app.post('/_sandbox/archive', () => {
    const tasks = org.schema.object('Task')
    const rows = tasks ? org.records.live(tasks) : []
    return { archived: org.change(draft => org.lifecycle.archive(draft, rows, clock.now())) }
  })
  app.post('/_sandbox/touch', (request, reply) => {
    const { ids } = touch.parse(request.body)
    const SystemModstamp = salesforceTime(clock.now())
    org.change(draft => {
      for (const row of ids.flatMap(id => org.records.get(id) ?? [])) draft.put({ ...row, SystemModstamp, Id: row.Id })
    })
    return reply.status(204).send()
  })
}

/** Carries out what a person does to one record; gives its id. */
const edited = (
  org: Org,
  draft: Draft,
  { object: name, id, operation, fields }: Pick<z.infer<typeof edit>, 'object' | 'id' | 'operation' | 'fields'>,
): string => {
  const object: SObjectType | undefined = org.schema.object(name)
  if (!object) throw invalidType(`sObject type '${name}' is not supported.`)
  if (operation === 'save') {
    const values = valuesOf(org.schema, object, fields)
    const saving = { allowDuplicates: true }
    return (
      id ? org.writing.update(draft, object, id, values, saving) : org.writing.create(draft, object, values, saving)
    ).Id
  }
  if (!id) throw missingArgument(`${operation} needs the id of a record`)
  if (operation === 'delete') org.writing.remove(draft, object, id)
  else org.writing.restore(draft, object, id)
  return id
}

const asked = <Result>(work: () => Result): Result => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SalesforceRefusal)) throw error
    throw Object.assign(new Error(error.error.message, { cause: error }), { statusCode: 400 })
  }
}
