import type {
  AttendanceOccurrence,
  AttendanceParticipant,
  AttendanceSession,
  AttendanceWebinar,
  Participant,
  Participation,
  Registrant,
  Webinar,
} from '../../schemas/generated.ts'
import { consumer, type Emission } from '../../topology/define.ts'
import { attendances, identities, participations, webinars } from '../../topology/topics.ts'
import { guestKey, inputKeyOf, participantKey, rowKey, webinarIdsOf } from '../webinars/keys.ts'
import { RowChanges } from '../webinars/row-changes.ts'

/** Keeps what is observed of each participant of each webinar, and tells it anew, by person, after every change. */
export default consumer({
  name: 'webinar-attendance',
  reads: webinars,
  joins: { table: identities, by: 'person', ifMissing: 'create' },
  writes: [participations],
  keepsPerKey: {
    table: attendances,
    inputKeyOf,
    aliasesOf: row => row.participant?.aliases ?? [],
  },
  handle: ({ event, rows }) => {
    const changes = new RowChanges(rows)
    observeSeries(event, changes)
    const told = webinarIdsOf(event, changes.get(rowKey(event.number))?.occurrences ?? []).flatMap(webinar => {
      observeWebinar(event, webinar, changes)
      const participant = observeParticipant(event, webinar, changes)
      return mattersToAll(event, changes.get(rowKey(webinar))?.webinar)
        ? changes.participantsOf(webinar).map(key => tell(event, webinar, key, changes))
        : participant === null
          ? []
          : [tell(event, webinar, participant, changes)]
    })
    return { rows: changes.changed(), writes: told.filter(emission => emission !== null) }
  },
})

/** The dates of a series, by occurrence id; the latest start told for an id stands. */
const observeSeries = (event: Webinar, changes: RowChanges): void => {
  if (event.occurrences.length === 0) return
  changes.update(rowKey(event.number), row => {
    const byId = new Map<string, AttendanceOccurrence>(
      [...row.occurrences, ...event.occurrences].map(occurrence => [occurrence.id, occurrence]),
    )
    return {
      ...row,
      occurrences: [...byId.values()].sort((a, b) => a.startTime - b.startTime || (a.id < b.id ? -1 : 1)),
    }
  })
}

const observeWebinar = (event: Webinar, webinar: string, changes: RowChanges): void =>
  changes.update(rowKey(webinar), row => {
    const known: AttendanceWebinar = row.webinar ?? {
      account: event.account,
      topic: null,
      topicAt: null,
      scheduledAt: null,
      timezone: null,
      instances: {},
    }
    const newer = event.topic !== null && isLater(event.occurredAt, event.topic, known.topicAt, known.topic)
    return {
      ...row,
      webinar: {
        ...known,
        topic: newer ? event.topic : known.topic,
        topicAt: newer && event.topic !== known.topic ? event.occurredAt : known.topicAt,
        scheduledAt: scheduledStart(event, webinar, known, changes),
        timezone: known.timezone ?? event.timezone,
        instances: withInstance(event, known.instances),
      },
    }
  })

const runKinds: ReadonlySet<Webinar['kind']> = new Set(['STARTED', 'ENDED', 'JOINED', 'LEFT', 'BOUND'])

const scheduledStart = (
  event: Webinar,
  webinar: string,
  known: AttendanceWebinar,
  changes: RowChanges,
): number | null => {
  const occurrences = changes.get(rowKey(event.number))?.occurrences ?? []
  const occurrence = occurrences.find(({ id }) => webinar === `${event.number}-${id}`)
  if (occurrence) return occurrence.startTime
  return runKinds.has(event.kind) ? known.scheduledAt : (event.startTime ?? known.scheduledAt)
}

