import { createHash } from 'node:crypto'
import type { IdentityClaim, Webinar } from '../../../../schemas/generated.ts'
import { zoomAliases } from '../aliases.ts'
import type { ReportedParticipant } from '../rest/calls.ts'
import { happenedAt, zoomTime } from '../times.ts'
import type { RunFacts } from './runs.ts'

/** What is to be told: events, and claims about their people. */
export interface Told {
  readonly records: readonly Webinar[]
  readonly claims: readonly IdentityClaim[]
}

/** Who is no attendee. */
export interface Hosting {
  /** Zoom user id of the host; null when it is not known. */
  readonly hostId: string | null
  /** Addresses in lower case: the host's and the panelists'. */
  readonly addresses: ReadonlySet<string>
}

/** The id of an event that we tell from Zoom's REST API, of Zoom's own ids and times: the same fact has the same id however often it is read. */
export const eventIdOf = (...identity: readonly (string | number | boolean | null)[]): string =>
  `zoom:${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)}`

/** What is not in the event comes from nowhere. */
export const blank = {
  instance: null,
  topic: null,
  startTime: null,
  endTime: null,
  reported: null,
  timezone: null,
  occurrences: [],
  person: null,
  aliases: [],
  registrant: null,
  participant: null,
} as const satisfies Partial<Webinar>

/**
 * The rows of a run's participant report as finished sessions. A row without both times, or of the waiting room, is no attendance. A telephone's row has no
 * registration, address or user, so it is a guest's. They are told in the order of the joins, by which their readers know whose was told first.
 * @param receivedAt when the report was read
 */
export const reportedSessions = (
  run: RunFacts,
  rows: readonly ReportedParticipant[],
  hosting: Hosting,
  receivedAt: number,
): Told => {
  const records = rows.flatMap(row => reportedSession(run, row, hosting, receivedAt) ?? []).sort(byJoin)
  return { records, claims: records.flatMap(claimOf) }
}

const byJoin = (a: Webinar, b: Webinar): number =>
  (a.participant?.joinedAt ?? 0) - (b.participant?.joinedAt ?? 0) || ((a.person ?? '') < (b.person ?? '') ? -1 : 1)

/** Nothing more is expected of the run. With a report, start and end are the actual ones. */
export const settled = (run: RunFacts, reported: boolean, receivedAt: number): Webinar => ({
  ...blank,
  ...runFieldsOf(run),
  eventId: eventIdOf('settled', run.account, run.instance, reported),
  occurredAt: Math.min(run.endTime ?? receivedAt, receivedAt),
  receivedAt,
  kind: 'SETTLED',
  endTime: run.endTime === null ? null : Math.min(run.endTime, receivedAt),
  reported,
})

/** The claim that an event's aliases are one person; none for an event about nobody. */
export const claimOf = ({ eventId, occurredAt, aliases, source }: Webinar): readonly IdentityClaim[] =>
  aliases.length === 0
    ? []
    : [{ id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes: {}, source }]

const reportedSession = (
  run: RunFacts,
  row: ReportedParticipant,
  hosting: Hosting,
  receivedAt: number,
): Webinar | undefined => {
  const [joined, left] = [zoomTime(row.join_time), zoomTime(row.leave_time)]
  if (joined === null || left === null || row.status === 'in_waiting_room') return undefined
  const joinedAt = Math.min(joined, receivedAt)
  const leftAt = happenedAt([Math.max(left, joined)], receivedAt)
  const host = isHost(row, hosting)
  const registrantId = row.registrant_id
  const userId = row.participant_user_id ?? row.id
  const aliases = host ? [] : zoomAliases({ registrantId, email: row.user_email, userId })
  const presence = row.user_id ?? row.id ?? ''
  return {
    ...blank,
    ...runFieldsOf(run),
    eventId: eventIdOf('reported', run.account, run.instance, presence, joined),
    occurredAt: leftAt,
    receivedAt,
    kind: 'REPORTED',
    person: aliases[0] ?? null,
    aliases,
    participant: {
      session: `report:${presence}:${new Date(joined).toISOString()}`,
      boundSession: null,
      name: row.name,
      host,
      joinedAt,
      leftAt,
    },
  }
}

const isHost = ({ id, participant_user_id, user_email }: ReportedParticipant, hosting: Hosting): boolean => {
  if (user_email !== null && hosting.addresses.has(user_email)) return true
  return hosting.hostId !== null && (id === hosting.hostId || participant_user_id === hosting.hostId)
}

const runFieldsOf = ({ account, number, recurring, instance, topic, startTime, timezone }: RunFacts) => ({
  ...{ source: `zoom:${account}`, account, number, recurring, instance, topic, startTime, timezone },
})
