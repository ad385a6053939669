import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { headersOf } from '../../services/sandbox/zoom/delivery/wire.ts'
import * as webhooks from '../../services/sandbox/zoom/webhooks.ts'
import type { Settings } from './settings.ts'

const MINUTE_MS = 60_000
/** Zoom's id of the account that all webhooks are of. */
export const ZOOM_ACCOUNT_ID = '9xT4kQmVRsOaLhYp2EwBnA'

/** Someone who registers. */
export interface Attendee {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly registrantId: string
}

/** Somebody new, with an address made of the name. */
export const attendee = (firstName: string, lastName: string): Attendee => ({
  ...{ firstName, lastName, registrantId: zoomId() },
  email: `${firstName}.${lastName}@example.com`.toLowerCase(),
})

/** A webinar whose webhooks are made one by one; times are minutes from its beginning. */
export interface Webinar {
  readonly id: string
  readonly topic: string
  /** Milliseconds since the epoch. */
  readonly start: number
  registered(who: Attendee, minute?: number): webhooks.Webhook
  started(): webhooks.Webhook
  /** `session` numbers the person's presences in the room. */
  joined(who: Attendee, session: number, minute: number): webhooks.Webhook
  left(who: Attendee, session: number, minute: number): webhooks.Webhook
  ended(minute: number): webhooks.Webhook
}

/** A webinar of its own number. @param hoursAgo when it began */
export const webinarCalled = (topic: string, hoursAgo = 2): Webinar => {
  const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - hoursAgo * 60 * MINUTE_MS
  const facts: webhooks.WebinarFacts = {
    ...{ account: ZOOM_ACCOUNT_ID, id: randomInt(90_000_000_000, 99_999_999_999), uuid: `${zoomId()}==` },
    ...{ hostId: zoomId(), hostEmail: 'host@example.com', topic, type: 5 },
    ...{ startTime: start, durationMinutes: 60, timezone: 'UTC' },
  }
  const at = (minute: number): number => start + minute * MINUTE_MS
  const presence = ({ email, firstName, lastName, registrantId }: Attendee, session: number): webhooks.Presence => ({
    ...{ userId: `1677${session}`, participantUuid: `${registrantId}-${session}`, name: `${firstName} ${lastName}` },
    ...{ zoomUserId: '', email, registrantId },
  })
  return {
    ...{ id: String(facts.id), topic, start },
    registered: (who, minute = -60) => webhooks.registrationCreated(facts, registrantOf(who), 'approved', at(minute)),
    started: () => webhooks.webinarStarted(facts, start),
    joined: (who, session, minute) => webhooks.participantJoined(facts, start, presence(who, session), at(minute)),
    left: (who, session, minute) =>
      webhooks.participantLeft(facts, start, presence(who, session), { time: at(minute), reason: 'left the webinar' }),
    ended: minute => webhooks.webinarEnded(facts, start, at(minute)),
  }
}

/** Sends webhooks one after the other, one attempt each, and gives the status of each answer. */
export type Send = (...webhooks: readonly webhooks.Webhook[]) => Promise<readonly number[]>

/** Sends to the ingest of these settings, signed as the emulated Zoom signs. @param signedAt when Zoom says that it signed, in milliseconds since the epoch */
export const senderTo =
  (settings: Settings, signedAt: () => number = Date.now): Send =>
  async (...sent) => {
    const statuses: number[] = []
    for (const webhook of sent) {
      const body = JSON.stringify(webhook)
      const headers = headersOf('sandbox-secret', body, randomUUID(), signedAt())
      const url = `http://127.0.0.1:${settings['INGEST_PORT']}/webhooks/zoom`
      const answer = await fetch(url, { method: 'POST', headers, body })
      await answer.arrayBuffer()
      statuses.push(answer.status)
    }
    return statuses
  }

const zoomId = (): string => randomBytes(16).toString('base64url')

const registrantOf = ({ email, firstName, lastName, registrantId }: Attendee): webhooks.Registrant => ({
  ...{ id: registrantId, email, first_name: firstName, last_name: lastName },
  ...{ address: '', city: '', country: '', zip: '', state: '', phone: '', industry: '', org: '', job_title: '' },
  ...{ purchasing_time_frame: '', role_in_purchase_process: '', no_of_employees: '', comments: '' },
  custom_questions: [],
})
