import type { AttendanceParticipant, AttendanceSession } from '../../../schemas/generated.ts'
import { guestKey, rowKey } from '../keys.ts'
import type { RowChanges } from './row-changes.ts'
import { ownEntry } from './told.ts'

export type SessionEntry = readonly [id: string, session: AttendanceSession]

/** The report and the webhooks may tell one moment a second or so apart. */
const sameMomentMs = 5_000

/**
 * The telephones of a webinar's participants. They come as guests, and so do their rows of the report, which do not say whose telephone it was: when a webhook of
 * one was lost, the row that begins or ends at the moment of the other webhook completes it.
 */
export interface PhoneLegs {
  /** Sessions of the telephones bound to the participant. */
  of(participant: AttendanceParticipant): readonly SessionEntry[]
  /** Grows with every change that may change them. */
  revisionOf(participant: AttendanceParticipant): number
}

/** @param changes complete: an event may concern all participants, so the report's guests are looked for only once */
export const phoneLegsIn = (webinar: string, changes: RowChanges): PhoneLegs => {
  const runs = changes.get(rowKey(webinar))?.webinar?.instances ?? {}
  const isReported = Object.values(runs).some(({ reported }) => reported)
  let guests: Guests | undefined
  const reportedGuests = (): Guests => {
    guests ??= isReported ? reportedGuestsOf(webinar, changes) : noGuests
    return guests
  }
  return {
    of: ({ boundSessions }) => {
      const legs = boundSessions.flatMap(id =>
        Object.entries(changes.get(rowKey(webinar, guestKey(id)))?.participant?.sessions ?? {}),
      )
      const incomplete = legs.filter(
        ([, { instance, joinedAt, leftAt }]) =>
          (joinedAt === null || leftAt === null) && instance !== null && ownEntry(runs, instance)?.reported === true,
      )
      return [...legs, ...incomplete.flatMap(([, leg]) => closestRow(leg, reportedGuests().rows))]
    },
    revisionOf: ({ boundSessions }) =>
      boundSessions.length === 0
        ? 0
        : boundSessions.reduce(
            (sum, id) => sum + changes.revision(rowKey(webinar, guestKey(id))),
            reportedGuests().revision,
          ),
  }
}

/** Those whom the report names by nothing. */
interface Guests {
  readonly rows: readonly SessionEntry[]
  /** The sum of theirs. */
  readonly revision: number
}

const noGuests: Guests = { rows: [], revision: 0 }

const reportedGuestsOf = (webinar: string, changes: RowChanges): Guests => {
  const keys = changes.participantsOf(webinar).filter(key => {
    const participant = changes.get(key)?.participant
    return participant?.person === null && Object.values(participant.sessions).some(({ reported }) => reported)
  })
  return {
    rows: keys.flatMap(key => Object.entries(changes.get(key)?.participant?.sessions ?? {})),
    revision: keys.reduce((sum, key) => sum + changes.revision(key), 0),
  }
}

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
