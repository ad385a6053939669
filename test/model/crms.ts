import type { FieldValue } from '../../topology/define.ts'
import type { Reckoned } from './reckoning.ts'

type Fields = Readonly<Record<string, FieldValue>>

/** What a contact must hold (interfaces.md, Names in the CRMs); what is empty is left out. */
export const contactOf = (webinars: readonly Reckoned[]): Fields => {
  const registered = webinars.filter(({ isRegistered }) => isRegistered)
  const attended = webinars.filter(({ joinedAt }) => joinedAt !== null)
  const closed = attended.filter(({ isClosed }) => isClosed)
  const lastRegistered = lastBy(registered, ({ registeredAt }) => registeredAt)
  const lastAttended = lastBy(attended, ({ joinedAt }) => joinedAt)
  const last = lastBy(
    webinars.filter(({ status }) => status !== 'cancelled'),
    ({ activeAt }) => activeAt,
  )
  return filled({
    zoom_webinar_registration_count: registered.length,
    zoom_webinar_attendance_count: attended.length,
    zoom_webinar_attendance_average_duration:
      closed.length === 0 ? null : minutes(closed.reduce((sum, { attendedMs }) => sum + attendedMs, 0) / closed.length),
    zoom_webinar_last_registered: lastRegistered?.topic ?? null,
    zoom_webinar_joinlink: lastRegistered?.joinUrl ?? null,
    zoom_webinar_last_attended: lastAttended?.topic ?? null,
    zoom_webinar_last_status: last?.status ?? null,
    zoom_webinar_last_joined_at: iso(lastAttended?.joinedAt),
    zoom_webinar_last_left_at: iso(lastAttended?.leftAt),
    zoom_webinar_last_attended_minutes: lastAttended?.isClosed ? minutes(lastAttended.attendedMs) : null,
  })
}

/** The person's part in the marketing event; undefined for who neither registered nor came. */
export const participationOf = (reckoned: Reckoned, plannedAt: string): Fields | undefined => {
  const { webinar, topic, endedAt, joinedAt, leftAt, isRegistered, registeredAt, cancelledAt } = reckoned
  const since = joinedAt ?? (isRegistered ? registeredAt : cancelledAt)
  if (since === null) return undefined
  return filled({
    ...{ webinar_id: webinar, account: 'default', topic, start_time: plannedAt, end_time: iso(endedAt) },
    state: joinedAt !== null ? 'attended' : isRegistered ? 'registered' : 'cancelled',
    interaction_at: iso(since),
    joined_at: iso(joinedAt),
    left_at: iso(leftAt),
  })
}

/** The task of who came. */
export const taskOf = ({
  topic,
  joinedAt,
  lastLeaveAt,
  isClosed,
  attendedMs,
  percent,
}: Reckoned): Fields | undefined => {
  if (joinedAt === null) return undefined
  return {
    Subject: `Attended: ${topic}`,
    Status: 'Completed',
    ActivityDate: inBerlin(joinedAt).slice(0, 10),
    Description: [
      `Joined: ${inBerlin(joinedAt)} (GMT+1)`,
      ...(lastLeaveAt === null ? [] : [`Last left: ${inBerlin(lastLeaveAt)} (GMT+1)`]),
      'Time zone: Europe/Berlin',
      ...(isClosed ? [`Minutes attended: ${minutes(attendedMs)}`] : []),
      ...(percent === null ? [] : [`Share of the webinar: ${percent} %`]),
    ].join('\n'),
  }
}

/** Once keys of the custom events that must be on the person's timeline. */
export const timelineOf = ({ webinar, named, joinedAt, isSettled, endedAt, missed }: Reckoned): readonly string[] => [
  ...(named.stood === null ? [] : [`registered:${webinar}:${named.stood}`]),
  ...(joinedAt === null ? [] : [`joined:${webinar}:${named.joined}`]),
  ...(isSettled && endedAt !== null
    ? named.joined !== null
      ? [`attended:${webinar}:${named.joined}`]
      : missed === null
        ? []
        : [`missed:${webinar}:${missed}`]
    : []),
]

/** With one decimal, half rounded up. */
const minutes = (ms: number): number => Math.round(ms / 6_000) / 10

/** In winter, an hour ahead of UTC. */
const inBerlin = (time: number): string => new Date(time + 3_600_000).toISOString().slice(0, 16).replace('T', ' ')

const iso = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString()

const filled = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))

const lastBy = (webinars: readonly Reckoned[], time: (webinar: Reckoned) => number | null): Reckoned | undefined =>
  webinars.toSorted((a, b) => (time(b) ?? 0) - (time(a) ?? 0) || (a.webinar < b.webinar ? 1 : -1))[0]
