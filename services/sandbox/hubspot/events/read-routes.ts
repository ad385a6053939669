import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { page, parsed } from '../bodies.ts'
import { invalid } from '../errors.ts'
import { EVENTS_PAGE } from '../limits.ts'
import type { Portal } from '../portal.ts'
import { isoTime, momentOf } from '../properties/values.ts'
import type { CustomEvents } from './custom-events.ts'
import type { Occurrence } from './occurrences.ts'

const list = z
  .union([z.string(), z.array(z.string())])
  .transform(names => [names].flat().flatMap(name => name.split(',')))
const moment = z.string().transform((value, context) => {
  const time = momentOf(value)
  if (time === undefined) context.addIssue('neither ISO 8601 nor milliseconds since the epoch')
  return time ?? Number.NaN
})
const readQuery = z.object({
  objectType: z.string().optional(),
  objectId: z.string().optional(),
  eventType: z.string().optional(),
  occurredAfter: moment.optional(),
  occurredBefore: moment.optional(),
  id: list.optional(),
  properties: list.optional(),
  limit: z.coerce.number().default(20),
  after: z.string().optional(),
  before: z.undefined('the sandbox pages forwards only; use after').optional(),
  sort: z.enum(['occurredAt', '-occurredAt']).default('-occurredAt'),
})
type ReadQuery = z.infer<typeof readQuery>

type Kept = readonly [key: string, occurrence: Occurrence]

/** `/events/v3/events`: occurrences by record, by event or both, the latest first unless sorted otherwise. */
export const readRoutes = (app: FastifyInstance, portal: Portal, events: CustomEvents): void => {
  app.get('/events/v3/events', request => {
    const query = parsed(readQuery, request.query)
    const byValue = prefixed(request.query, 'property.')
    const record = recordAsked(portal, query, prefixed(request.query, 'objectProperty.'))
    if (!record && !query.eventType) throw invalid('Expected eventType, or objectType with the id of an object')
    const found = events
      .readable()
      .filter(([, one]) => isAsked(one, query, byValue) && (!record || isOn(one, record, portal, events)))
      .sort(inOrder(query.sort))
    const shown = found.map(([, occurrence]) => presented(occurrence, query.properties, events))
    return page(shown, { limit: query.limit, after: query.after, most: EVENTS_PAGE })
  })
  app.get('/events/v3/events/event-types', () => ({
    eventTypes: events.definitions.list().map(({ fullyQualifiedName }) => fullyQualifiedName),
  }))
}

/** The parameters whose names start with the prefix, without it. */
const prefixed = (query: unknown, prefix: string): [name: string, value: string][] =>
  Object.entries(query as Record<string, unknown>).flatMap(([name, value]): [string, string][] =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), String(value)]] : [],
  )

interface RecordAsked {
  readonly typeId: string
  /** undefined when no record has the value that was asked for. */
  readonly id: string | undefined
}

const recordAsked = (
  portal: Portal,
  { objectType, objectId }: ReadQuery,
  [byProperty]: [name: string, value: string][],
): RecordAsked | undefined => {
  if (objectType === undefined) {
    if (objectId !== undefined || byProperty) throw invalid('objectType is needed with the id of an object')
    return undefined
  }
  const { records, type } = portal.objects(objectType)
  if (objectId !== undefined) return { typeId: type.typeId, id: records.resolve(objectId)?.id ?? objectId }
  if (!byProperty) return undefined
  const [property, value] = byProperty
  if (!records.isUnique(property)) throw invalid(`"${property}" is not a unique property of ${type.name}`)
  return { typeId: type.typeId, id: records.findBy(property, value)?.id }
}

const isOn = (one: Occurrence, { typeId, id }: RecordAsked, portal: Portal, events: CustomEvents): boolean =>
  portal.objects(one.objectType).type.typeId === typeId && id === events.occurrences.recordOf(one)

const isAsked = (
  { id, eventName, occurredAt, properties }: Occurrence,
  query: ReadQuery,
  byValue: readonly [name: string, value: string][],
): boolean =>
  (query.eventType === undefined || eventName === query.eventType) &&
  (query.id === undefined || query.id.includes(id)) &&
  (query.occurredAfter === undefined || occurredAt > query.occurredAfter) &&
  (query.occurredBefore === undefined || occurredAt < query.occurredBefore) &&
  byValue.every(([name, value]) => properties[name] === value)

const inOrder = (sort: ReadQuery['sort']): ((a: Kept, b: Kept) => number) => {
  const sign = sort === 'occurredAt' ? 1 : -1
  return ([keyA, a], [keyB, b]) => sign * (a.occurredAt - b.occurredAt || Number(keyA) - Number(keyB))
}

const presented = (occurrence: Occurrence, names: readonly string[] | undefined, events: CustomEvents): object => {
  const { id, eventName, objectType, occurredAt, properties } = occurrence
  const wanted = Object.entries(properties).filter(([name]) => names === undefined || names.includes(name))
  return {
    objectType,
    objectId: events.occurrences.recordOf(occurrence),
    eventType: eventName,
    occurredAt: isoTime(occurredAt),
    id,
    properties: Object.fromEntries(wanted),
  }
}
