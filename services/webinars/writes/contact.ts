import type { Person } from '../../../topology/define.ts'
import { hubspotContact } from '../../sinks/hubspot/objects.ts'
import { type Attendance, averageMinutes, minutesOf } from '../attendance.ts'
import { isoTime } from './iso-time.ts'

/** The contact's webinar properties (interfaces.md), from all webinars of the person. A person with an address becomes a contact. */
export const contactWrite = (webinars: readonly Attendance[], person: Person) => {
  const registered = webinars.filter(webinar => webinar.registered)
  const attended = webinars.filter(webinar => webinar.joinedAt !== null)
  const closed = attended.filter(webinar => webinar.closed)
  const lastRegistered = newest(registered, webinar => webinar.registeredAt)
  const lastAttended = newest(attended, webinar => webinar.joinedAt)
  const last = newest<Told>(webinars.filter(isTold), webinar => webinar.lastActivityAt)
  return hubspotContact.set(
    {
      zoom_webinar_registration_count: registered.length,
      zoom_webinar_attendance_count: attended.length,
      zoom_webinar_attendance_average_duration:
        closed.length === 0 ? null : averageMinutes(closed.map(webinar => webinar.attendedMs)),
      zoom_webinar_last_registered: lastRegistered?.topic ?? null,
      zoom_webinar_joinlink: lastRegistered?.joinUrl ?? null,
      zoom_webinar_last_attended: lastAttended?.topic ?? null,
      zoom_webinar_last_status: last?.status ?? null,
      zoom_webinar_last_joined_at: isoTime(lastAttended?.joinedAt),
      zoom_webinar_last_left_at: isoTime(lastAttended?.leftAt),
      zoom_webinar_last_attended_minutes: lastAttended?.closed ? minutesOf(lastAttended.attendedMs) : null,
    },
    { createIfMissing: person.emails.length > 0, fieldsOnCreate: { tributary_source: 'zoom' } },
  )
}

type Told = Omit<Attendance, 'status'> & { readonly status: Exclude<Attendance['status'], 'cancelled'> }

/** A cancelled registration is no status of its own: the webinar before it is the last one again. */
const isTold = (webinar: Attendance): webinar is Attendance & Told => webinar.status !== 'cancelled'

/** The one with the greatest time; of equal ones the greatest webinar id, so that the order of rows does not matter. */
const newest = <Webinar extends { readonly webinar: string }>(
  webinars: readonly Webinar[],
  time: (webinar: Webinar) => number | null,
): Webinar | undefined =>
  webinars.toSorted((a, b) => (time(b) ?? 0) - (time(a) ?? 0) || (a.webinar < b.webinar ? 1 : -1))[0]
