import type { AttendanceOccurrence, Webinar } from '../../schemas/generated.ts'

/** `<webinar>|` or `<webinar>|<participant>`. */
export const rowKey = (webinar: string, participant = ''): string => `${webinar}|${participant}`

/** The webinar number, which keys the topic `webinars`, of a row key. */
export const inputKeyOf = (key: string): string => key.slice(0, key.indexOf('|')).replace(/-.*$/, '')

/** Who it is within the webinar: the strongest alias, or the session of a guest without address. */
export const participantKey = (event: Webinar): string => event.person ?? guestKey(event.participant?.session ?? '')

export const guestKey = (session: string): string => `session:${session}`

const registrationKinds: ReadonlySet<Webinar['kind']> = new Set(['REGISTERED', 'APPROVED', 'CANCELLED', 'DENIED'])

/**
 * The webinars an event is about (interfaces.md): `<number>`; in a series `<number>-<occurrence id>`, that with the nearest start, or
 * `<number>-<UTC start date>` when the series has no known dates. A registration may be for several dates; a schedule change of a series is about none.
 */
export const webinarIdsOf = (event: Webinar, known: readonly AttendanceOccurrence[]): readonly string[] => {
  // A partial update of a series may not say that it is one.
  if (!event.recurring && known.length === 0) return [event.number]
  if (registrationKinds.has(event.kind) && event.occurrences.length > 0) {
    return event.occurrences.map(({ id }) => `${event.number}-${id}`)
  }
  if (event.kind === 'CREATED' || event.kind === 'UPDATED' || event.kind === 'DELETED') return []
  const start = event.startTime ?? event.occurredAt
  const nearest = known.toSorted((a, b) => Math.abs(a.startTime - start) - Math.abs(b.startTime - start))[0]
  return [`${event.number}-${nearest?.id ?? new Date(start).toISOString().slice(0, 10)}`]
}
