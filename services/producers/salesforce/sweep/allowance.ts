import { allowanceWindowMs, scarceShare } from '../../../sinks/salesforce/limits.ts'
import { salesforceObjects } from '../objects.ts'
import type { Usage } from '../rest/reader.ts'
import { longestPauseMs, shareOfScarce } from './limits.ts'

/** Requests of a poll that finds nothing changed, or little. */
export const requestsOfPoll = salesforceObjects.length

/** How long to wait from one poll to the next for the sake of the org's allowance, in milliseconds: 0 while there is plenty. Pure. */
export const pauseFor = ({ used, limit }: Usage): number => {
  const left = limit - used
  if (left >= limit * scarceShare) return 0
  const polls = Math.max(1, (left * shareOfScarce) / requestsOfPoll)
  return Math.min(longestPauseMs, allowanceWindowMs / polls)
}