/** Every event of a run carries its actual start, so a lost `started` leaves no hole; the end comes only with `ended`. */
const withInstance = (event: Webinar, instances: AttendanceWebinar['instances']): AttendanceWebinar['instances'] => {
  if (event.instance === null || !runKinds.has(event.kind)) return instances
  const known = ownEntry(instances, event.instance) ?? { startedAt: null, endedAt: null }
  const startedAt =
    event.kind === 'STARTED' ? (event.startTime ?? known.startedAt) : (known.startedAt ?? event.startTime)
  const endedAt =
    event.kind === 'ENDED' ? Math.max(event.endTime ?? event.occurredAt, known.endedAt ?? 0) : known.endedAt
  return { ...instances, [event.instance]: { startedAt, endedAt } }
}

/** Returns the row key of the participant that the event is about, or of whom its session belongs to; null when it is about nobody. */
const observeParticipant = (event: Webinar, webinar: string, changes: RowChanges): string | null => {
  if (event.registrant) return observeRegistration(event, event.registrant, webinar, changes)
  if (event.participant && !event.participant.host) return observeSession(event, event.participant, webinar, changes)
  return null
}

const observeRegistration = (event: Webinar, registrant: Registrant, webinar: string, changes: RowChanges): string => {
  const key = rowKey(webinar, participantKey(event))
  updateParticipant(key, event, changes, participant => {
    const { registrationChangedAt, registrationStatus } = participant
    const newer = isLater(event.occurredAt, registrant.status, registrationChangedAt, registrationStatus)
    return {
      ...participant,
      registeredAt: earliest(participant.registeredAt, event.occurredAt),
      registrationStatus: newer ? registrant.status : participant.registrationStatus,
      registrationChangedAt: newer ? event.occurredAt : participant.registrationChangedAt,
      joinUrl: (newer ? registrant.joinUrl : null) ?? participant.joinUrl ?? registrant.joinUrl,
    }
  })
  return key
}

const observeSession = (
  event: Webinar,
  participant: Participant,
  webinar: string,
  changes: RowChanges,
): string | null => {
  const key = rowKey(webinar, participantKey(event))
  updateParticipant(key, event, changes, known => ({
    ...known,
    sessions: withSession(known.sessions, event, participant),
    boundSessions: event.kind === 'BOUND' ? withBound(known.boundSessions, participant) : known.boundSessions,
  }))
  if (event.person !== null) return key
  return (
    changes
      .participantsOf(webinar)
      .find(other => changes.get(other)?.participant?.boundSessions.includes(participant.session)) ?? null
  )
}

/** Zoom does not say which of the two sessions is the telephone, so both are the participant's. */
const withBound = (bound: readonly string[], { session, boundSession }: Participant): readonly string[] =>
  [...new Set([...bound, session, ...(boundSession === null ? [] : [boundSession])])].sort()

const withSession = (
  sessions: AttendanceParticipant['sessions'],
  event: Webinar,
  { session, joinedAt, leftAt }: Participant,
): AttendanceParticipant['sessions'] => {
  if (event.kind === 'BOUND') return sessions
  const seen = { instance: event.instance, joinedAt, leftAt }
  return { ...sessions, [session]: joinSessions(ownEntry(sessions, session), seen) }
}

const updateParticipant = (
  key: string,
  event: Webinar,
  changes: RowChanges,
  change: (participant: AttendanceParticipant) => AttendanceParticipant,
): void =>
  changes.update(key, row => {
    const participant = row.participant ?? { ...nobody, person: event.person }
    const aliases = [...new Set([...participant.aliases, ...event.aliases])].sort()
    return { ...row, participant: change({ ...participant, aliases }) }
  })

const nobody: AttendanceParticipant = {
  person: null,
  aliases: [],
  registeredAt: null,
  registrationStatus: null,
  registrationChangedAt: null,
  joinUrl: null,
  sessions: {},
  boundSessions: [],
}

