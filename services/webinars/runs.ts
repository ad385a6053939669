import type { WebinarInstance } from '../../schemas/generated.ts'
import { type Interval, length, union } from './intervals.ts'
import { earliest, latest } from './times.ts'

/** A webinar is over when it ran and every run has ended; a restart makes it run again. Nothing more is expected of a settled run, also when nobody told its end. */
export const isOver = (instances: readonly WebinarInstance[]): boolean =>
  instances.length > 0 && instances.every(({ endedAt, settledAt }) => endedAt !== null || settledAt !== null)

/** A webinar is settled when every run is: its report was read, or waited for in vain. A restart unsettles it. */
export const isSettled = (instances: readonly WebinarInstance[]): boolean =>
  instances.length > 0 && instances.every(({ settledAt }) => settledAt !== null)

/** Actual start of the first run; null when none is known. */
export const firstStart = (instances: readonly WebinarInstance[]): number | null =>
  earliest(...instances.map(({ startedAt }) => startedAt))

/** Actual end of the last run; null until the webinar is over. Where nobody told the end, it was before the settlement. */
export const lastEnd = (instances: readonly WebinarInstance[]): number | null =>
  isOver(instances) ? latest(...instances.map(({ endedAt, settledAt }) => endedAt ?? settledAt)) : null

/** From start to end of each run; a run whose start or end is not known is open on that side, and nothing is cut when no run is known. */
export const runningTime = (instances: readonly WebinarInstance[]): readonly Interval[] =>
  instances.length === 0
    ? [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }]
    : instances.map(({ startedAt, endedAt }) => ({
        from: startedAt ?? Number.NEGATIVE_INFINITY,
        to: endedAt ?? Number.POSITIVE_INFINITY,
      }))

/** Milliseconds of running time, without the pauses between runs and the runs whose start or end is not known. */
export const actualLength = (instances: readonly WebinarInstance[]): number =>
  length(
    union(
      instances.flatMap(({ startedAt, endedAt }) =>
        startedAt === null || endedAt === null ? [] : [{ from: startedAt, to: endedAt }],
      ),
    ),
  )
