import { hash } from 'node:crypto'
import type {
  AttendanceParticipant,
  AttendanceSession,
  AttendanceWebinar,
  Participation,
  Registrant,
  Webinar,
} from '../../../schemas/generated.ts'
import { rowKey } from '../keys.ts'
import { joinSessions } from './participant.ts'
import type { PhoneLegs } from './phone-legs.ts'
import type { RowChanges } from './row-changes.ts'

/** All that the rows say of one participant, after the event; null for a guest without address, of whom nobody can be told. */
export const participationOf = (
  event: Webinar,
  webinar: string,
  key: string,
  changes: RowChanges,
  phoneLegs: PhoneLegs,
): Participation | null => {
  const run = changes.get(rowKey(webinar))?.webinar
  const participant = changes.get(key)?.participant
  if (!run || !participant || participant.person === null) return null
  return {
    // Hashed, since it may hold an address, and ids of events reach headers and logs.
    eventId: `${event.eventId}:${hash('sha256', key).slice(0, 16)}`,
    source: event.source,
    occurredAt: event.occurredAt,
    receivedAt: event.receivedAt,
    person: participant.person,
    participant: key.slice(rowKey(webinar).length),
    firstReceivedAt: participant.firstReceivedAt,
    revision: changes.revision(key) + phoneLegs.revisionOf(participant),
    webinarRevision: changes.revision(rowKey(webinar)),
    webinar: {
      id: webinar,
      account: run.account,
      topic: run.topic,
      scheduledAt: run.scheduledAt,
      timezone: run.timezone,
      instances: instancesOf(run),
    },
    registration: registrationOf(participant),
    sessions: sessionsOf(participant, phoneLegs),
  }
}

/** Row keys of the participants whose participation a row is part of: itself, or of a guest those whose telephone it is. */
export const concernedBy = (
  key: string,
  webinar: string,
  changes: RowChanges,
  phoneLegs: PhoneLegs,
): readonly string[] => {
  const observed = changes.get(key)?.participant
  if (!observed || observed.person !== null) return [key]
  const ids = new Set(Object.keys(observed.sessions))
  return changes.participantsOf(webinar).filter(other => {
    const participant = changes.get(other)?.participant
    if (!participant || participant.person === null || participant.boundSessions.length === 0) return false
    return phoneLegs.of(participant).some(([id]) => ids.has(id))
  })
}

const instancesOf = ({ instances }: AttendanceWebinar): Participation['webinar']['instances'] =>
  Object.entries(instances)
    .map(([id, { startedAt, endedAt, settledAt, reported }]) => ({ id, startedAt, endedAt, settledAt, reported }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

const registrationOf = (participant: AttendanceParticipant): Participation['registration'] =>
  participant.registeredAt === null || participant.registrationStatus === null
    ? null
    : {
        status: participant.registrationStatus as Registrant['status'],
        registeredAt: participant.registeredAt,
        stoodAt: participant.stoodAt,
        stoodReceivedAt: participant.stoodReceivedAt,
        changedAt: participant.registrationChangedAt ?? participant.registeredAt,
        joinUrl: participant.joinUrl,
      }

/** The participant's own sessions and those of their telephones; a session seen both ways is one. */
const sessionsOf = (participant: AttendanceParticipant, phoneLegs: PhoneLegs): Participation['sessions'] => {
  const sessions = new Map<string, AttendanceSession>()
  const legs = phoneLegs.of(participant).map(([id, leg]) => [id, asBound(leg, participant)] as const)
  for (const [id, session] of [...Object.entries(participant.sessions), ...legs]) {
    sessions.set(id, joinSessions(sessions.get(id), session))
  }
  return [...sessions]
    .map(([id, session]) => ({ id, ...session }))
    .sort((a, b) => (a.joinedAt ?? 0) - (b.joinedAt ?? 0) || (a.id < b.id ? -1 : 1))
}

/** That a guest's telephone joined tells a join of the participant only once it is bound. */
const asBound = (leg: AttendanceSession, { boundReceivedAt }: AttendanceParticipant): AttendanceSession =>
  leg.joinedAt === null ? leg : { ...leg, joinReceivedAt: Math.max(leg.joinReceivedAt, boundReceivedAt) }
