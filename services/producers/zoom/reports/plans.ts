import type { Webinar } from '../../../../schemas/generated.ts'
import type { ListedWebinar } from '../rest/calls.ts'
import { happenedAt, plannedAt } from '../times.ts'
import type { KnownWebinar } from './known.ts'
import { blank, eventIdOf, type Told } from './records.ts'

/**
 * What Zoom's list says of a webinar's title, time and dates beyond what the topic tells: CREATED for a webinar that is unknown, UPDATED for one that was changed
 * unheard, nothing for one that is known as it is.
 * @param dates of a series; none for a webinar that is none
 * @param receivedAt when Zoom was asked
 */
export const untoldPlan = (
  account: string,
  listed: ListedWebinar,
  dates: readonly { readonly id: string; readonly startTime: number }[],
  known: KnownWebinar | undefined,
  receivedAt: number,
): Told => {
  // The start of a series that is listed is that of its next date.
  const isSeries = dates.length > 0
  const startTime = plannedAt(listed.start_time)
  const isKnown = known !== undefined && known.topic !== null
  const hasChanged =
    known?.topic !== listed.topic ||
    (!isSeries && known?.startTime !== startTime) ||
    dates.some(({ id, startTime: start }) => known?.occurrences.get(id) !== start)
  if (isKnown && !hasChanged) return { records: [], claims: [] }
  const record: Webinar = {
    ...blank,
    ...{ account, number: listed.id, topic: listed.topic, startTime, timezone: listed.timezone, receivedAt },
    eventId: eventIdOf('planned', account, listed.id, listed.topic, startTime, JSON.stringify(dates), isKnown),
    source: `zoom:${account}`,
    occurredAt: isKnown ? receivedAt : happenedAt([listed.created_at], receivedAt),
    kind: isKnown ? 'UPDATED' : 'CREATED',
    recurring: listed.type === 6 || listed.type === 9,
    occurrences: [...dates],
  }
  return { records: [record], claims: [] }
}
