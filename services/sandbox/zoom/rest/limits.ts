import type { Clock } from '../../../runtime/clock.ts'
import { Refusal } from '../../answers.ts'

/** Zoom's labels of endpoints. */
export type Label = 'Light' | 'Medium' | 'Heavy'
export type Plan = 'free' | 'pro' | 'business'

/** Requests per second of the whole account: facts/zoom.md §7. */
const PER_SECOND: Readonly<Record<Plan, Readonly<Record<Label, number>>>> = {
  free: { Light: 4, Medium: 2, Heavy: 1 },
  pro: { Light: 30, Medium: 20, Heavy: 10 },
  business: { Light: 80, Medium: 60, Heavy: 40 },
}

/** Requests per UTC day, where there is such a limit: facts/zoom.md §7. */
const PER_DAY: Readonly<Record<Plan, Readonly<Partial<Record<Label, number>>>>> = {
  free: { Light: 6_000, Medium: 2_000, Heavy: 1_000 },
  pro: { Heavy: 30_000 },
  business: { Heavy: 60_000 },
}

/** Per registrant, webinar and UTC day: facts/zoom.md §7. */
export const REGISTRATIONS_PER_DAY = 3
export const STATUS_CHANGES_PER_DAY = 10

export interface Limits {
  /** Counts a request and gives the headers of its answer; throws Zoom's 429. */
  take(label: Label): Record<string, string>
  /** Counts something that one registrant may do `allowed` times a day; throws Zoom's 429, which names the registrant. */
  takeForRegistrant(what: string, registrant: string, key: string, allowed: number): void
  reset(): void
}

const DAY_MS = 86_400_000

export const createLimits = (plan: Plan, clock: Clock): Limits => {
  const counters = new Map<string, number>()
  let day = -1
  let second = -1
  const windows = (): number => {
    const now = clock.now()
    if (Math.floor(now / DAY_MS) !== day) counters.clear()
    day = Math.floor(now / DAY_MS)
    if (Math.floor(now / 1000) !== second) for (const label of LABELS) counters.delete(`second ${label}`)
    second = Math.floor(now / 1000)
    return now
  }
  const count = (key: string): number => counters.get(key) ?? 0
  const add = (key: string): void => void counters.set(key, count(key) + 1)
  return {
    take: label => {
      const now = windows()
      const perSecond = PER_SECOND[plan][label]
      const perDay = PER_DAY[plan][label]
      if (perDay !== undefined && count(`day ${label}`) >= perDay) throw dayIsOver(label, perDay, now)
      if (count(`second ${label}`) >= perSecond) throw secondIsOver(label, perSecond)
      add(`second ${label}`)
      add(`day ${label}`)
      const [limit, used] =
        perDay === undefined ? [perSecond, count(`second ${label}`)] : [perDay, count(`day ${label}`)]
      return rateHeaders(label, limit, limit - used)
    },
    takeForRegistrant: (what, registrant, key, allowed) => {
      windows()
      if (count(`${what} ${key}`) >= allowed) throw registrantIsOver(what, registrant, allowed)
      add(`${what} ${key}`)
    },
    reset: () => counters.clear(),
  }
}

const LABELS: readonly Label[] = ['Light', 'Medium', 'Heavy']

const rateHeaders = (label: Label, limit: number, remaining: number): Record<string, string> => ({
  'x-ratelimit-category': label,
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
})

const secondIsOver = (label: Label, limit: number): Refusal =>
  new Refusal({
    status: 429,
    headers: { ...rateHeaders(label, limit, 0), 'x-ratelimit-type': 'QPS' },
    body: {
      code: 429,
      message: 'You have reached the maximum per-second rate limit for this API. Try again later.',
    },
  })

/** Zoom's Retry-After is a date in ISO 8601, and only this kind of refusal has it. */
const dayIsOver = (label: Label, limit: number, now: number): Refusal => {
  const midnight = new Date((Math.floor(now / DAY_MS) + 1) * DAY_MS).toISOString()
  return new Refusal({
    status: 429,
    headers: {
      ...rateHeaders(label, limit, 0),
      'x-ratelimit-type': 'Daily-limit',
      'retry-after': `${midnight.slice(0, 19)}Z`,
    },
    body: {
      code: 429,
      message:
        'You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.',
    },
  })
}

const registrantIsOver = (what: string, registrant: string, allowed: number): Refusal =>
  new Refusal({
    status: 429,
    body: {
      code: 429,
      message: `You have exceeded the daily rate limit of (${allowed}) for ${what} API requests for the registrant (${registrant}). You can resume these API requests at GMT 00:00:00.`,
    },
  })
