import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertInputs, batchBody, page, parsed } from '../bodies.ts'
import { invalid } from '../errors.ts'
import { MARKETING_INPUTS, MARKETING_PAGE } from '../limits.ts'
import type { Portal } from '../portal.ts'
import { momentOf } from '../properties/values.ts'
import type { Marketing } from './marketing.ts'
import type { MarketingEvent } from './marketing-events.ts'
import { eventForms } from './presentation.ts'

const moment = z.string().transform((value, context) => {
  const time = momentOf(value)
  if (time !== undefined) return new Date(time).toISOString()
  context.addIssue('not a time in ISO 8601')
  return z.NEVER
})
const customProperties = z
  .array(z.unknown())
  .max(0, 'the sandbox has no custom properties of marketing events; send an empty list')
  .nullish()
const text = z.string().optional()
const optional = {
  eventType: text,
  startDateTime: moment.optional(),
  endDateTime: moment.optional(),
  eventDescription: text,
  eventUrl: text,
  eventCancelled: z.boolean().optional(),
  eventCompleted: z.boolean().optional(),
}
const required = z.string().trim().min(1)
const newEvent = z
  .object({
    eventName: required,
    eventOrganizer: required,
    externalEventId: required,
    externalAccountId: required,
    ...optional,
    customProperties,
  })
  .transform(withoutCustom)
const changes = z
  .object({ eventName: required.optional(), eventOrganizer: required.optional(), ...optional, customProperties })
  .transform(withoutCustom)
const batch = z.object({ inputs: z.array(newEvent) })
const completion = z.object({ startDateTime: moment, endDateTime: moment })
const account = z.object({ externalAccountId: z.string() })
const listQuery = z.object({ after: z.string().optional(), limit: z.coerce.number().default(10) })
const searchQuery = z.object({ q: z.string() })

/** Fields that are not given are absent, as the types of the store want them. */
function withoutCustom<Fields extends { customProperties?: unknown }>(fields: Fields): Given<Fields> {
  const { customProperties: _, ...rest } = fields
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Given<Fields>
}
type Given<Fields> = {
  [Field in Exclude<keyof Fields, 'customProperties'>]: Exclude<Fields[Field], undefined>
}

export const MARKETING = '/marketing/v3/marketing-events'
/** The path that the specification has for the list; the official client uses the other. */
const SPECIFIED_LIST = '/marketing/marketing-events/v3'

interface EventRequest {
  Params: { externalEventId: string; objectId: string }
}

/** `/marketing/v3/marketing-events`: the events themselves, by external ids and by object id. */
export const marketingEventRoutes = (app: FastifyInstance, portal: Portal, marketing: Marketing): void => {
  const { events } = marketing
  const forms = eventForms(marketing, portal)
  const base = `${MARKETING}/events`
  const one = `${base}/:externalEventId`
  const named = ({ params, query }: { params: EventRequest['Params']; query: unknown }): MarketingEvent =>
    events.getNamed(params.externalEventId, parsed(account, query).externalAccountId)
  app.post(base, ({ body }) => forms.brief(events.create(parsed(newEvent, body))))
  app.post(`${base}/upsert`, ({ body }) => {
    const { inputs } = parsed(batch, body)
    assertInputs(inputs, MARKETING_INPUTS)
    return batchBody(
      portal.now(),
      inputs.map(input => forms.written(events.upsert(input))),
    )
  })
  app.get<EventRequest>(one, request => forms.read(named(request)))
  app.put<EventRequest>(one, ({ params, body }) => {
    const fields = parsed(newEvent, body)
    if (fields.externalEventId !== params.externalEventId)
      throw invalid('The externalEventId of the body is not the one of the path')
    return forms.written(events.upsert(fields))
  })
  app.patch<EventRequest>(one, request =>
    forms.written(events.update(named(request).objectId, parsed(changes, request.body))),
  )
  app.delete<EventRequest>(one, (request, reply) => {
    marketing.remove(named(request))
    return reply.status(204).send()
  })
  app.post<EventRequest>(`${one}/complete`, request => {
    const times = parsed(completion, request.body)
    return forms.brief(events.update(named(request).objectId, { ...times, eventCompleted: true }))
  })
  app.post<EventRequest>(`${one}/cancel`, request =>
    forms.brief(events.update(named(request).objectId, { eventCancelled: true })),
  )
  byObjectId(app, portal, marketing)
}

const byObjectId = (app: FastifyInstance, portal: Portal, marketing: Marketing): void => {
  const { events } = marketing
  const forms = eventForms(marketing, portal)
  const one = `${MARKETING}/:objectId`
  for (const path of [MARKETING, SPECIFIED_LIST])
    app.get(path, ({ query }) =>
      page(events.list().map(forms.full), { ...parsed(listQuery, query), most: MARKETING_PAGE }),
    )
  app.get<EventRequest>(one, ({ params }) => forms.full(events.get(params.objectId)))
  app.patch<EventRequest>(one, ({ params, body }) => forms.full(events.update(params.objectId, parsed(changes, body))))
  app.delete<EventRequest>(one, ({ params }, reply) => {
    marketing.remove(events.get(params.objectId))
    return reply.status(204).send()
  })
  app.get(`${MARKETING}/events/search`, ({ query }) => ({
    results: events
      .named(parsed(searchQuery, query).q)
      .map(({ externalAccountId, externalEventId, appId, objectId }) => ({
        ...{ externalAccountId, externalEventId, objectId },
        appId: Number(appId),
      })),
  }))
  app.get<EventRequest>(`${MARKETING}/:externalEventId/identifiers`, ({ params }) => {
    const results = events.named(params.externalEventId).map(forms.identifiers)
    return { total: results.length, results }
  })
}
