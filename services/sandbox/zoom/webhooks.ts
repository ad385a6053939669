/**
 * The bodies of Zoom's webhooks, with the keys, key order and types of Zoom's own examples (facts/zoom.md §2): the webinar's number is a
 * number in `created` and `registration_*`, and a string in `started`, `ended` and `participant_*`. Times are epoch milliseconds on the way in.
 */

export interface Webhook {
  readonly event: string
  readonly event_ts: number
  readonly payload: { readonly account_id: string; readonly object: Readonly<Record<string, unknown>> } & Readonly<
    Record<string, unknown>
  >
}

/** What every body repeats about the webinar. */
export interface WebinarFacts {
  readonly account: string
  readonly id: number
  /** Of the instance: another one after each start. */
  readonly uuid: string
  readonly hostId: string
  readonly hostEmail: string
  readonly topic: string
  readonly type: number
  /** As planned; `started` and later bodies carry the actual start of the instance instead. */
  readonly startTime: number
  readonly durationMinutes: number
  readonly timezone: string
}

/** A registration's answers, in Zoom's own words; a question left open is an empty string. */
export interface Registrant {
  readonly id: string
  readonly first_name: string
  readonly last_name: string
  readonly email: string
  readonly address: string
  readonly city: string
  readonly country: string
  readonly zip: string
  readonly state: string
  readonly phone: string
  readonly industry: string
  readonly org: string
  readonly job_title: string
  readonly purchasing_time_frame: string
  readonly role_in_purchase_process: string
  readonly no_of_employees: string
  readonly comments: string
  readonly custom_questions: readonly { readonly title: string; readonly value: string }[]
}

/** One presence of someone in the room, from one join to one leave. */
export interface Presence {
  readonly userId: string
  readonly participantUuid: string
  readonly name: string
  /** Empty when nobody is signed in. */
  readonly zoomUserId: string
  /** Empty when Zoom does not show it. */
  readonly email: string
  /** Empty without a registration. */
  readonly registrantId: string
  /** Only of somebody who dials in. */
  readonly phoneNumber?: string
}

/** A time as webhooks write it: UTC, whole seconds. */
export const zoomTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

export const webinarCreated = (webinar: WebinarFacts, at: number): Webhook =>
  envelope('webinar.created', at, webinar, {
    ...operatorOf(webinar),
    operation: 'single',
    object: {
      uuid: webinar.uuid,
      id: webinar.id,
      host_id: webinar.hostId,
      topic: webinar.topic,
      type: webinar.type,
      start_time: zoomTime(webinar.startTime),
      duration: webinar.durationMinutes,
      timezone: webinar.timezone,
      join_url: `https://example.com/j/${webinar.id}`,
      password: 'XYz@BC!D1087',
      creation_source: 'open_api',
      settings: { use_pmi: false, alternative_hosts: '' },
    },
  })

/** `start`: when this instance began. */
export const webinarStarted = (webinar: WebinarFacts, start: number): Webhook =>
  envelope('webinar.started', start, webinar, { object: instance(webinar, start) })

export const webinarEnded = (webinar: WebinarFacts, start: number, end: number): Webhook =>
  envelope('webinar.ended', end, webinar, {
    object: { ...instance(webinar, start), end_time: zoomTime(end), practice_session: false },
  })

/** While the registration waits for the host it has no link to join by. */
export const registrationCreated = (
  webinar: WebinarFacts,
  registrant: Registrant,
  status: 'approved' | 'pending',
  at: number,
): Webhook =>
  envelope('webinar.registration_created', at, webinar, {
    object: {
      ...planned(webinar),
      registrant: {
        ...registrant,
        status,
        ...(status === 'approved' ? { join_url: joinUrl(webinar, registrant.id) } : {}),
        tracking_source: trackingSource(webinar),
      },
    },
  })

/** What a host, or the registrant himself, decides about a registration. */
export type Decision = 'approved' | 'cancelled' | 'denied'

export const registrationDecided = (
  webinar: WebinarFacts,
  { id, first_name, last_name, email }: Pick<Registrant, 'id' | 'first_name' | 'last_name' | 'email'>,
  decision: Decision,
  at: number,
): Webhook =>
  envelope(`webinar.registration_${decision}`, at, webinar, {
    ...operatorOf(webinar),
    object: {
      ...planned(webinar),
      registrant: {
        id,
        first_name,
        last_name,
        email,
        ...(decision === 'approved' ? { join_url: joinUrl(webinar, id) } : {}),
        tracking_source: trackingSource(webinar),
      },
    },
  })

