import type { Portal } from '../portal.ts'
import type { Marketing } from './marketing.ts'
import type { MarketingEvent } from './marketing-events.ts'
import { activityCounters, type Participation } from './participations.ts'

/** The forms in which HubSpot's endpoints give a marketing event: `MarketingEvent…Response` of its specification. */
export interface EventForms {
  /** Creation by external ids, completion, cancellation: `MarketingEventDefaultResponse`. */
  brief(event: MarketingEvent): object
  /** Changes by external ids: `MarketingEventPublicDefaultResponse`. */
  written(event: MarketingEvent): object
  /** A read by external ids: `MarketingEventPublicReadResponse`. */
  read(event: MarketingEvent): object
  /** Everything by object id, and the list: `MarketingEventPublicReadResponseV2`. */
  full(event: MarketingEvent): object
  identifiers(event: MarketingEvent): object
}

export const eventForms = (marketing: Marketing, portal: Portal): EventForms => {
  const brief = (event: MarketingEvent) => {
    const { eventName, eventOrganizer, eventType, eventDescription, eventUrl, startDateTime, endDateTime } = event
    return {
      ...{ eventName, eventOrganizer, eventType, eventDescription, eventUrl, startDateTime, endDateTime },
      eventCancelled: event.eventCancelled ?? false,
      eventCompleted: event.eventCompleted ?? false,
      customProperties: [],
      objectId: event.objectId,
    }
  }
  const dated = (event: MarketingEvent) => ({
    ...brief(event),
    createdAt: event.createdAt,
    updatedAt: event.updatedAt,
  })
  const counted = (event: MarketingEvent) => {
    const { registered, attended, cancelled, noShows } = activityCounters(marketing.of(event))
    const counts = { registrants: registered, attendees: attended, cancellations: cancelled, noShows }
    return { ...dated(event), externalEventId: event.externalEventId, ...counts }
  }
  const appInfo = ({ appId }: MarketingEvent) => ({ ...marketing.app, id: appId })
  return {
    brief,
    written: event => ({ id: event.objectId, ...dated(event) }),
    read: event => ({ id: event.objectId, ...counted(event) }),
    full: event => ({
      ...counted(event),
      eventStatus: statusOf(event, Date.parse(portal.now())),
      appInfo: appInfo(event),
    }),
    identifiers: event => ({
      objectId: event.objectId,
      externalEventId: event.externalEventId,
      externalAccountId: event.externalAccountId,
      marketingEventName: event.eventName,
      appInfo: appInfo(event),
    }),
  }
}

/** Only `CANCELLED` is in HubSpot's documentation. */
export const statusOf = (event: MarketingEvent, now: number): string => {
  if (event.eventCancelled) return 'CANCELLED'
  if (event.eventCompleted) return 'COMPLETED'
  const [start, end] = [event.startDateTime, event.endDateTime].map(time => (time ? Date.parse(time) : undefined))
  if (end !== undefined && end <= now) return 'PAST'
  return start !== undefined && start <= now ? 'ONGOING' : 'UPCOMING'
}

/** `ParticipationBreakdown` of HubSpot's specification. */
export const presentParticipation = (
  { id, event, contactId, createdAt, state, latest, attendedMs }: Participation,
  portal: Portal,
): object => {
  const { email = '', firstname, lastname } = portal.objects('contacts').records.get(contactId)?.properties ?? {}
  return {
    id,
    createdAt: new Date(createdAt).toISOString(),
    associations: {
      marketingEvent: {
        marketingEventId: event.objectId,
        name: event.eventName,
        externalEventId: event.externalEventId,
        externalAccountId: event.externalAccountId,
      },
      contact: { contactId, email, firstname, lastname },
    },
    properties: {
      attendanceState: state,
      occurredAt: latest.at,
      ...(attendedMs === 0 ? {} : attendance(event, attendedMs)),
    },
  }
}

/** HubSpot computes both when the event is completed. How it spells the percentage is not documented; here it is the share, as in its percent properties. */
const attendance = ({ startDateTime = '', endDateTime = '' }: MarketingEvent, attendedMs: number): object => {
  const length = Date.parse(endDateTime) - Date.parse(startDateTime)
  return {
    attendanceDurationSeconds: Math.round(attendedMs / 1000),
    ...(length > 0 ? { attendancePercentage: String(Math.round((attendedMs / length) * 100) / 100) } : {}),
  }
}
