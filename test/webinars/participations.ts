import type { Participation, Session } from '../../schemas/generated.ts'
import { atMinute } from './events.ts'

/** From and to in minutes from the start of the webinars of the tests; null: not known. */
export type Minutes = readonly [from: number | null, to: number | null]

interface Facts {
  readonly webinar?: string
  readonly topic?: string | null
  /** Runs of the webinar. */
  readonly runs?: readonly Minutes[]
  /** Whether every run is settled, without a report unless `reported`. */
  readonly settled?: boolean
  /** Whether the report of every run was read. */
  readonly reported?: boolean
  /** Sessions, in the first run. */
  readonly sessions?: readonly Minutes[]
  /** Rows of the report, in the first run. */
  readonly rows?: readonly Minutes[]
  /** Minute of the registration; null for none. */
  readonly registeredAt?: number | null
  readonly status?: 'APPROVED' | 'PENDING' | 'CANCELLED' | 'DENIED'
  readonly changedAt?: number
  /** Minute at which it was first approved or pending: that of the registration, unless told otherwise; null for never. */
  readonly stoodAt?: number | null
  readonly joinUrl?: string | null
  readonly participant?: string
  /** Minute of the first mention. */
  readonly firstReceivedAt?: number
  /** Minute at which it was first told that the registration stood, and that they joined: when that happened, unless told otherwise. */
  readonly stoodReceivedAt?: number
  readonly joinReceivedAt?: number
  readonly timezone?: string | null
  readonly scheduledAt?: number | null
  readonly revision?: number
  readonly webinarRevision?: number
  readonly eventId?: string
}

const time = (minutes: number | null): number | null => (minutes === null ? null : atMinute(minutes))

/** What is observed of Ada in one webinar: registered and not there, unless told otherwise. */
export const participation = (facts: Facts = {}): Participation => {
  const { webinar = '93498765432', topic = `Topic of ${webinar}`, registeredAt = -1_000, status = 'APPROVED' } = facts
  const { participant = 'email:ada@example.com', revision = 1, webinarRevision = 1, sessions = [], runs = [] } = facts
  const { joinUrl = `https://zoom.example/w/${webinar}`, changedAt = registeredAt, stoodAt = registeredAt } = facts
  const {
    settled = false,
    reported = false,
    rows = [],
    joinReceivedAt,
    timezone = 'Europe/Berlin',
    scheduledAt = 0,
  } = facts
  return {
    eventId: facts.eventId ?? `zoom:${webinar}:${participant}:${revision}:${webinarRevision}`,
    source: 'zoom:default',
    occurredAt: atMinute(0) + revision,
    receivedAt: atMinute(0) + revision + 500,
    person: 'email:ada@example.com',
    participant,
    firstReceivedAt: atMinute(facts.firstReceivedAt ?? registeredAt ?? 0),
    revision,
    webinarRevision,
    webinar: {
      id: webinar,
      account: 'default',
      topic,
      scheduledAt: time(scheduledAt),
      timezone,
      instances: runs.map(([from, to], run) => ({
        id: `run-${run}`,
        startedAt: time(from),
        endedAt: time(to),
        settledAt: settled || reported ? atMinute((to ?? 60) + 30) : null,
        reported,
      })),
    },
    registration:
      registeredAt === null
        ? null
        : {
            status,
            registeredAt: atMinute(registeredAt),
            stoodAt: time(stoodAt),
            stoodReceivedAt: stoodAt === null ? 0 : atMinute(facts.stoodReceivedAt ?? stoodAt),
            changedAt: atMinute(changedAt ?? registeredAt),
            joinUrl,
          },
    sessions: [
      ...sessions.map(([from, to], session) => sessionOf(`${participant}-${session}`, from, to, false, joinReceivedAt)),
      ...rows.map(([from, to], row) => sessionOf(`report:${participant}:${row}`, from, to, true, joinReceivedAt)),
    ],
  }
}

const sessionOf = (
  id: string,
  from: number | null,
  to: number | null,
  reported: boolean,
  receivedAt: number | null = from,
): Session => ({
  id,
  instance: 'run-0',
  joinedAt: time(from),
  joinReceivedAt: time(receivedAt) ?? 0,
  leftAt: time(to),
  reported,
})
