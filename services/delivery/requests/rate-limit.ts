import type { Clock } from '../../runtime/clock.ts'

/** A vendor's published limit: at most `requests` within any `windowMs`. */
export interface PublishedLimit {
  readonly requests: number
  readonly windowMs: number
}

/** A token bucket that keeps a published limit and learns from answers. */
export interface RateLimit {
  /** Milliseconds until a request may be made; 0 when it may be made now. */
  waitMs(): number
  /** Counts a request; call it when `waitMs` is 0 and the request is made at once. */
  take(): void
  /** The vendor says how many requests are left in its window: other programs of the same account use it too. */
  remaining(requests: number): void
  /** The vendor refused: no request for so long, and the bucket starts empty. */
  refused(afterMs: number): void
}

/** Share of the limit kept free: our clock and the vendor's do not tick together. */
const reserve = 0.05
/** Share of the limit that may be used at once after a pause; the rest flows in evenly. */
const burstShare = 0.25

/**
 * In any window the bucket gives out its burst and what flows in meanwhile, so the two together make up the limit.
 */
export const createRateLimit = ({ requests, windowMs }: PublishedLimit, clock: Clock): RateLimit => {
  const usable = Math.max(1, requests * (1 - reserve))
  const capacity = Math.max(1, Math.floor(usable * burstShare))
  const perMs = Math.max(usable - capacity, usable * (1 - burstShare) * 0.5) / windowMs
  let tokens = capacity
  let at = clock.now()
  let blockedUntil = 0

  const refill = (): number => {
    const now = clock.now()
    tokens = Math.min(capacity, tokens + Math.max(0, now - at) * perMs)
    at = now
    return now
  }
  return {
    waitMs: () => {
      const now = refill()
      const forToken = tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs)
      return Math.max(forToken, blockedUntil - now, 0)
    },
    take: () => {
      refill()
      tokens -= 1
    },
    remaining: left => {
      refill()
      tokens = Math.min(tokens, Math.max(0, left))
    },
    refused: afterMs => {
      const now = refill()
      tokens = Math.min(tokens, 0)
      blockedUntil = Math.max(blockedUntil, now + afterMs)
    },
  }
}
