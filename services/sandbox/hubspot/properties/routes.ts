import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { batchBody, parsed } from '../bodies.ts'
import { asStandardError, HubSpotRefusal, missingRecords, notFound, type StandardError } from '../errors.ts'
import type { Portal } from '../portal.ts'
import type { Properties } from './definitions.ts'
import type { PropertyDefinition } from './predefined.ts'
import { PROPERTY_TYPES } from './row.ts'

const option = z.object({
  label: z.string(),
  value: z.string(),
  displayOrder: z.number().optional(),
  hidden: z.boolean().optional(),
})
const optional = {
  description: z.string().optional(),
  options: z.array(option).optional(),
  displayOrder: z.number().optional(),
  hidden: z.boolean().optional(),
  formField: z.boolean().optional(),
}
const newProperty = z.object({
  name: z.string(),
  label: z.string(),
  groupName: z.string(),
  type: z.enum(PROPERTY_TYPES),
  fieldType: z.string(),
  hasUniqueValue: z.boolean().optional(),
  externalOptions: z.boolean().optional(),
  ...optional,
})
const propertyChanges = z.object({
  label: z.string().optional(),
  groupName: z.string().optional(),
  type: z.enum(PROPERTY_TYPES).optional(),
  fieldType: z.string().optional(),
  ...optional,
})
const newGroup = z.object({ name: z.string(), label: z.string(), displayOrder: z.number().optional() })
const groupChanges = z.object({ label: z.string().optional(), displayOrder: z.number().optional() })
const batchCreate = z.object({ inputs: z.array(newProperty) })
const batchNames = z.object({ inputs: z.array(z.object({ name: z.string() })) })

interface PropertyRequest {
  Params: { objectType: string; name: string }
}

/** `/crm/v3/properties/…`: definitions, single and in batches, and their groups. */
export const propertyRoutes = (app: FastifyInstance, portal: Portal): void => {
  const base = '/crm/v3/properties/:objectType'
  const properties = (request: { params: { objectType: string } }): Properties =>
    portal.objects(request.params.objectType).properties
  app.get<PropertyRequest>(base, request => ({ results: properties(request).list() }))
  app.post<PropertyRequest>(base, (request, reply) =>
    reply.status(201).send(properties(request).create(parsed(newProperty, request.body))),
  )
  app.get<PropertyRequest>(`${base}/:name`, request => existing(properties(request).get(request.params.name)))
  app.patch<PropertyRequest>(`${base}/:name`, request =>
    properties(request).update(request.params.name, parsed(propertyChanges, request.body)),
  )
  app.delete<PropertyRequest>(`${base}/:name`, (request, reply) => {
    portal.archiveProperty(request.params.objectType, request.params.name)
    return reply.status(204).send()
  })
  groupRoutes(app, base, properties)
  batchRoutes(app, base, portal)
}

const groupRoutes = (
  app: FastifyInstance,
  base: string,
  properties: (request: { params: { objectType: string } }) => Properties,
): void => {
  const groups = `${base}/groups`
  app.get<PropertyRequest>(groups, request => ({ results: properties(request).groups() }))
  app.post<PropertyRequest>(groups, (request, reply) =>
    reply.status(201).send(properties(request).createGroup(parsed(newGroup, request.body))),
  )
  app.get<PropertyRequest>(`${groups}/:name`, request => existing(properties(request).group(request.params.name)))
  app.patch<PropertyRequest>(`${groups}/:name`, request =>
    properties(request).updateGroup(request.params.name, parsed(groupChanges, request.body)),
  )
  app.delete<PropertyRequest>(`${groups}/:name`, (request, reply) => {
    properties(request).archiveGroup(request.params.name)
    return reply.status(204).send()
  })
}

const batchRoutes = (app: FastifyInstance, base: string, portal: Portal): void => {
  app.post<PropertyRequest>(`${base}/batch/create`, (request, reply) => {
    const { properties } = portal.objects(request.params.objectType)
    const results: PropertyDefinition[] = []
    const errors: StandardError[] = []
    for (const property of parsed(batchCreate, request.body).inputs) {
      try {
        results.push(properties.create(property))
      } catch (error) {
        if (!(error instanceof HubSpotRefusal)) throw error
        errors.push({ ...asStandardError(error, ''), context: { name: [property.name] } })
      }
    }
    return reply.status(errors.length > 0 ? 207 : 201).send(batchBody(portal.now(), results, errors))
  })
  app.post<PropertyRequest>(`${base}/batch/read`, (request, reply) => {
    const { properties } = portal.objects(request.params.objectType)
    const names = parsed(batchNames, request.body).inputs.map(({ name }) => name)
    const results = names.map(properties.get).filter(property => property !== undefined)
    const absent = names.filter(name => !properties.get(name))
    const errors = absent.length > 0 ? [missingRecords('Property', absent)] : []
    return reply.status(errors.length > 0 ? 207 : 200).send(batchBody(portal.now(), results, errors))
  })
  app.post<PropertyRequest>(`${base}/batch/archive`, (request, reply) => {
    for (const { name } of parsed(batchNames, request.body).inputs)
      portal.archiveProperty(request.params.objectType, name)
    return reply.status(204).send()
  })
}

const existing = <Found extends object>(found: Found | undefined): Found => {
  if (!found) throw notFound()
  return found
}
