/** Ids of records in the order of a time that each has, so that those since a time are found without looking at all records. */
export interface TimeIndex {
  /** The record has the time `after` from now on; `before` is undefined when it is new. Times compare as texts. */
  moved(id: string, before: string | undefined, after: string): void
  /** The records that have this time or a later one, by time, each once. */
  since(time: string): string[]
}

interface Entry {
  readonly time: string
  readonly id: string
}

/**
 * @param entries of the records that there are, in any order
 * @param timeOf the time that a record has now
 * @param outdatedAtMost entries that are outdated when they are cleared away, unless they are less than half of all
 */
export const createTimeIndex = (
  entries: Iterable<Entry>,
  timeOf: (id: string) => string | undefined,
  outdatedAtMost = 10_000,
): TimeIndex => {
  let sorted = [...entries].sort((a, b) => compared(a.time, b.time))
  let outdated = 0
  const isCurrent = ({ id, time }: Entry): boolean => timeOf(id) === time
  return {
    moved: (id, before, after) => {
      if (before === after) return
      const last = sorted.at(-1)
      if (!last || last.time <= after) sorted.push({ id, time: after })
      else sorted.splice(firstAt(sorted, after), 0, { id, time: after })
      if (before !== undefined) outdated += 1
      if (outdated < Math.max(outdatedAtMost, sorted.length / 2)) return
      sorted = sorted.filter(isCurrent)
      outdated = 0
    },
    since: time => [
      ...new Set(
        sorted
          .slice(firstAt(sorted, time))
          .filter(isCurrent)
          .map(({ id }) => id),
      ),
    ],
  }
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Where the entries of this time or later begin. */
const firstAt = (sorted: readonly Entry[], time: string): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle]?.time ?? '') < time) low = middle + 1
    else high = middle
  }
  return low
}
