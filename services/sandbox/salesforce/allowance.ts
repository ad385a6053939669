import type { Clock } from '../../runtime/clock.ts'
import { requestLimitExceeded } from './errors.ts'

/** Calls within 24 rolling hours of an Enterprise org with one user licence; facts/salesforce.md §4. */
export const ENTERPRISE_DAILY_CALLS = 101_000

const MINUTE_MS = 60_000
const MINUTES = 24 * 60

/** Counts calls against the org's daily limit; a collection is one call. Refused calls are not counted. */
export interface Allowance {
  /** Counts one call; throws REQUEST_LIMIT_EXCEEDED when it is one too many. */
  take(): void
  /** The value of `Sforce-Limit-Info`. */
  header(): string
  remaining(): number
  readonly limit: number
  reset(): void
}

/** Exact to the minute in which a call leaves the window. */
export const createAllowance = (limit: number, clock: Clock): Allowance => {
  const calls = new Map<number, number>()
  let used = 0
  const expire = (minute: number): void => {
    for (const [counted, number] of calls) {
      if (counted > minute - MINUTES) return
      calls.delete(counted)
      used -= number
    }
  }
  const current = (): number => {
    const minute = Math.floor(clock.now() / MINUTE_MS)
    expire(minute)
    return minute
  }
  return {
    limit,
    take: () => {
      const minute = current()
      if (used >= limit) throw requestLimitExceeded()
      calls.set(minute, (calls.get(minute) ?? 0) + 1)
      used += 1
    },
    header: () => `api-usage=${used}/${limit}`,
    remaining: () => {
      current()
      return limit - used
    },
    reset: () => {
      calls.clear()
      used = 0
    },
  }
}
