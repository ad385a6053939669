import type { Participation } from '../../schemas/generated.ts'
import { atMinute } from './events.ts'

/** From and to in minutes from the start of the webinars of the tests; null: not known. */
export type Minutes = readonly [from: number | null, to: number | null]

interface Facts {
  readonly webinar?: string
  readonly topic?: string | null
  /** Runs of the webinar. */
  readonly runs?: readonly Minutes[]
  /** Sessions, in the first run. */
  readonly sessions?: readonly Minutes[]
  /** Minute of the registration; null for none. */
  readonly registeredAt?: number | null
  readonly status?: 'APPROVED' | 'PENDING' | 'CANCELLED' | 'DENIED'
  readonly changedAt?: number
  readonly joinUrl?: string | null
  readonly participant?: string
  readonly revision?: number
  readonly webinarRevision?: number
  readonly eventId?: string
}

const time = (minutes: number | null): number | null => (minutes === null ? null : atMinute(minutes))

/** What is observed of Ada in one webinar: registered and not there, unless told otherwise. */
export const participation = (facts: Facts = {}): Participation => {
  const { webinar = '93498765432', topic = `Topic of ${webinar}`, registeredAt = -1_000, status = 'APPROVED' } = facts
  const { participant = 'email:ada@example.com', revision = 1, webinarRevision = 1, sessions = [], runs = [] } = facts
  const { joinUrl = `https://zoom.example/w/${webinar}`, changedAt = registeredAt } = facts
  return {
    eventId: facts.eventId ?? `zoom:${webinar}:${participant}:${revision}:${webinarRevision}`,
    source: 'zoom:default',
    occurredAt: atMinute(0) + revision,
    receivedAt: atMinute(0) + revision + 500,
    person: 'email:ada@example.com',
    participant,
    revision,
    webinarRevision,
    webinar: {
      id: webinar,
      account: 'default',
      topic,
      scheduledAt: atMinute(0),
      timezone: 'Europe/Berlin',
      instances: runs.map(([from, to], run) => ({ id: `run-${run}`, startedAt: time(from), endedAt: time(to) })),
    },
    registration:
      registeredAt === null
        ? null
        : { status, registeredAt: atMinute(registeredAt), changedAt: atMinute(changedAt ?? registeredAt), joinUrl },
    sessions: sessions.map(([from, to], session) => ({
      id: `${participant}-${session}`,
      instance: 'run-0',
      joinedAt: time(from),
      leftAt: time(to),
    })),
  }
}
