import type { Clock } from '../../runtime/clock.ts'
import type { Store, Table } from '../store.ts'
import { isLiveWebinar } from './live/webinars.ts'
import { type Registrant, type Webhook, type WebinarFacts, zoomTime } from './webhooks.ts'

/** What Zoom holds, in its own words; times are ISO 8601 in UTC. */
export interface WebinarRow {
  readonly id: string
  /** Of the latest instance, or of the planned one. */
  readonly uuid: string
  readonly account_id: string
  readonly host_id: string
  readonly host_email: string
  readonly topic: string
  readonly type: number
  /** As planned. */
  readonly start_time: string
  readonly duration: number
  readonly timezone: string
  readonly created_at: string
  readonly instances: readonly InstanceRow[]
}

export interface InstanceRow {
  readonly uuid: string
  readonly start_time: string
  /** Null while it runs. */
  readonly end_time: string | null
  /** When the sandbox first came to know of the end, in ms: what is recorded may lie in another year. Journals from before it was kept have none. */
  readonly end_known_at?: number
}

export type RegistrationStatus = 'approved' | 'pending' | 'cancelled' | 'denied'

export interface RegistrantRow extends Registrant {
  readonly status: RegistrationStatus
  readonly create_time: string
  readonly join_url: string
}

/** One presence of someone in the room. Either end may be unknown as long as its webhook was not played. */
export interface ParticipantRow {
  readonly participant_uuid: string
  /** Of the instance. */
  readonly uuid: string
  readonly user_id: string
  /** Zoom user id. */
  readonly id: string
  readonly user_name: string
  readonly email: string
  readonly registrant_id: string
  readonly phone_number: string
  readonly join_time: string | null
  readonly leave_time: string | null
  /** The presence to which this telephone belongs. */
  readonly bound_to: string | null
}

/** The emulated Zoom's state. It follows from the webhooks: what was played is what REST shows. */
export interface ZoomModel {
  apply(webhook: Webhook): void
  webinars(): WebinarRow[]
  webinar(id: string): WebinarRow | undefined
  registrants(webinarId: string): Table<RegistrantRow>
  participants(webinarId: string): Table<ParticipantRow>
}

/** Ended live webinars beyond this number are forgotten, the oldest first. */
const KEPT_LIVE_WEBINARS = 3

export const createZoomModel = (store: Store, clock: Clock): ZoomModel => {
  const webinars = store.table<WebinarRow>('webinar')
  const model: ZoomModel = {
    webinars: () => [...webinars.values()].sort((one, other) => other.created_at.localeCompare(one.created_at)),
    webinar: id => webinars.get(id),
    registrants: id => store.table(`registrant ${id}`),
    participants: id => store.table(`participant ${id}`),
    apply: webhook => {
      const object = webhook.payload.object as unknown as Body
      const id = String(object.id)
      const row = webinars.get(id) ?? newWebinar(webhook, object)
      webinars.set(id, row)
      if (webhook.event === 'webinar.created') forgetOldest(model, webinars)
      else if (webhook.event === 'webinar.started' || webhook.event === 'webinar.ended')
        webinars.set(id, withInstance(row, object, clock.now()))
      else if (object.registrant) applyRegistration(model.registrants(id), webhook, object.registrant, id)
      else if (object.participant)
        applyParticipant(model.participants(id), webhook.event, object.uuid, object.participant)
    },
  }
  return model
}

/** The facts that the bodies of further webhooks about this webinar repeat. */
export const factsOf = (row: WebinarRow): WebinarFacts => ({
  account: row.account_id,
  id: Number(row.id),
  uuid: row.uuid,
  hostId: row.host_id,
  hostEmail: row.host_email,
  topic: row.topic,
  type: row.type,
  startTime: Date.parse(row.start_time),
  durationMinutes: row.duration,
  timezone: row.timezone,
})

/** The instance that is running, if any. */
export const runningInstance = (row: WebinarRow): InstanceRow | undefined =>
  row.instances.findLast(instance => instance.end_time === null)

/** The end of a presence: its leave, else the end of its instance, else undefined, because the person is in the room. */
export const leaveOf = (row: WebinarRow, participant: ParticipantRow): string | undefined =>
  participant.leave_time ?? row.instances.find(({ uuid }) => uuid === participant.uuid)?.end_time ?? undefined

