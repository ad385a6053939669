import { z } from 'zod'
import { asWritten, email, id, listOf, occurrence, registrant, text, webinarNumber } from '../fields.ts'
import { encodedUuid, type ZoomClient } from './client.ts'

/** The reads of Zoom's API that Tributary makes (facts/zoom.md §5), each with the label of its limit. */
export interface ZoomCalls {
  /** The participant report of a run: a row a presence. Rejects with `ZOOM_NOT_FOUND` while it is not there yet. */
  reportedParticipants(uuid: string, signal: AbortSignal): Promise<readonly ReportedParticipant[]>
  /** What Zoom reports of the run itself. */
  reportedRun(uuid: string, signal: AbortSignal): Promise<ReportedRun>
  /** Registrations of a webinar, or of one date of a series. */
  registrants(
    number: string,
    of: { readonly status: RegistrantStatus; readonly occurrence: string | null },
    signal: AbortSignal,
  ): Promise<readonly ListedRegistrant[]>
  /** A webinar with all dates of its series, past ones too. */
  webinar(number: string, signal: AbortSignal): Promise<WebinarDetail>
  /** The account's active users: any of them may be a host. */
  users(signal: AbortSignal): Promise<readonly { readonly id: string }[]>
  /** Past, running and planned webinars of a host, as far as Zoom lists them. Rejects with `ZOOM_NOT_PERMITTED` for who has no licence for webinars. */
  webinarsOf(user: string, type: 'scheduled' | 'upcoming', signal: AbortSignal): Promise<readonly ListedWebinar[]>
  /** Ended runs of a webinar. */
  runsOf(number: string, signal: AbortSignal): Promise<readonly ListedRun[]>
}

/** Zoom lists no cancelled ones. */
export const registrantStatuses = ['approved', 'pending', 'denied'] as const
export type RegistrantStatus = (typeof registrantStatuses)[number]

const pageOf = <Key extends string, Item extends z.ZodType>(key: Key, items: Item) =>
  z.object({
    next_page_token: z
      .string()
      .nullish()
      .transform(token => token ?? ''),
    [key]: items,
  } as {
    next_page_token: z.ZodType<string>
  } & Record<Key, Item>)

const reportedParticipant = z.object({
  user_id: text,
  id: text,
  participant_user_id: text,
  registrant_id: text,
  name: text,
  user_email: email,
  join_time: asWritten,
  leave_time: asWritten,
  /** `in_meeting`, or `in_waiting_room` for a row that is no attendance. */
  status: text,
})
export type ReportedParticipant = z.output<typeof reportedParticipant>

const reportedRun = z.object({
  start_time: asWritten,
  end_time: asWritten,
  topic: text,
  user_email: email,
})
export type ReportedRun = z.output<typeof reportedRun>

const listedRegistrant = registrant.extend({ create_time: asWritten })
export type ListedRegistrant = z.output<typeof listedRegistrant>

const webinarFacts = {
  id: webinarNumber,
  host_id: text,
  topic: text,
  type: z.number().nullable().catch(null),
  start_time: asWritten,
  /** Minutes. */
  duration: z.number().nonnegative().catch(0),
  timezone: text,
  created_at: asWritten,
}
const listedWebinar = z.object(webinarFacts)
export type ListedWebinar = z.output<typeof listedWebinar>

const webinarDetail = z.object({ ...webinarFacts, host_email: email, occurrences: listOf(occurrence) })
export type WebinarDetail = z.output<typeof webinarDetail>

const listedRun = z.object({ uuid: id, start_time: asWritten })
export type ListedRun = z.output<typeof listedRun>

const page = {
  participants: pageOf('participants', z.array(reportedParticipant)),
  registrants: pageOf('registrants', listOf(listedRegistrant)),
  users: pageOf('users', listOf(z.object({ id }))),
  webinars: pageOf('webinars', listOf(listedWebinar)),
}
const runs = z.object({ webinars: listOf(listedRun) })

export const zoomCalls = (client: ZoomClient): ZoomCalls => ({
  reportedParticipants: (uuid, signal) =>
    client.list(
      {
        ...{ operation: 'report-participants', label: 'Heavy', shape: page.participants },
        ...{ path: `/report/webinars/${encodedUuid(uuid)}/participants`, query: { include_fields: 'registrant_id' } },
      },
      ({ participants }) => participants,
      signal,
    ),
  reportedRun: (uuid, signal) =>
    client.get(
      {
        operation: 'report-webinar',
        label: 'Heavy',
        path: `/report/webinars/${encodedUuid(uuid)}`,
        shape: reportedRun,
      },
      signal,
    ),
  registrants: (number, { status, occurrence: date }, signal) =>
    client.list(
      {
        ...{ operation: 'list-registrants', label: 'Medium', shape: page.registrants },
        path: `/webinars/${number}/registrants`,
        query: { status, ...(date === null ? {} : { occurrence_id: date }) },
      },
      ({ registrants }) => registrants,
      signal,
    ),
  webinar: (number, signal) =>
    client.get(
      {
        ...{ operation: 'get-webinar', label: 'Light', shape: webinarDetail },
        ...{ path: `/webinars/${number}`, query: { show_previous_occurrences: 'true' } },
      },
      signal,
    ),
  users: signal =>
    client.list(
      { operation: 'list-users', label: 'Medium', path: '/users', query: { status: 'active' }, shape: page.users },
      ({ users }) => users,
      signal,
    ),
  webinarsOf: (user, type, signal) =>
    client.list(
      {
        ...{ operation: 'list-webinars', label: 'Medium', shape: page.webinars },
        ...{ path: `/users/${encodeURIComponent(user)}/webinars`, query: { type } },
      },
      ({ webinars }) => webinars,
      signal,
    ),
  runsOf: async (number, signal) => {
    const { webinars } = await client.get(
      { operation: 'list-runs', label: 'Light', path: `/past_webinars/${number}/instances`, shape: runs },
      signal,
    )
    return webinars
  },
})