/** Whether everybody's status may have changed: an end, a restart, a new title. Told from what is known now, so that a repeated event tells everybody again. */
const mattersToAll = (event: Webinar, webinar: AttendanceWebinar | null | undefined): boolean =>
  event.kind === 'ENDED' ||
  (event.kind === 'STARTED' && instancesOf(webinar).length > 1) ||
  (event.topic !== null && event.topic === webinar?.topic && event.occurredAt === webinar.topicAt)

const instancesOf = (webinar: AttendanceWebinar | null | undefined): Participation['webinar']['instances'] =>
  Object.entries(webinar?.instances ?? {})
    .map(([id, { startedAt, endedAt }]) => ({ id, startedAt, endedAt }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/** The participation of the row, or null for a guest without address. */
const tell = (event: Webinar, webinar: string, key: string, changes: RowChanges): Emission<Participation> | null => {
  const run = changes.get(rowKey(webinar))?.webinar
  const participant = changes.get(key)?.participant
  if (!run || !participant || participant.person === null) return null
  return participations.emit({
    eventId: `${event.eventId}:${key}`,
    source: event.source,
    occurredAt: event.occurredAt,
    receivedAt: event.receivedAt,
    person: participant.person,
    participant: key.slice(rowKey(webinar).length),
    revision: revisionOf(key, participant, webinar, changes),
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
    sessions: sessionsOf(participant, webinar, changes),
  })
}

/** Grows with every change of what is told of the participant, the sessions of bound phone legs included. */
const revisionOf = (
  key: string,
  { boundSessions }: AttendanceParticipant,
  webinar: string,
  changes: RowChanges,
): number =>
  [key, ...boundSessions.map(id => rowKey(webinar, guestKey(id)))].reduce(
    (sum, each) => sum + changes.revision(each),
    0,
  )

const registrationOf = (participant: AttendanceParticipant): Participation['registration'] =>
  participant.registeredAt === null || participant.registrationStatus === null
    ? null
    : {
        status: participant.registrationStatus as Registrant['status'],
        registeredAt: participant.registeredAt,
        changedAt: participant.registrationChangedAt ?? participant.registeredAt,
        joinUrl: participant.joinUrl,
      }

/** The participant's own sessions and those of phone legs bound to them, which came as guests; a session seen both ways is one. */
const sessionsOf = (
  participant: AttendanceParticipant,
  webinar: string,
  changes: RowChanges,
): Participation['sessions'] => {
  const guests = participant.boundSessions.map(id => changes.get(rowKey(webinar, guestKey(id)))?.participant?.sessions)
  const sessions = new Map<string, AttendanceSession>()
  for (const [id, session] of [participant.sessions, ...guests].flatMap(each => Object.entries(each ?? {}))) {
    sessions.set(id, joinSessions(sessions.get(id), session))
  }
  return [...sessions]
    .map(([id, { instance, joinedAt, leftAt }]) => ({ id, instance, joinedAt, leftAt }))
    .sort((a, b) => (a.joinedAt ?? 0) - (b.joinedAt ?? 0) || (a.id < b.id ? -1 : 1))
}

/** Earliest join and latest leave, so that the order of arrival and repetitions do not matter. */
const joinSessions = (known: AttendanceSession | undefined, seen: AttendanceSession): AttendanceSession => ({
  instance: known?.instance ?? seen.instance,
  joinedAt: earliest(known?.joinedAt ?? null, seen.joinedAt),
  leftAt: latest(known?.leftAt ?? null, seen.leftAt),
})

/** Whether a value was told after the known one; of one moment, the greater value, so that the order of arrival does not matter. */
const isLater = (at: number, value: string, knownAt: number | null, known: string | null): boolean =>
  knownAt === null || at > knownAt || (at === knownAt && value >= (known ?? ''))

/** Ids are Zoom's: one may be called like something that every object has. */
const ownEntry = <Value>(entries: Readonly<Record<string, Value>>, id: string): Value | undefined =>
  Object.hasOwn(entries, id) ? entries[id] : undefined

const earliest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)
const latest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)
