import type { Participation } from '../../schemas/generated.ts'
import { clip, length } from './intervals.ts'
import { type NamedAfter, namedAfter } from './named-after.ts'
import { stands, stoodAt } from './registrations.ts'
import { actualLength, firstStart, isOver, isSettled, lastEnd, runningTime } from './runs.ts'
import { closedInterval, presencesOf } from './sessions.ts'
import { earliest, latest } from './times.ts'

export type AttendanceStatus = 'registered' | 'attending' | 'attended' | 'missed' | 'cancelled'

/** What one person did in one webinar, computed from what was observed (interfaces.md, Names in the CRMs). Times in milliseconds since the epoch. */
export interface Attendance {
  readonly webinar: string
  /** Name of the Zoom account. */
  readonly account: string
  readonly topic: string | null
  /** IANA time zone of the webinar, as Zoom tells it. */
  readonly timezone: string | null
  /** Scheduled start, or else the actual one. */
  readonly startAt: number | null
  /** Actual end; null until the webinar is over. */
  readonly endedAt: number | null
  /** Whether nothing more is expected: of every run the report was read, or waited for in vain. */
  readonly settled: boolean
  /** Keys of the person's participants after whom what is made once per person and webinar is named. */
  readonly namedAfter: NamedAfter
  /** Null when the person never registered. */
  readonly registeredAt: number | null
  /** When a registration was first approved or pending, cancelled afterwards or not; null when none was seen so. */
  readonly stoodAt: number | null
  /** When the last standing registration was cancelled or denied; null when one stands, or there was none. */
  readonly cancelledAt: number | null
  /** Whether the registration stands: neither cancelled nor denied. */
  readonly registered: boolean
  readonly joinUrl: string | null
  readonly status: AttendanceStatus
  /** First join. */
  readonly joinedAt: number | null
  /** Last leave; null while the person is in the room, and for who never came. */
  readonly leftAt: number | null
  /** Last leave so far, also of who is back in the room. */
  readonly lastLeaveAt: number | null
  /** Union of the closed intervals within the webinar's running time. */
  readonly attendedMs: number
  /** Whether at least one interval is closed. */
  readonly closed: boolean
  /** Share of the webinar's actual length, whole, at most 100; null until the webinar is over. */
  readonly percent: number | null
  /** The latest time at which anything here changed. */
  readonly lastActivityAt: number
}

/** All participants of one webinar that are one person. */
type Participations = readonly [Participation, ...Participation[]]

/** @param participations all participants of one webinar that are this one person; at least one */
export const attendanceOf = (participations: Participations): Attendance => {
  const { id: webinar, account, topic, timezone, scheduledAt, instances } = latestRun(participations)
  const over = isOver(instances)
  const endedAt = lastEnd(instances)
  const registration = registrationOf(participations)
  const presence = presenceOf(participations, instances)
  const status = statusOf({ ...presence, over, registered: registration.registered })
  const { joinedAt, lastLeaveAt, open, closed, attendedMs } = presence
  return {
    ...{ webinar, account, topic, timezone, endedAt, status, joinedAt, lastLeaveAt, closed, attendedMs },
    ...registration,
    startAt: scheduledAt ?? firstStart(instances),
    settled: isSettled(instances),
    namedAfter: namedAfter(participations),
    leftAt: open ? null : lastLeaveAt,
    percent: over ? percentOf(attendedMs, actualLength(instances)) : null,
    lastActivityAt: Math.max(
      registration.registeredAt ?? 0,
      ...participations.map(participation => participation.registration?.changedAt ?? 0),
      presence.lastJoinAt ?? 0,
      lastLeaveAt ?? 0,
      status === 'missed' ? (endedAt ?? 0) : 0,
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

/** The webinar as the participation with the newest knowledge of it tells. */
const latestRun = (participations: Participations): Participation['webinar'] =>
  participations.reduce((newest, each) => (each.webinarRevision > newest.webinarRevision ? each : newest)).webinar

const registrationOf = (
  participations: Participations,
): Pick<Attendance, 'registeredAt' | 'stoodAt' | 'cancelledAt' | 'registered' | 'joinUrl'> => {
  const registrations = participations.flatMap(({ registration }) => (registration ? [registration] : []))
  const standing = registrations.filter(stands)
  const newest = standing.toSorted((a, b) => b.registeredAt - a.registeredAt || compare(a.joinUrl, b.joinUrl))[0]
  return {
    registeredAt: newest?.registeredAt ?? latest(...registrations.map(({ registeredAt }) => registeredAt)),
    stoodAt: earliest(...registrations.map(stoodAt)),
    cancelledAt: newest ? null : latest(...registrations.map(({ changedAt }) => changedAt)),
    registered: standing.length > 0,
    joinUrl: newest?.joinUrl ?? null,
  }
}

const compare = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1)

const presenceOf = (participations: Participations, instances: Participation['webinar']['instances']) => {
  const presences = presencesOf(
    participations.flatMap(({ sessions }) => sessions),
    instances,
  )
  const intervals = presences.flatMap(presence => closedInterval(presence, instances))
  const joins = presences.map(({ joinedAt }) => joinedAt)
  return {
    joinedAt: earliest(...joins),
    lastJoinAt: latest(...joins),
    lastLeaveAt: latest(...intervals.map(({ to }) => to)),
    open: presences.length > intervals.length,
    closed: intervals.length > 0,
    attendedMs: length(clip(intervals, runningTime(instances))),
  }
}

const statusOf = (facts: {
  readonly joinedAt: number | null
  readonly open: boolean
  readonly over: boolean
  readonly registered: boolean
}): AttendanceStatus => {
  if (facts.joinedAt !== null) return facts.open && !facts.over ? 'attending' : 'attended'
  if (!facts.registered) return 'cancelled'
  return facts.over ? 'missed' : 'registered'
}

const percentOf = (attendedMs: number, lengthMs: number): number =>
  lengthMs === 0 ? 0 : Math.min(100, Math.floor((attendedMs * 200 + lengthMs) / (2 * lengthMs)))