/** `start`: of the instance; `joined`: when the person entered; `at`: when Zoom noticed. */
export const participantJoined = (
  webinar: WebinarFacts,
  start: number,
  presence: Presence,
  joined: number,
  at = joined,
): Webhook =>
  envelope('webinar.participant_joined', at, webinar, {
    object: withParticipant(webinar, start, {
      user_id: presence.userId,
      user_name: presence.name,
      id: presence.zoomUserId,
      join_time: zoomTime(joined),
      ...identityOf(presence),
    }),
  })

export const participantLeft = (
  webinar: WebinarFacts,
  start: number,
  presence: Presence,
  left: { readonly time: number; readonly reason: 'left the webinar' | 'Host ended the webinar' },
  at = left.time,
): Webhook =>
  envelope('webinar.participant_left', at, webinar, {
    object: withParticipant(webinar, start, {
      user_id: presence.userId,
      user_name: presence.name,
      id: presence.zoomUserId,
      leave_time: zoomTime(left.time),
      leave_reason: `${presence.name} left the webinar.<br>Reason: ${left.reason}.`,
      ...identityOf(presence),
    }),
  })

/** A telephone turns out to be the voice of somebody who is in the room by computer. */
export const participantBound = (
  webinar: WebinarFacts,
  start: number,
  legs: { readonly phone: Presence; readonly phoneJoined: number; readonly computer: Presence },
  at: number,
): Webhook =>
  envelope('webinar.participant_bind', at, webinar, {
    object: {
      ...instance(webinar, start),
      participant: {
        user_id: legs.phone.userId,
        bind_user_id: legs.computer.userId,
        user_name: legs.computer.name,
        id: legs.computer.zoomUserId,
        participant_uuid: legs.phone.participantUuid,
        bind_participant_uuid: legs.computer.participantUuid,
        registrant_id: legs.computer.registrantId,
        phone_number: legs.phone.phoneNumber ?? '',
        join_time: zoomTime(legs.phoneJoined),
      },
    },
  })

/** The personal link of a registration. */
export const joinUrl = (webinar: { readonly id: number }, registrantId: string): string =>
  `https://example.com/w/${webinar.id}?tk=${registrantId}`

const envelope = (
  event: string,
  at: number,
  webinar: WebinarFacts,
  rest: { readonly object: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>,
): Webhook => ({ event, event_ts: at, payload: { account_id: webinar.account, ...rest } })

const operatorOf = (webinar: WebinarFacts) => ({ operator: webinar.hostEmail, operator_id: webinar.hostId })

const planned = (webinar: WebinarFacts) => ({
  uuid: webinar.uuid,
  id: webinar.id,
  host_id: webinar.hostId,
  topic: webinar.topic,
  type: webinar.type,
  start_time: zoomTime(webinar.startTime),
  duration: webinar.durationMinutes,
  timezone: webinar.timezone,
})

const instance = (webinar: WebinarFacts, start: number) => ({
  id: String(webinar.id),
  uuid: webinar.uuid,
  host_id: webinar.hostId,
  topic: webinar.topic,
  type: webinar.type,
  start_time: zoomTime(start),
  timezone: webinar.timezone,
  duration: webinar.durationMinutes,
})

const withParticipant = (webinar: WebinarFacts, start: number, participant: Readonly<Record<string, unknown>>) => {
  const { timezone, duration, ...rest } = instance(webinar, start)
  return { ...rest, duration, timezone, participant }
}

const identityOf = (presence: Presence) => ({
  email: presence.email,
  registrant_id: presence.registrantId,
  participant_user_id: presence.zoomUserId,
  participant_uuid: presence.participantUuid,
  ...(presence.phoneNumber === undefined ? {} : { phone_number: presence.phoneNumber }),
})

const trackingSource = (webinar: WebinarFacts) => ({
  id: '5516482804110',
  source_name: 'general',
  tracking_url: `https://example.com/webinar/register/5516482804110/WN_${webinar.id}`,
})
