import type { Participation, Session, WebinarInstance } from '../../schemas/generated.ts'
import { clip, type Interval, length, union } from './intervals.ts'

export type AttendanceStatus = 'registered' | 'attending' | 'attended' | 'missed' | 'cancelled'

/** What one person did in one webinar, computed from what was observed (interfaces.md, Names in the CRMs). Times in milliseconds since the epoch. */
export interface Attendance {
  readonly webinar: string
  readonly topic: string | null
  /** Null when the person never registered. */
  readonly registeredAt: number | null
  /** Whether the registration stands: neither cancelled nor denied. */
  readonly registered: boolean
  readonly joinUrl: string | null
  readonly status: AttendanceStatus
  /** First join. */
  readonly joinedAt: number | null
  /** Last leave; null while the person is in the room, and for who never came. */
  readonly leftAt: number | null
  /** Union of the closed intervals within the webinar's running time. */
  readonly attendedMs: number
  /** Whether at least one interval is closed. */
  readonly closed: boolean
  /** Share of the webinar's actual length, whole, at most 100; null until the webinar is over. */
  readonly percent: number | null
  /** The latest time at which anything here changed. */
  readonly lastActivityAt: number
}

/** @param participations all participants of one webinar that are this one person; at least one */
export const attendanceOf = (participations: readonly [Participation, ...Participation[]]): Attendance => {
  const webinar = latestRun(participations)
  const sessions = participations.flatMap(participation => participation.sessions)
  const over = isOver(webinar.instances)
  const joined = sessions.filter(session => session.joinedAt !== null)
  const closedSessions = joined.flatMap(session => closedInterval(session, webinar.instances))
  const open = joined.length > closedSessions.length
  const attendedMs = length(clip(closedSessions, runningTime(webinar.instances)))
  const registration = registrationOf(participations)
  const joinedAt = earliest(joined.map(session => session.joinedAt))
  const leftAt = open ? null : latest(closedSessions.map(interval => interval.to))
  const status = statusOf({ attended: joined.length > 0, open, over, registered: registration.registered })
  return {
    webinar: webinar.id,
    topic: webinar.topic,
    ...registration,
    status,
    joinedAt,
    leftAt,
    attendedMs,
    closed: closedSessions.length > 0,
    percent: over ? percentOf(attendedMs, actualLength(webinar.instances)) : null,
    lastActivityAt: Math.max(
      registration.registeredAt ?? 0,
      ...participations.map(participation => participation.registration?.changedAt ?? 0),
      ...joined.map(session => session.joinedAt ?? 0),
      ...closedSessions.map(interval => interval.to),
      status === 'missed' ? (latest(webinar.instances.map(instance => instance.endedAt)) ?? 0) : 0,
    ),
  }
}

/** Minutes with one decimal, half rounded up. */
export const minutesOf = (ms: number): number => averageMinutes([ms])

/** The mean in minutes with one decimal, half rounded up; integers all the way, so that a half is a half. */
export const averageMinutes = (durationsMs: readonly number[]): number => {
  const count = durationsMs.length
  const total = durationsMs.reduce((sum, ms) => sum + ms, 0)
  return count === 0 ? 0 : Math.floor((total * 10 + 30_000 * count) / (60_000 * count)) / 10
}

/** A webinar is over when it ran and every run has ended; a restart makes it run again. */
export const isOver = (instances: readonly WebinarInstance[]): boolean =>
  instances.length > 0 && instances.every(instance => instance.endedAt !== null)

/** The webinar as the participation with the newest knowledge of it tells. */
const latestRun = (participations: readonly [Participation, ...Participation[]]): Participation['webinar'] =>
  participations.reduce((newest, each) => (each.webinarRevision > newest.webinarRevision ? each : newest)).webinar

const registrationOf = (
  participations: readonly Participation[],
): Pick<Attendance, 'registeredAt' | 'registered' | 'joinUrl'> => {
  const registrations = participations.flatMap(({ registration }) => (registration ? [registration] : []))
  const standing = registrations.filter(({ status }) => status === 'APPROVED' || status === 'PENDING')
  const newest = standing.toSorted((a, b) => b.registeredAt - a.registeredAt || compare(a.joinUrl, b.joinUrl))[0]
  return {
    registeredAt: newest?.registeredAt ?? latest(registrations.map(({ registeredAt }) => registeredAt)),
    registered: standing.length > 0,
    joinUrl: newest?.joinUrl ?? null,
  }
}

const compare = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1)

const statusOf = (facts: {
  attended: boolean
  open: boolean
  over: boolean
  registered: boolean
}): AttendanceStatus => {
  if (facts.attended) return facts.open && !facts.over ? 'attending' : 'attended'
  if (!facts.registered) return 'cancelled'
  return facts.over ? 'missed' : 'registered'
}

/** A missing leave is closed by the end of the session's run; none or one interval. */
const closedInterval = (session: Session, instances: readonly WebinarInstance[]): Interval[] => {
  if (session.joinedAt === null) return []
  const run = instances.find(instance => instance.id === session.instance)
  const ended = run ? run.endedAt : isOver(instances) ? latest(instances.map(instance => instance.endedAt)) : null
  const to = session.leftAt ?? ended
  return to === null ? [] : [{ from: session.joinedAt, to: Math.max(to, session.joinedAt) }]
}

/** From start to end of each run; a run whose start or end is not known is open on that side, and nothing is cut when no run is known. */
const runningTime = (instances: readonly WebinarInstance[]): readonly Interval[] =>
  instances.length === 0
    ? [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }]
    : instances.map(({ startedAt, endedAt }) => ({
        from: startedAt ?? Number.NEGATIVE_INFINITY,
        to: endedAt ?? Number.POSITIVE_INFINITY,
      }))

/** Running time without the pauses between runs. */
const actualLength = (instances: readonly WebinarInstance[]): number =>
  length(
    union(
      instances.flatMap(({ startedAt, endedAt }) =>
        startedAt === null || endedAt === null ? [] : [{ from: startedAt, to: endedAt }],
      ),
    ),
  )

const percentOf = (attendedMs: number, lengthMs: number): number =>
  lengthMs === 0 ? 0 : Math.min(100, Math.floor((attendedMs * 200 + lengthMs) / (2 * lengthMs)))

const earliest = (times: readonly (number | null)[]): number | null =>
  times.reduce((least, time) => (least === null || (time !== null && time < least) ? time : least), null)

const latest = (times: readonly (number | null)[]): number | null =>
  times.reduce((most, time) => (most === null || (time !== null && time > most) ? time : most), null)
