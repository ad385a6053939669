import { describe, it } from 'node:test'
import fc from 'fast-check'
import { clip, type Interval, length, union } from '../../services/webinars/intervals.ts'

describe('intervals', () => {
  const interval = fc
    .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 30 }))
    .map(([from, size]): Interval => ({ from, to: from + size }))
  /** Second by second, the way a person with a list would count. */
  const counted = (intervals: readonly Interval[], bounds?: readonly Interval[]): number =>
    Array.from({ length: 140 }, (_, second) => second).filter(second => {
      const within = (list: readonly Interval[]): boolean => list.some(({ from, to }) => from <= second && second < to)
      return within(intervals) && (bounds === undefined || within(bounds))
    }).length

  it('Z3 the union is what counting second by second gives', () => {
    fc.assert(fc.property(fc.array(interval), intervals => length(union(intervals)) === counted(intervals)))
  })
  it('clipping is what counting within the bounds gives', () => {
    fc.assert(
      fc.property(
        fc.array(interval),
        fc.array(interval),
        (intervals, bounds) => length(clip(intervals, bounds)) === counted(intervals, bounds),
      ),
    )
  })
})
