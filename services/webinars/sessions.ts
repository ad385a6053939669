import type { Session, WebinarInstance } from '../../schemas/generated.ts'
import type { Interval } from './intervals.ts'
import { isOver } from './runs.ts'
import { latest } from './times.ts'

/** A session whose join is known. */
export type Presence = Session & { readonly joinedAt: number }

/**
 * The sessions of one person that count. In a run whose report was read, a session without its leave is one whose webhook was lost: the report's rows of this person
 * in that run stand for it.
 */
export const presencesOf = (
  sessions: readonly Session[],
  instances: readonly WebinarInstance[],
): readonly Presence[] => {
  const read = new Set(instances.filter(({ reported }) => reported).map(({ id }) => id))
  const reportedIn = new Set(sessions.filter(({ reported }) => reported).map(({ instance }) => instance))
  const isSuperseded = ({ instance, leftAt, reported }: Session): boolean =>
    leftAt === null && !reported && instance !== null && read.has(instance) && reportedIn.has(instance)
  return sessions.filter((session): session is Presence => session.joinedAt !== null && !isSuperseded(session))
}

/** From join to leave; a missing leave is closed by the end of the session's run. None while the person is in the room. */
export const closedInterval = (
  { joinedAt, leftAt, instance }: Presence,
  instances: readonly WebinarInstance[],
): readonly Interval[] => {
  const run = instances.find(({ id }) => id === instance)
  const ended = run ? run.endedAt : isOver(instances) ? latest(...instances.map(({ endedAt }) => endedAt)) : null
  const to = leftAt ?? ended
  return to === null ? [] : [{ from: joinedAt, to: Math.max(to, joinedAt) }]
}
