/** An earlier time is a defect of the client (an unset clock, seconds taken for milliseconds), not history that somebody imports. */
const earliest = Date.UTC(2000, 0)

/** ISO 8601 as SDKs write it: a date, or date and time with or without seconds, fraction and zone; a space may stand for the T. */
const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** As JavaScript writes it, and so most of what comes: tried first, because it needs nothing but to be parsed. */
const written = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** Numbers below it are seconds: as milliseconds they would be before the spring of 1973. */
const firstMilliseconds = 100_000_000_000

/** Milliseconds since the epoch of a time as SDKs spell it: ISO 8601 (without a zone it is UTC), or a number of seconds or milliseconds; else null. */
export const instantOf = (value: unknown): number | null => {
  if (typeof value === 'number') return ofNumber(value)
  if (typeof value !== 'string') return null
  if (written.test(value)) return timeOrNull(Date.parse(value))
  const text = value.trim()
  if (/^\d{9,14}(\.\d{1,9})?$/.test(text)) return ofNumber(Number(text))
  const [, date, minutes = '00:00', seconds = '00', fraction = '0', zone = 'Z'] = iso.exec(text) ?? []
  if (date === undefined) return null
  return timeOrNull(Date.parse(`${date}T${minutes}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${fullZone(zone)}`))
}

const timeOrNull = (time: number): number | null => (Number.isNaN(time) ? null : time)

const ofNumber = (value: number): number | null => {
  if (!(value > 0)) return null
  return Math.floor(value < firstMilliseconds ? value * 1_000 : value)
}

/** `+00:00` of `+00`, `+0000` and `z`. */
const fullZone = (zone: string): string => {
  if (zone.length === 1) return 'Z'
  const digits = zone.slice(1).replace(':', '')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2) || '00'}`
}

/** When something happened by our clock. `replaced`: what the client said cannot be, so it is the receipt. */
export interface Happened {
  readonly at: number
  readonly replaced: boolean
}

/**
 * By Segment's rule (facts/segment.md §4): receipt − (sent − original), so that a client's wrong clock cancels out; the original alone when nothing says when
 * it was sent, the receipt when nothing says when it happened. Never later than the receipt.
 * @param original when it happened and `sent` when the request was sent, both by the client's clock and as it wrote them
 */
export const happenedAt = (original: unknown, sent: unknown, receivedAt: number): Happened => {
  if (original === undefined || original === null) return { at: receivedAt, replaced: false }
  const happened = instantOf(original)
  if (happened === null) return { at: receivedAt, replaced: true }
  const sentAt = instantOf(sent)
  const at = sentAt === null ? happened : receivedAt - (sentAt - happened)
  if (at < earliest) return { at: receivedAt, replaced: true }
  return { at: Math.min(at, receivedAt), replaced: false }
}
