import { z } from 'zod'
import { badRequest } from '../errors.ts'

const moment = z.union([z.number(), z.string()])

/** How an aggregation says of which time it wants rows. */
export const timeSeriesShape = z.strictObject({
  period: z.enum(['dayRange', 'hourRange']),
  first: moment,
  last: moment.optional(),
  count: z.number().int().optional(),
})

export type TimeSeries = z.infer<typeof timeSeriesShape>

export interface Period {
  readonly unit: 'day' | 'hour'
  /** Epoch milliseconds of the beginning; rows from here … */
  readonly from: number
  /** … up to, without, here. */
  readonly until: number
}

/** Days are those of UTC here; Pendo's are those of the subscription's time zone. */
export const LENGTH_MS = { day: 24 * 60 * 60 * 1000, hour: 60 * 60 * 1000 } as const

export const floorTo = (unit: Period['unit'], at: number): number => at - (at % LENGTH_MS[unit])

/**
 * The whole days or hours that are meant: from `first` to `last`, both included, or `count` of them; a negative count goes backwards and
 * includes the one of `first`. Refuses what says neither or both.
 */
export const periodOf = ({ period, first, last, count }: TimeSeries, now: number): Period => {
  if ((last === undefined) === (count === undefined)) throw badRequest('timeSeries: give either last or count')
  if (count === 0) throw badRequest('timeSeries: count must not be 0')
  const unit = period === 'dayRange' ? 'day' : 'hour'
  const length = LENGTH_MS[unit]
  const start = floorTo(unit, momentOf(first, now))
  if (last !== undefined) return { unit, from: start, until: floorTo(unit, momentOf(last, now)) + length }
  const many = count ?? 1
  return many > 0
    ? { unit, from: start, until: start + many * length }
    : { unit, from: start + (many + 1) * length, until: start + length }
}

const DATE = /^date\(\s*(\d{4})\s*,\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/

/** A time is a number of milliseconds, also as text, `now()`, or `date(2021,1,1)`, whose months begin with 1. */
const momentOf = (said: number | string, now: number): number => {
  if (typeof said === 'number') return said
  if (said.trim() === 'now()') return now
  if (/^\d+$/.test(said)) return Number(said)
  const [, year, month, day] = DATE.exec(said.trim()) ?? []
  if (year === undefined)
    throw badRequest(
      `timeSeries: ${JSON.stringify(said)} is not emulated; it takes milliseconds, now() and date(2021,1,1)`,
    )
  return Date.UTC(Number(year), Number(month) - 1, Number(day))
}
