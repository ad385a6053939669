import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { page, parsed } from '../bodies.ts'
import { notFound } from '../errors.ts'
import { MARKETING_PAGE } from '../limits.ts'
import type { Portal } from '../portal.ts'
import { MARKETING } from './event-routes.ts'
import type { Marketing } from './marketing.ts'
import type { MarketingEvent } from './marketing-events.ts'
import { currentCounters, type Participation } from './participations.ts'
import { presentParticipation } from './presentation.ts'

const breakdownQuery = z.object({
  state: z.enum(['REGISTERED', 'ATTENDED', 'CANCELLED', 'NO_SHOW']).optional(),
  contactIdentifier: z.string().optional(),
  after: z.string().optional(),
  limit: z.coerce.number().default(10),
})

interface ParticipationRequest {
  Params: { externalAccountId: string; externalEventId: string; marketingEventId: string; contactIdentifier: string }
}

/** `/marketing/v3/marketing-events/participations`: counters of an event, and who took part, by event or by contact. */
export const participationRoutes = (app: FastifyInstance, portal: Portal, marketing: Marketing): void => {
  const base = `${MARKETING}/participations`
  const breakdown = (all: readonly Participation[], query: unknown): object => {
    const { state, contactIdentifier, after, limit } = parsed(breakdownQuery, query)
    const contactId = contactIdentifier === undefined ? undefined : contactOf(portal, contactIdentifier)
    const matches = all
      .filter(one => state === undefined || one.state === state)
      .filter(one => contactId === undefined || one.contactId === contactId)
    const shown = matches.map(one => presentParticipation(one, portal))
    return { total: matches.length, ...page(shown, { limit, after, most: MARKETING_PAGE }) }
  }
  const eventPaths: [path: string, find: (params: ParticipationRequest['Params']) => MarketingEvent][] = [
    [
      `${base}/:externalAccountId/:externalEventId`,
      ({ externalAccountId, externalEventId }) => marketing.events.getNamed(externalEventId, externalAccountId),
    ],
    [`${base}/:marketingEventId`, ({ marketingEventId }) => marketing.events.get(marketingEventId)],
  ]
  for (const [path, find] of eventPaths) {
    app.get<ParticipationRequest>(path, ({ params }) => currentCounters(marketing.of(find(params))))
    app.get<ParticipationRequest>(`${path}/breakdown`, ({ params, query }) =>
      breakdown(marketing.of(find(params)), query),
    )
  }
  app.get<ParticipationRequest>(`${base}/contacts/:contactIdentifier/breakdown`, ({ params, query }) => {
    const contactId = contactOf(portal, params.contactIdentifier)
    return breakdown(
      marketing.participations.list().filter(one => one.contactId === contactId),
      query,
    )
  })
}

/** A contact by record id or address. */
const contactOf = (portal: Portal, identifier: string): string => {
  const { records } = portal.objects('contacts')
  const contact = identifier.includes('@') ? records.findBy('email', identifier) : records.resolve(identifier)
  if (!contact) throw notFound('No contact with this id or address')
  return contact.id
}
