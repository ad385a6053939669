import type { Clock } from '../../../runtime/clock.ts'
import { tooManyRequests } from '../errors.ts'

/** A leaky bucket for each endpoint. */
export interface Limiter {
  /** Counts a request; refuses it with 429 when its bucket is full. */
  take(endpoint: string): void
  reset(): void
}

/** @param perSecond how many requests a bucket holds, and how many leave it in a second; null for any number */
export const createLimiter = (perSecond: number | null, { now }: Clock): Limiter => {
  const buckets = new Map<string, { level: number; at: number }>()
  return {
    take: endpoint => {
      if (perSecond === null) return
      const bucket = buckets.get(endpoint) ?? { level: 0, at: now() }
      const level = Math.max(0, bucket.level - ((now() - bucket.at) / 1000) * perSecond)
      if (level + 1 > perSecond) throw tooManyRequests()
      buckets.set(endpoint, { level: level + 1, at: now() })
    },
    reset: () => buckets.clear(),
  }
}
