/** From and to in milliseconds since the epoch; `to` is exclusive and may be Infinity, `from` may be -Infinity. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/** The same time without overlaps, in order: two devices at once count once. Empty and reversed intervals vanish. */
export const union = (intervals: readonly Interval[]): readonly Interval[] => {
  const sorted = intervals.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of sorted) {
    const last = merged.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** The part of `intervals` that lies within `bounds`. */
export const clip = (intervals: readonly Interval[], bounds: readonly Interval[]): readonly Interval[] =>
  union(
    intervals.flatMap(interval =>
      bounds.map(bound => ({ from: Math.max(interval.from, bound.from), to: Math.min(interval.to, bound.to) })),
    ),
  )

/** Milliseconds covered by intervals that do not overlap. */
export const length = (intervals: readonly Interval[]): number =>
  intervals.reduce((total, { from, to }) => total + (to - from), 0)
