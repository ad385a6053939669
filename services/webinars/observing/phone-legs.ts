import type { AttendanceParticipant, AttendanceSession } from '../../../schemas/generated.ts'
import { guestKey, rowKey } from '../keys.ts'
import type { RowChanges } from './row-changes.ts'
import { ownEntry } from './told.ts'

export type SessionEntry = readonly [id: string, session: AttendanceSession]

/** The report and the webhooks may tell one moment a second or so apart. */
const sameMomentMs = 5_000

/**
 * Sessions of the telephones bound to the participant. They come as guests, and so do their rows of the report, which do not say whose telephone it was: when a
 * webhook of one was lost, the row that begins or ends at the moment of the other webhook completes it.
 */
export const phoneLegsOf = (
  { boundSessions }: AttendanceParticipant,
  webinar: string,
  changes: RowChanges,
): readonly SessionEntry[] => {
  const legs = boundSessions.flatMap(id =>
    Object.entries(changes.get(rowKey(webinar, guestKey(id)))?.participant?.sessions ?? {}),
  )
  const runs = changes.get(rowKey(webinar))?.webinar?.instances ?? {}
  const incomplete = legs.filter(
    ([, { instance, joinedAt, leftAt }]) =>
      (joinedAt === null || leftAt === null) && instance !== null && ownEntry(runs, instance)?.reported === true,
  )
  if (incomplete.length === 0) return legs
  const rows = reportedGuestsOf(webinar, changes).flatMap(key =>
    Object.entries(changes.get(key)?.participant?.sessions ?? {}),
  )
  return [...legs, ...incomplete.flatMap(([, leg]) => closestRow(leg, rows))]
}

/** Grows with every change that may change the legs. */
export const phoneLegsRevision = (
  { boundSessions }: AttendanceParticipant,
  webinar: string,
  changes: RowChanges,
): number => {
  if (boundSessions.length === 0) return 0
  const guests = boundSessions.map(id => rowKey(webinar, guestKey(id)))
  const runs = Object.values(changes.get(rowKey(webinar))?.webinar?.instances ?? {})
  const rows = runs.some(({ reported }) => reported) ? reportedGuestsOf(webinar, changes) : []
  return [...guests, ...rows].reduce((sum, key) => sum + changes.revision(key), 0)
}

/** Row keys of those whom the report names by nothing. */
const reportedGuestsOf = (webinar: string, changes: RowChanges): readonly string[] =>
  changes.participantsOf(webinar).filter(key => {
    const participant = changes.get(key)?.participant
    return participant?.person === null && Object.values(participant.sessions).some(({ reported }) => reported)
  })

const closestRow = (leg: AttendanceSession, rows: readonly SessionEntry[]): readonly SessionEntry[] =>
  rows
    .filter(([, row]) => row.instance === leg.instance && apart(leg, row) <= sameMomentMs)
    .toSorted(([a, one], [b, other]) => apart(leg, one) - apart(leg, other) || (a < b ? -1 : 1))
    .slice(0, 1)

/** Milliseconds between the moments that are known of both. */
const apart = (leg: AttendanceSession, row: AttendanceSession): number =>
  Math.min(between(leg.joinedAt, row.joinedAt), between(leg.leftAt, row.leftAt))

const between = (a: number | null, b: number | null): number =>
  a === null || b === null ? Number.POSITIVE_INFINITY : Math.abs(a - b)
