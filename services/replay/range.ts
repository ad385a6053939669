import { TributaryError } from '../runtime/errors.ts'

/** A place in a topic: an offset, the same in each partition, or a time. */
export type Point =
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'time' /** Milliseconds since the epoch. */; readonly time: number }

/** From a point on, up to another one, which is left out; without it up to what is there now. */
export interface Range {
  readonly from: Point
  readonly to: Point | null
}

/** What of a partition is read: offsets from `from` on, up to `to`, which is left out. */
export interface PartitionRange {
  readonly partition: number
  readonly from: number
  readonly to: number
}

export const pointForms =
  'an offset (120), a time (2026-10-14, 2026-10-14T09:00:00Z; UTC unless it names a zone) or how long ago (90s, 30m, 2h, 7d)'

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const date = /^\d{4}-\d\d-\d\d$/
const dateTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/i

/**
 * The range that somebody typed; times back are counted from `now` (milliseconds since the epoch).
 * Throws `REPLAY_POINT_MALFORMED`, and `REPLAY_RANGE_REVERSED` where the end can be told to lie before the start.
 */
export const parseRange = (from: string, to: string | undefined, now: number): Range => {
  const range = {
    from: parsePoint('--from', from, now),
    to: to === undefined ? null : parsePoint('--to', to, now),
  }
  if (range.to && isReversed(range.from, range.to)) {
    throw new TributaryError(
      'REPLAY_RANGE_REVERSED',
      `Expected --to behind --from, came ${to} and ${from}. --from is the older end of the range, and the first record that is read.`,
    )
  }
  return range
}

/** As it can be typed again, whatever the time is then. */
export const pointAsText = (point: Point): string =>
  point.kind === 'offset' ? String(point.offset) : new Date(point.time).toISOString()

const parsePoint = (flag: string, typed: string, now: number): Point => {
  const text = typed.trim()
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) {
    return { kind: 'time', time: now - Number(amount) * (unitMs[unit] ?? 0) }
  }
  if (/^\d{1,15}$/.test(text)) return { kind: 'offset', offset: Number(text) }
  const time = timeOf(text)
  if (time !== undefined) return { kind: 'time', time }
  throw new TributaryError('REPLAY_POINT_MALFORMED', `${flag}: expected ${pointForms}, came ${typed}.`)
}

const timeOf = (text: string): number | undefined => {
  const zone = dateTime.exec(text)
  if (!zone && !date.test(text)) return undefined
  const time = Date.parse(zone && zone[1] === undefined ? `${text}Z` : text)
  return Number.isNaN(time) ? undefined : time
}

const isReversed = (from: Point, to: Point): boolean => {
  if (from.kind === 'time' && to.kind === 'time') return to.time <= from.time
  return from.kind === 'offset' && to.kind === 'offset' && to.offset <= from.offset
}
