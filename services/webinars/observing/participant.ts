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
  registrationStatus: null,
  registrationChangedAt: null,
  joinUrl: null,
  sessions: {},
  boundSessions: [],
}

const withRegistration = (
  known: AttendanceParticipant,
  { occurredAt }: Webinar,
  { status, joinUrl }: Registrant,
): AttendanceParticipant => {
  const newer = isLater(occurredAt, status, known.registrationChangedAt, known.registrationStatus)
  const stands = status === 'APPROVED' || status === 'PENDING'
  return {
    ...known,
    registeredAt: earliest(known.registeredAt, occurredAt),
    stoodAt: stands ? earliest(known.stoodAt, occurredAt) : known.stoodAt,
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
  if (event.kind === 'BOUND') return { ...known, boundSessions: withBound(known.boundSessions, participant) }
  const { session, joinedAt, leftAt } = participant
  const seen = { instance: event.instance, joinedAt, leftAt, reported: event.kind === 'REPORTED' }
  return {
    ...known,
    sessions: { ...known.sessions, [session]: joinSessions(ownEntry(known.sessions, session), seen) },
  }
}

/** Zoom does not say which of the two sessions is the telephone, so both are the participant's. */
const withBound = (bound: readonly string[], { session, boundSession }: Participant): readonly string[] =>
  [...new Set([...bound, session, ...(boundSession === null ? [] : [boundSession])])].sort()

/** Earliest join and latest leave, so that the order of arrival and repetitions do not matter. */
export const joinSessions = (known: AttendanceSession | undefined, seen: AttendanceSession): AttendanceSession => ({
  instance: known?.instance ?? seen.instance,
  joinedAt: earliest(known?.joinedAt ?? null, seen.joinedAt),
  leftAt: latest(known?.leftAt ?? null, seen.leftAt),
  reported: seen.reported || (known?.reported ?? false),
})
