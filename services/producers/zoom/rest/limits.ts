import { createRateLimit, type RateLimit } from '../../../delivery/requests/rate-limit.ts'
import type { Clock } from '../../../runtime/clock.ts'

/** Zoom's labels of endpoints: each has a limit of its own, for the whole account and all its apps (facts/zoom.md §7). */
export type Label = 'Light' | 'Medium' | 'Heavy'

/** Requests a second of the Pro plan, the smallest with webinars. Business and above may make four times as many; nothing here needs that. */
const publishedPerSecond: Readonly<Record<Label, number>> = { Light: 30, Medium: 20, Heavy: 10 }

/** How long a refusal by the limit of a second holds requests of its label back. */
const secondMs = 1_000
const dayMs = 86_400_000

/** Keeps the account's limits and learns from answers. */
export interface ZoomLimits {
  /** Milliseconds until a request with the label may be made. */
  waitMs(label: Label): number
  /** Counts a request that is made now. */
  take(label: Label): void
  /** What the headers of an answer say of the limit. */
  learn(label: Label, headers: Headers): void
  /** Zoom refused with 429. Returns how long it holds requests back, in ms. */
  refused(label: Label, headers: Headers, message: string): number
}

export const createZoomLimits = (clock: Clock): ZoomLimits => {
  const perSecond = { ...publishedPerSecond }
  const buckets: Record<Label, RateLimit> = {
    Light: bucketOf(perSecond.Light, clock),
    Medium: bucketOf(perSecond.Medium, clock),
    Heavy: bucketOf(perSecond.Heavy, clock),
  }
  const shrink = (label: Label, limit: number): void => {
    if (!(limit >= 1 && limit < perSecond[label])) return
    const waitMs = buckets[label].waitMs()
    perSecond[label] = limit
    buckets[label] = bucketOf(limit, clock)
    if (waitMs > 0) buckets[label].refused(waitMs)
  }
  return {
    waitMs: label => buckets[label].waitMs(),
    take: label => buckets[label].take(),
    learn: (label, headers) => {
      const [limit, remaining] = [numberIn(headers, 'x-ratelimit-limit'), numberIn(headers, 'x-ratelimit-remaining')]
      // A limit of a day is far above one of a second, so the smaller number never is one.
      shrink(label, limit)
      if (Number.isFinite(remaining)) buckets[label].remaining(remaining)
    },
    refused: (label, headers, message) => {
      const isDaily = /daily/i.test(headers.get('x-ratelimit-type') ?? '') || /daily rate limit/i.test(message)
      if (!isDaily) shrink(label, numberIn(headers, 'x-ratelimit-limit'))
      const waitMs = isDaily ? untilTomorrow(headers, message, clock.now()) : secondMs
      buckets[label].refused(waitMs)
      return waitMs
    },
  }
}

const bucketOf = (requests: number, clock: Clock): RateLimit => createRateLimit({ requests, windowMs: secondMs }, clock)

const numberIn = (headers: Headers, name: string): number => {
  const text = headers.get(name)
  return text === null || text.trim() === '' ? Number.NaN : Number(text)
}

/** Retry-After is a date in ISO 8601 here, not seconds; limits of a user or registrant have none and end at midnight UTC. None lasts longer than its day. */
const untilTomorrow = (headers: Headers, message: string, now: number): number => {
  const retryAt = Date.parse(headers.get('retry-after') ?? '')
  const midnight = (Math.floor(now / dayMs) + 1) * dayMs
  const until = Number.isFinite(retryAt) && !/GMT 00:00:00/.test(message) ? retryAt : midnight
  return Math.min(dayMs, Math.max(secondMs, until - now))
}
