import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { page, parsed } from '../bodies.ts'
import { EVENT_DEFINITIONS_PAGE } from '../limits.ts'
import type { CustomEvents } from './custom-events.ts'
import { type EventDefinition, propertiesOf } from './definitions.ts'
import { EVENT_PROPERTY_TYPES } from './event-property.ts'
import { removeEvent } from './occurrences.ts'

const option = z.object({
  label: z.string(),
  value: z.string(),
  description: z.string().optional(),
  displayOrder: z.number().optional(),
  hidden: z.boolean().optional(),
})
const newProperty = z.object({
  label: z.string(),
  name: z.string().optional(),
  type: z.enum(EVENT_PROPERTY_TYPES),
  description: z.string().optional(),
  options: z.array(option).optional(),
})
const matching = z.object({
  primaryObjectRule: z.object({ targetObjectPropertyName: z.string(), eventPropertyName: z.string() }),
})
const newDefinition = z.object({
  label: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  primaryObject: z.string().optional(),
  propertyDefinitions: z.array(newProperty).optional(),
  customMatchingId: matching.optional(),
  includeDefaultProperties: z.boolean().optional(),
})
const immutable = (field: string) => z.undefined(`${field} cannot be changed`).optional()
const changes = z.object({
  label: z.string().optional(),
  description: z.string().optional(),
  name: immutable('name'),
  primaryObject: immutable('primaryObject'),
})
const propertyChanges = z.object({
  label: z.string().optional(),
  description: z.string().optional(),
  options: z.array(option).optional(),
  name: immutable('name'),
  type: immutable('type'),
})
const listQuery = z.object({
  searchString: z.string().default(''),
  after: z.string().optional(),
  limit: z.coerce.number().default(10),
  includeProperties: z.stringbool().default(false),
})

interface DefinitionRequest {
  Params: { eventName: string; propertyName: string }
}

/** `/events/v3/event-definitions`: custom events and their properties. */
export const definitionRoutes = (app: FastifyInstance, { definitions, occurrences }: CustomEvents): void => {
  const base = '/events/v3/event-definitions'
  const one = `${base}/:eventName`
  app.get(base, ({ query }) => {
    const { searchString, after, limit, includeProperties } = parsed(listQuery, query)
    const matches = definitions.list().filter(({ name }) => name.includes(searchString))
    const shown = matches.map(definition => presented(definition, includeProperties))
    return { total: matches.length, ...page(shown, { limit, after, most: EVENT_DEFINITIONS_PAGE }) }
  })
  app.post(base, ({ body }, reply) => {
    const { customMatchingId, ...definition } = parsed(newDefinition, body)
    const created = definitions.create({ ...definition, matching: customMatchingId?.primaryObjectRule })
    return reply.status(201).send(presented(created))
  })
  app.get<DefinitionRequest>(one, ({ params }) => presented(definitions.get(params.eventName)))
  app.patch<DefinitionRequest>(one, ({ params, body }, reply) =>
    reply.status(201).send(presented(definitions.update(params.eventName, parsed(changes, body)))),
  )
  app.delete<DefinitionRequest>(one, ({ params }, reply) => {
    removeEvent(definitions, occurrences, params.eventName)
    return reply.status(204).send()
  })
  app.post<DefinitionRequest>(`${one}/property`, ({ params, body }, reply) =>
    reply.status(201).send(definitions.addProperty(params.eventName, parsed(newProperty, body))),
  )
  app.patch<DefinitionRequest>(`${one}/property/:propertyName`, ({ params, body }, reply) => {
    const { eventName, propertyName } = params
    const changed = definitions.updateProperty(eventName, propertyName, parsed(propertyChanges, body))
    return reply.status(201).send(changed)
  })
  app.delete<DefinitionRequest>(`${one}/property/:propertyName`, ({ params }, reply) => {
    definitions.removeProperty(params.eventName, params.propertyName)
    return reply.status(204).send()
  })
}

const presented = (definition: EventDefinition, withProperties = true): object => {
  const { id, fullyQualifiedName, name, label, description, primaryObject, createdAt, updatedAt, matching } = definition
  return {
    id,
    objectTypeId: id,
    name,
    fullyQualifiedName,
    labels: { singular: label, plural: label },
    description,
    primaryObject,
    ...(matching ? { customMatchingId: { primaryObjectRule: matching } } : {}),
    properties: withProperties ? propertiesOf(definition) : [],
    associations: [],
    archived: false,
    createdAt,
    updatedAt,
  }
}
