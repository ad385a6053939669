import { createHash } from 'node:crypto'
import type { IdentityClaim, Participant, Webinar } from '../../../schemas/generated.ts'
import { zoomAliases } from './aliases.ts'
import { attributesOf, registrantOf } from './registrants.ts'
import { happenedAt, plannedAt, zoomTime } from './times.ts'
import { recordedEvents, type ZoomParticipant, type ZoomWebhook } from './webhook.ts'

/** Our side of the account that the webhook came from. */
export interface EventAccount {
  /** Its name in our configuration. */
  readonly name: string
  /** Addresses, in lower case, of people who are no attendees, like the host. Zoom's webhooks do not tell who is a panelist. */
  readonly panelists: ReadonlySet<string>
}

export interface MappedWebhook {
  readonly records: readonly Webinar[]
  readonly claims: readonly IdentityClaim[]
}

/** What a webhook says, in our terms. Pure: the same webhook and receipt give the same records. */
export const mapWebhook = (webhook: ZoomWebhook, account: EventAccount, receivedAt: number): MappedWebhook => {
  const record = webinarOf(webhook, account, receivedAt)
  if (record.aliases.length === 0) return { records: [record], claims: [] }
  const { eventId, occurredAt, aliases, source } = record
  const attributes = webhook.registrant ? attributesOf(webhook.registrant) : {}
  const claim: IdentityClaim = { id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes, source }
  return { records: [record], claims: [claim] }
}

const webinarOf = (webhook: ZoomWebhook, account: EventAccount, receivedAt: number): Webinar => {
  const { object } = webhook.payload
  const kind = recordedEvents[webhook.event]
  const host = webhook.participant !== null && isHost(webhook.participant, object.host_id, account.panelists)
  const aliases = host ? [] : aliasesOf(webhook)
  return {
    eventId: eventIdOf(webhook),
    source: `zoom:${account.name}`,
    occurredAt: happenedAt([...changeTimes(webhook), webhook.event_ts, ...sessionTimes(webhook)], receivedAt),
    receivedAt,
    kind,
    account: account.name,
    number: object.id,
    recurring: object.type === 6 || object.type === 9 || object.occurrences.length > 0,
    instance: object.uuid,
    topic: object.topic,
    startTime: startOf(webhook, receivedAt),
    reported: null,
    endTime: kind === 'ENDED' ? happenedAt([object.end_time, webhook.event_ts], receivedAt) : null,
    timezone: object.timezone,
    occurrences: occurrencesOf(webhook),
    person: aliases[0] ?? null,
    aliases,
    registrant: webhook.registrant && registrantOf(webhook.registrant, kind),
    participant: webhook.participant && participantOf(webhook, webhook.participant, host, receivedAt),
  }
}

/**
 * The identity of what happened, of Zoom's own ids and times (facts/zoom.md §3), never of its delivery: a retry, and the same event of a second
 * subscription, have the same one.
 */
const eventIdOf = (webhook: ZoomWebhook): string => {
  const { event, event_ts, payload, registrant, participant } = webhook
  const about = participant ? sessionOf(participant) : (registrant?.id ?? null)
  const identity = [
    event,
    payload.object.uuid ?? payload.object.id,
    about,
    participant?.bind_participant_uuid ?? null,
    String(event_ts),
    ...[...changeTimes(webhook), ...sessionTimes(webhook)].map(String),
  ]
  return `zoom:${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)}`
}

/** `webinar.updated` names the time of the change itself. */
const changeTimes = ({ event, payload }: ZoomWebhook): readonly unknown[] =>
  event === 'webinar.updated' ? [payload.time_stamp] : []

const sessionTimes = ({ event, participant }: ZoomWebhook): readonly unknown[] => {
  if (event === 'webinar.participant_joined') return [participant?.join_time]
  return event === 'webinar.participant_left' ? [participant?.leave_time] : []
}

const isHost = (participant: ZoomParticipant, hostId: string | null, panelists: ReadonlySet<string>): boolean => {
  if (participant.email !== null && panelists.has(participant.email)) return true
  return hostId !== null && (participant.id === hostId || participant.participant_user_id === hostId)
}

const aliasesOf = ({ registrant, participant }: ZoomWebhook): readonly string[] => {
  if (registrant) return zoomAliases({ registrantId: registrant.id, email: registrant.email, userId: null })
  if (!participant) return []
  const { registrant_id: registrantId, email, participant_user_id, id } = participant
  return zoomAliases({ registrantId, email, userId: participant_user_id ?? id })
}

/** Planned in schedule and registration events, the actual start of the instance in the others. */
const startOf = ({ event, event_ts, payload, participant }: ZoomWebhook, receivedAt: number): number | null => {
  const { start_time } = payload.object
  if (event === 'webinar.started') return happenedAt([start_time, event_ts], receivedAt)
  if (event !== 'webinar.ended' && !participant) return plannedAt(start_time)
  const start = zoomTime(start_time)
  return start && Math.min(start, receivedAt)
}

/** A deletion of `all` concerns the whole series: then none is named, as for a webinar that is not recurring. */
const occurrencesOf = ({ event, payload }: ZoomWebhook): Webinar['occurrences'] =>
  event === 'webinar.deleted' && payload.operation === 'all'
    ? []
    : payload.object.occurrences.flatMap(({ occurrence_id, start_time }) => {
        const startTime = plannedAt(start_time)
        return startTime === null ? [] : [{ id: occurrence_id, startTime }]
      })

/** New at each join. */
const sessionOf = ({ participant_uuid, user_id }: ZoomParticipant): string => participant_uuid ?? user_id ?? ''

const participantOf = (
  { event, event_ts }: ZoomWebhook,
  participant: ZoomParticipant,
  host: boolean,
  receivedAt: number,
): Participant => ({
  session: sessionOf(participant),
  boundSession:
    event === 'webinar.participant_bind' ? (participant.bind_participant_uuid ?? participant.bind_user_id) : null,
  name: participant.user_name,
  host,
  joinedAt: event === 'webinar.participant_joined' ? happenedAt([participant.join_time, event_ts], receivedAt) : null,
  leftAt: event === 'webinar.participant_left' ? happenedAt([participant.leave_time, event_ts], receivedAt) : null,
})
