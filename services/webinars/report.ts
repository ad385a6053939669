import type { WebinarHistory } from '../../schemas/generated.ts'
import type { Person, RowOf } from '../../topology/define.ts'
import { minutesOf } from './attendance.ts'
import { attendancesOf } from './history.ts'

/** One person in one webinar, as `tributary start --once --json` prints it (interfaces.md). Times in ISO 8601, UTC. */
export interface AttendanceRow {
  readonly webinar: string
  readonly email: string
  readonly status: string
  readonly joinedAt: string | null
  readonly leftAt: string | null
  readonly minutes: number
  readonly percent: number
}

/** Rows for every person with an address who attended or whose registration stands, by webinar and address. */
export const attendanceRows = (
  histories: Iterable<{ readonly history: RowOf<WebinarHistory>; readonly person: Person }>,
): readonly AttendanceRow[] =>
  [...histories]
    .flatMap(({ history, person }) => {
      const email = person.emails[0]
      if (email === undefined) return []
      return attendancesOf(history)
        .filter(({ status }) => status !== 'cancelled')
        .map(attendance => ({
          webinar: attendance.webinar,
          email,
          status: attendance.status,
          joinedAt: isoTime(attendance.joinedAt),
          leftAt: isoTime(attendance.leftAt),
          minutes: minutesOf(attendance.attendedMs),
          percent: attendance.percent ?? 0,
        }))
    })
    .sort((a, b) => compare(a.webinar, b.webinar) || compare(a.email, b.email))

const isoTime = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
