import type {
  AttendanceInstance,
  AttendanceOccurrence,
  AttendanceWebinar,
  Webinar,
} from '../../../schemas/generated.ts'
import { rowKey } from '../keys.ts'
import { earliest, latest } from '../times.ts'
import type { RowChanges } from './row-changes.ts'
import { isLater, ownEntry } from './told.ts'

/** The dates of a series, by occurrence id; the latest start told for an id stands. */
export const observeSeries = (event: Webinar, changes: RowChanges): void => {
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

/** What the event says of the webinar itself: title, schedule, runs. */
export const observeWebinar = (event: Webinar, webinar: string, changes: RowChanges): void =>
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
        // Events of people only confirm a title: were its time moved by each of them, each would write the webinar's row.
        topicAt: newer && (event.topic !== known.topic || isOfWebinar(event)) ? event.occurredAt : known.topicAt,
        scheduledAt: scheduledStart(event, webinar, known, changes),
        timezone: known.timezone ?? event.timezone,
        instances: withInstance(event, known.instances),
      },
    }
  })

/** Whether everybody's status may have changed: an end, a settlement, a restart, a new title. Told from what is known now, so that a repeated event tells everybody again. */
export const mattersToAll = (event: Webinar, webinar: AttendanceWebinar | null | undefined): boolean => {
  if (event.kind === 'ENDED' || event.kind === 'SETTLED') return true
  if (event.kind === 'STARTED') return Object.keys(webinar?.instances ?? {}).length > 1
  // Those of people are many and often of one moment; a title that they bring is told to the others with the next event of the webinar.
  if (!isOfWebinar(event)) return false
  return event.topic !== null && event.topic === webinar?.topic && event.occurredAt === webinar.topicAt
}

const isOfWebinar = ({ registrant, participant }: Webinar): boolean => registrant === null && participant === null

const runKinds: ReadonlySet<Webinar['kind']> = new Set([
  ...(['STARTED', 'ENDED', 'JOINED', 'LEFT', 'BOUND'] as const),
  ...(['REPORTED', 'SETTLED'] as const),
])

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

const withInstance = (event: Webinar, instances: AttendanceWebinar['instances']): AttendanceWebinar['instances'] => {
  if (event.instance === null || !runKinds.has(event.kind)) return instances
  const known = ownEntry(instances, event.instance) ?? unknownInstance
  return {
    ...instances,
    [event.instance]: { ...withStart(event, known), ...withEnd(event, known), ...withSettlement(event, known) },
  }
}

const unknownInstance: AttendanceInstance = {
  startedAt: null,
  startConfirmed: false,
  endedAt: null,
  settledAt: null,
  reported: false,
}

/** Every event of a run carries its actual start, so a lost `started` leaves no hole; what the start or the report itself tells goes before. */
const withStart = (
  { kind, startTime }: Webinar,
  { startedAt, startConfirmed }: AttendanceInstance,
): Pick<AttendanceInstance, 'startedAt' | 'startConfirmed'> => {
  const confirms = (kind === 'STARTED' || kind === 'SETTLED') && startTime !== null
  if (confirms && !startConfirmed) return { startedAt: startTime, startConfirmed: true }
  return { startedAt: startConfirmed && !confirms ? startedAt : earliest(startedAt, startTime), startConfirmed }
}

const withEnd = (event: Webinar, { endedAt }: AttendanceInstance): Pick<AttendanceInstance, 'endedAt'> => {
  if (event.kind === 'ENDED') return { endedAt: latest(endedAt, event.endTime ?? event.occurredAt) }
  return { endedAt: event.kind === 'SETTLED' ? latest(endedAt, event.endTime) : endedAt }
}

/** A run may be settled twice: when the report was waited for in vain, and when it came after all. */
const withSettlement = (
  event: Webinar,
  { settledAt, reported }: AttendanceInstance,
): Pick<AttendanceInstance, 'settledAt' | 'reported'> =>
  event.kind === 'SETTLED'
    ? { settledAt: earliest(settledAt, event.receivedAt), reported: reported || event.reported === true }
    : { settledAt, reported }
