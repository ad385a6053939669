import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
import type { Portal } from '../portal.ts'
import { createMarketingEvents, type MarketingEvent, type MarketingEvents } from './marketing-events.ts'
import {
  activityCounters,
  createParticipations,
  type Participation,
  type Participations,
  type StateOrder,
} from './participations.ts'

/** The marketing events of an account and who took part in them. */
export interface Marketing {
  readonly events: MarketingEvents
  readonly participations: Participations
  readonly app: { readonly id: string; readonly name: string }
  of(event: MarketingEvent): Participation[]
  /** Removes an event and who took part in it. */
  remove(event: MarketingEvent): void
  state(): Record<'marketing_event' | 'marketing_participation', { id: string; properties: Record<string, unknown> }[]>
}

export interface MarketingOptions {
  readonly appName: string
  readonly attendanceOrder: StateOrder
}

export const createMarketing = (store: Store, clock: Clock, portal: Portal, options: MarketingOptions): Marketing => {
  const events = createMarketingEvents(store, portal)
  const participations = createParticipations(store, clock, portal, events, options.attendanceOrder)
  const app = { id: portal.app.id, name: options.appName }
  const of = ({ objectId }: MarketingEvent): Participation[] => participations.list(objectId)
  return {
    events,
    participations,
    app,
    of,
    remove: ({ objectId }) => {
      participations.removeOf(objectId)
      events.remove(objectId)
    },
    state: () => {
      const all = participations.list()
      const byEvent = Map.groupBy(all, ({ event }) => event.objectId)
      return {
        marketing_event: events.list().map(({ objectId: id, appId, ...fields }) => {
          const counters = activityCounters(byEvent.get(id) ?? [])
          return { id, properties: { ...fields, appInfo: { ...app, id: appId }, ...counters } }
        }),
        marketing_participation: all.map(one => participationState(one, portal)),
      }
    },
  }
}

const participationState = (
  { id, event, contactId, state, latest, interactions }: Participation,
  portal: Portal,
): { id: string; properties: Record<string, unknown> } => {
  const iso = (time: number | undefined): string | null => (time === undefined ? null : new Date(time).toISOString())
  const stay = interactions.findLast(one => one.joinedAt !== undefined)
  return {
    id,
    properties: {
      marketingEventId: event.objectId,
      externalEventId: event.externalEventId,
      externalAccountId: event.externalAccountId,
      contactId,
      email: portal.objects('contacts').records.get(contactId)?.properties['email'] ?? null,
      attendanceState: state,
      occurredAt: iso(latest.at),
      joinedAt: iso(stay?.joinedAt),
      leftAt: iso(stay?.leftAt),
      interactions: interactions.map(one => ({ state: one.state, interactionDateTime: one.at })),
    },
  }
}
