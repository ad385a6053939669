import { z } from 'zod'
import type { WebinarEventKind } from '../../../schemas/generated.ts'
import { asWritten, email, listOf, occurrence, registrant, text, webinarNumber, type ZoomRegistrant } from './fields.ts'

/** The webhooks that become records, by Zoom's event name. All others are accepted and ignored. */
export const recordedEvents = {
  'webinar.created': 'CREATED',
  'webinar.updated': 'UPDATED',
  'webinar.deleted': 'DELETED',
  'webinar.started': 'STARTED',
  'webinar.ended': 'ENDED',
  'webinar.registration_created': 'REGISTERED',
  'webinar.registration_approved': 'APPROVED',
  'webinar.registration_cancelled': 'CANCELLED',
  'webinar.registration_denied': 'DENIED',
  'webinar.participant_joined': 'JOINED',
  'webinar.participant_left': 'LEFT',
  'webinar.participant_bind': 'BOUND',
} as const satisfies Record<string, WebinarEventKind>

export type RecordedEvent = keyof typeof recordedEvents

export const isRecorded = (event: string): event is RecordedEvent => Object.hasOwn(recordedEvents, event)

/** The webhook by which Zoom asks whether the address is ours. */
export const urlValidationEvent = 'endpoint.url_validation'

const webinar = z.object({
  id: webinarNumber,
  uuid: text,
  host_id: text,
  topic: text,
  type: z.number().nullable().catch(null),
  start_time: asWritten,
  end_time: asWritten,
  timezone: text,
  occurrences: listOf(occurrence),
})

const participant = z
  .object({
    user_id: text,
    participant_uuid: text,
    bind_user_id: text,
    bind_participant_uuid: text,
    user_name: text,
    id: text,
    participant_user_id: text,
    registrant_id: text,
    email,
    join_time: asWritten,
    leave_time: asWritten,
  })
  .refine(({ user_id, participant_uuid }) => (participant_uuid ?? user_id) !== null, { path: ['participant_uuid'] })

const payloadOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({
    event_ts: asWritten,
    payload: z.object({ time_stamp: asWritten, operation: text, object: webinar.extend(shape) }),
  })

const withoutPerson = payloadOf({})
const withRegistrant = payloadOf({ registrant })
const withParticipant = payloadOf({ participant })

export type ZoomParticipant = z.output<typeof participant>

/** A webhook that becomes records, its texts trimmed, empty ones null, its times still as Zoom wrote them. */
export interface ZoomWebhook {
  readonly event: RecordedEvent
  readonly event_ts: unknown
  readonly payload: {
    readonly time_stamp: unknown
    readonly operation: string | null
    readonly object: z.output<typeof webinar>
  }
  readonly registrant: ZoomRegistrant | null
  readonly participant: ZoomParticipant | null
}

/** The parts that every webhook has. */
export interface Envelope {
  readonly event: string
  /** Zoom's id of the account; null when it is absent. */
  readonly accountId: string | null
  /** Of `endpoint.url_validation`. */
  readonly plainToken: string | null
  readonly body: unknown
}

const envelope = z.object({
  event: z.string().min(1).max(200),
  payload: z.object({ account_id: text, plainToken: text }).catch({ account_id: null, plainToken: null }),
})

/** The envelope of a body; undefined when it is no JSON object with an event's name. */
export const readEnvelope = (rawBody: Buffer): Envelope | undefined => {
  let body: unknown
  try {
    body = JSON.parse(rawBody.toString('utf8'))
  } catch {
    return undefined
  }
  const { success, data } = envelope.safeParse(body)
  if (!success) return undefined
  return { event: data.event, accountId: data.payload.account_id, plainToken: data.payload.plainToken, body }
}

/** The webhook, or the paths of what is missing or broken (names of Zoom's fields, no values). */
export const readWebhook = (event: RecordedEvent, body: unknown): ZoomWebhook | { readonly broken: string } => {
  if (event.startsWith('webinar.registration_')) {
    const { success, data, error } = withRegistrant.safeParse(body)
    return success ? { event, ...data, registrant: data.payload.object.registrant, participant: null } : broken(error)
  }
  if (event.startsWith('webinar.participant_')) {
    const { success, data, error } = withParticipant.safeParse(body)
    return success ? { event, ...data, registrant: null, participant: data.payload.object.participant } : broken(error)
  }
  const { success, data, error } = withoutPerson.safeParse(body)
  return success ? { event, ...data, registrant: null, participant: null } : broken(error)
}

const broken = (error: z.ZodError): { readonly broken: string } => ({
  broken: [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', '),
})