/** How long ago the sandbox came to know of the end of an ended instance, in ms. */
export const ageOf = ({ end_time, end_known_at }: InstanceRow, now: number): number =>
  now - (end_known_at ?? Date.parse(end_time ?? ''))

interface Body {
  readonly id: number | string
  readonly uuid: string
  readonly host_id: string
  readonly topic: string
  readonly type: number
  readonly start_time: string
  readonly end_time?: string
  readonly duration: number
  readonly timezone: string
  readonly registrant?: Registrant & { readonly status?: RegistrationStatus; readonly join_url?: string }
  readonly participant?: ParticipantBody
}

interface ParticipantBody {
  readonly participant_uuid: string
  readonly bind_participant_uuid?: string
  readonly user_id: string
  readonly id: string
  readonly user_name: string
  readonly email: string
  readonly registrant_id: string
  readonly phone_number?: string
  readonly join_time?: string
  readonly leave_time?: string
}

const newWebinar = ({ payload, event_ts }: Webhook, object: Body): WebinarRow => ({
  id: String(object.id),
  uuid: object.uuid,
  account_id: payload.account_id,
  host_id: object.host_id,
  host_email: typeof payload['operator'] === 'string' ? payload['operator'] : '',
  topic: object.topic,
  type: object.type,
  start_time: object.start_time,
  duration: object.duration,
  timezone: object.timezone,
  created_at: zoomTime(event_ts),
  instances: [],
})

const withInstance = (row: WebinarRow, { uuid, start_time, end_time }: Body, now: number): WebinarRow => {
  const known = row.instances.find(instance => instance.uuid === uuid)
  const others = row.instances.filter(instance => instance.uuid !== uuid)
  const end = end_time === undefined ? {} : { end_time, end_known_at: known?.end_known_at ?? now }
  const instances = [...others, { end_time: null, ...known, uuid, start_time, ...end }].sort((one, other) =>
    one.start_time.localeCompare(other.start_time),
  )
  return { ...row, instances, uuid: instances.at(-1)?.uuid ?? uuid }
}

const applyRegistration = (
  registrants: Table<RegistrantRow>,
  { event, event_ts }: Webhook,
  registrant: NonNullable<Body['registrant']>,
  webinarId: string,
): void => {
  const known = registrants.get(registrant.id)
  if (event === 'webinar.registration_created') {
    if (known) return
    const { status = 'approved', join_url = '', ...answers } = registrant
    registrants.set(registrant.id, { ...answersOnly(answers), status, join_url, create_time: zoomTime(event_ts) })
  } else if (known) {
    const status = event.slice('webinar.registration_'.length) as RegistrationStatus
    const link = `https://example.com/w/${webinarId}?tk=${registrant.id}`
    registrants.set(registrant.id, { ...known, status, join_url: registrant.join_url ?? (known.join_url || link) })
  }
}

const answersOnly = (registrant: Registrant & { tracking_source?: unknown }): Registrant => {
  const { tracking_source: _, ...answers } = registrant
  return answers
}

const applyParticipant = (
  participants: Table<ParticipantRow>,
  event: string,
  uuid: string,
  participant: ParticipantBody,
): void => {
  const { participant_uuid } = participant
  const known = participants.get(participant_uuid)
  if (event === 'webinar.participant_bind') {
    if (known) participants.set(participant_uuid, { ...known, bound_to: participant.bind_participant_uuid ?? null })
    return
  }
  participants.set(participant_uuid, {
    participant_uuid,
    uuid,
    user_id: participant.user_id,
    id: participant.id,
    user_name: participant.user_name,
    email: participant.email,
    registrant_id: participant.registrant_id,
    phone_number: participant.phone_number ?? '',
    join_time: participant.join_time ?? known?.join_time ?? null,
    leave_time: participant.leave_time ?? known?.leave_time ?? null,
    bound_to: known?.bound_to ?? null,
  })
}

const forgetOldest = (model: ZoomModel, webinars: Table<WebinarRow>): void => {
  const ended = model
    .webinars()
    .filter(row => isLiveWebinar(row.id) && row.instances.length > 0 && !runningInstance(row))
  for (const { id } of ended.slice(KEPT_LIVE_WEBINARS)) {
    for (const [key] of [...model.registrants(id).entries()]) model.registrants(id).delete(key)
    for (const [key] of [...model.participants(id).entries()]) model.participants(id).delete(key)
    webinars.delete(id)
  }
}
