import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { SalesforceRefusal } from './errors.ts'
import type { Org } from './org.ts'
import { TRIBUTARY_ID } from './schema/schema.ts'

const merge = z.strictObject({ master: z.string(), losers: z.array(z.string()).min(1) })
const conversion = z.strictObject({ lead: z.string(), contact: z.string().optional() })
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
export const orgInspectionRoutes = (app: FastifyInstance, org: Org): void => {
  app.post('/_sandbox/merge', request => {
    const { master, losers } = merge.parse(request.body)
    const { Id } = asked(() => org.change(draft => org.lifecycle.merge(draft, master, losers)))
    return { id: Id }
  })
  app.post('/_sandbox/convert', request => {
    const { lead, contact } = conversion.parse(request.body)
    const { Id, AccountId } = asked(() => org.change(draft => org.lifecycle.convert(draft, lead, contact)))
    return { contact: Id, account: AccountId ?? null }
  })
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

const asked = <Result>(work: () => Result): Result => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SalesforceRefusal)) throw error
    throw Object.assign(new Error(error.error.message, { cause: error }), { statusCode: 400 })
  }
}
