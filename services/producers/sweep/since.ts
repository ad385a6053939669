import type { Marks } from './marks.ts'
import type { Under } from './running.ts'

interface Beginning {
  readonly began: number
  /** What happened so long before all was told is read again, in milliseconds. */
  readonly overlapMs: number
}

/**
 * The time from which on to read what is told only from the first time on that it is asked for; undefined at that time: then both marks are set, since when (`<name>-since`) and
 * until when all is told.
 */
export const readingFrom = async (
  name: string,
  { began, overlapMs }: Beginning,
  { context, marks }: Pick<Under<Pick<Marks<string>, 'reach' | 'reached'>>, 'context' | 'marks'>,
): Promise<number | undefined> => {
  const since = `${name}-since`
  const first = marks.reached(since)?.time
  if (first !== undefined) return Math.max(first, (marks.reached(name)?.time ?? first) - overlapMs)
  await context.commit({ records: [marks.reach(since, began), marks.reach(name, began)], offsets: new Map() })
  return undefined
}
