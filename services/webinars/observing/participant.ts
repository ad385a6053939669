import type {
  AttendanceParticipant,
  AttendanceSession,
  Participant,
  Registrant,
  Webinar,
} from '../../../schemas/generated.ts'
import { participantKey, rowKey } from '../keys.ts'
import { earliest, latest } from '../times.ts'
import type { RowChanges } from './row-changes.ts'
import { isLater, ownEntry } from './told.ts'

/** What the event says of a registrant or attendee. Returns the key of their row; null when it is about nobody, or about the host. */
export const observeParticipant = (event: Webinar, webinar: string, changes: RowChanges): string | null => {
  const { registrant, participant } = event
  const key = rowKey(webinar, participantKey(event))
  if (registrant) updateParticipant(key, event, changes, known => withRegistration(known, event, registrant))
  else if (participant && !participant.host) {
    updateParticipant(key, event, changes, known => withPresence(known, event, participant))
  } else return null
  return key
}

const updateParticipant = (
  key: string,
  event: Webinar,
  changes: RowChanges,
  change: (participant: AttendanceParticipant) => AttendanceParticipant,
): void =>
  changes.update(key, row => {
    const known = row.participant ?? { ...nobody, person: event.person, firstReceivedAt: event.receivedAt }
    const aliases = [...new Set([...known.aliases, ...event.aliases])].sort()
    const firstReceivedAt = Math.min(known.firstReceivedAt, event.receivedAt)
    return { ...row, participant: change({ ...known, aliases, firstReceivedAt }) }
  })

const nobody: Omit<AttendanceParticipant, 'person' | 'firstReceivedAt'> = {
  aliases: [],
  registeredAt: null,
  stoodAt: null,
  stoodReceivedAt: 0,
  registrationStatus: null,
  registrationChangedAt: null,
  joinUrl: null,
  sessions: {},
  boundSessions: [],
  boundReceivedAt: 0,
}

const withRegistration = (
  known: AttendanceParticipant,
  { occurredAt, receivedAt }: Webinar,
  { status, joinUrl }: Registrant,
): AttendanceParticipant => {
  const newer = isLater(occurredAt, status, known.registrationChangedAt, known.registrationStatus)
  const stands = status === 'APPROVED' || status === 'PENDING'
  return {
    ...known,
    registeredAt: earliest(known.registeredAt, occurredAt),
    stoodAt: stands ? earliest(known.stoodAt, occurredAt) : known.stoodAt,
    stoodReceivedAt: stands
      ? firstReceived(known.stoodAt !== null, known.stoodReceivedAt, receivedAt)
      : known.stoodReceivedAt,
    registrationStatus: newer ? status : known.registrationStatus,
    registrationChangedAt: newer ? occurredAt : known.registrationChangedAt,
    joinUrl: (newer ? joinUrl : null) ?? known.joinUrl ?? joinUrl,
  }
}

const withPresence = (
  known: AttendanceParticipant,
  event: Webinar,
  participant: Participant,
): AttendanceParticipant => {
  if (event.kind === 'BOUND') return withBound(known, event, participant)
  const { session, joinedAt, leftAt } = participant
  const joinReceivedAt = joinedAt === null ? 0 : event.receivedAt
  const seen = { instance: event.instance, joinedAt, joinReceivedAt, leftAt, reported: event.kind === 'REPORTED' }
  return {
    ...known,
    sessions: { ...known.sessions, [session]: joinSessions(ownEntry(known.sessions, session), seen) },
  }
}

/** Zoom does not say which of the two sessions is the telephone, so both are the participant's. */
const withBound = (
  known: AttendanceParticipant,
  { receivedAt }: Webinar,
  { session, boundSession }: Participant,
): AttendanceParticipant => {
  const bound = [...known.boundSessions, session, ...(boundSession === null ? [] : [boundSession])]
  return {
    ...known,
    boundSessions: [...new Set(bound)].sort(),
    boundReceivedAt: firstReceived(known.boundSessions.length > 0, known.boundReceivedAt, receivedAt),
  }
}

/** Earliest join and latest leave, so that the order of arrival and repetitions do not matter. */
export const joinSessions = (known: AttendanceSession | undefined, seen: AttendanceSession): AttendanceSession => ({
  instance: known?.instance ?? seen.instance,
  joinedAt: earliest(known?.joinedAt ?? null, seen.joinedAt),
  joinReceivedAt:
    known && seen.joinedAt === null
      ? known.joinReceivedAt
      : firstReceived(known !== undefined && known.joinedAt !== null, known?.joinReceivedAt ?? 0, seen.joinReceivedAt),
  leftAt: latest(known?.leftAt ?? null, seen.leftAt),
  reported: seen.reported || (known?.reported ?? false),
})

/** The earlier receipt of two, where there was one before; 0, from before receipts were kept, stays. */
const firstReceived = (wasKnown: boolean, known: number, seen: number): number =>
  wasKnown ? Math.min(known, seen) : seen
