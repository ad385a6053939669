import type { Clock } from '../../runtime/clock.ts'
import { HubSpotRefusal, type Problem } from './errors.ts'

/** Limits on requests in time, as the portal's subscription sets them. */
export interface RateLimits {
  /** Requests of one app within ten rolling seconds; 190 for Professional and Enterprise. */
  readonly burst: number
  /** Requests of the account in one day; 650,000 for Professional. */
  readonly daily: number
  /** Searches of the account within one second, counted apart. */
  readonly searchesPerSecond: number
  /** Requests about associations within ten rolling seconds, counted apart; 150 for Professional and Enterprise. */
  readonly associationBurst: number
  /** Requests about associations in one day, counted apart; 500,000 for every account. */
  readonly associationDaily: number
  /** Requests that send custom events within one second, counted apart; 1,250 for every account. */
  readonly eventSendsPerSecond: number
  /** Whether these requests count in `burst` too. HubSpot's documentation does not say; that they do not is inferred from the numbers. */
  readonly eventSendsInBurst: boolean
}

export const PROFESSIONAL_LIMITS: RateLimits = {
  burst: 190,
  daily: 650_000,
  searchesPerSecond: 5,
  associationBurst: 150,
  associationDaily: 500_000,
  eventSendsPerSecond: 1250,
  eventSendsInBurst: false,
}

/** Limits on the content of one request; sources in facts/hubspot.md §3.2 and §3.4. */
export const BATCH_INPUTS = 100
/** Of a batch read, and of a page of a list, that asks for earlier values. */
export const BATCH_INPUTS_WITH_HISTORY = 50
export const LIST_PAGE = 100
export const OWNERS_PAGE = 500
export const SEARCH_PAGE = 200
export const SEARCH_RESULTS = 10_000
export const SEARCH_BODY_CHARACTERS = 3000
export const SEARCH_FILTER_GROUPS = 5
export const SEARCH_FILTERS_PER_GROUP = 6
export const SEARCH_FILTERS = 18
export const SEARCH_SORTS = 1
export const PROPERTY_CHARACTERS = 65_536
export const UNIQUE_PROPERTIES = 10

/** Inputs of one request about associations, and of one that reads them (facts/hubspot.md §3.2). */
export const ASSOCIATION_INPUTS = 2000
export const ASSOCIATION_READ_INPUTS = 1000
/** Associations of one record on a page. */
export const ASSOCIATIONS_PAGE = 500

/** Limits of custom events; sources in facts/hubspot.md §3.5. */
export const EVENT_DEFINITIONS = 500
export const EVENT_DEFINITIONS_PAGE = 100
export const EVENT_LABEL_CHARACTERS = 100
export const EVENT_NAME_CHARACTERS = 50
export const EVENT_PROPERTIES = 50
export const EVENT_PROPERTY_CHARACTERS = 50
export const EVENT_BATCH_INPUTS = 500
export const EVENT_TEXT_CHARACTERS = 256
export const EVENT_LINK_CHARACTERS = 1024
export const EVENTS_PAGE = 100
/** How long HubSpot remembers the `uuid` of an occurrence. */
export const EVENT_ID_KEPT_MS = 365 * 86_400_000

/** Participations on one page of a breakdown, and marketing events on one page of the list. */
export const MARKETING_PAGE = 100
/** Submissions of a form, and events of e-mails, on one page (their references). */
export const SUBMISSIONS_PAGE = 50
export const EMAIL_EVENTS_PAGE = 1000
/** Inputs of one request about marketing events: HubSpot states no number, so it is that of the other batches of records. */
export const MARKETING_INPUTS = 100

const BURST_WINDOW_MS = 10_000
const DAY_MS = 86_400_000

/** Counts requests against the limits. Refused requests are not counted. */
export interface RateLimiter {
  /** Counts an ordinary request and gives the headers its answer carries; throws the 429 when it is one too many. */
  take(): Readonly<Record<string, number>>
  /** Counts a search; answers to searches carry no such headers. */
  takeSearch(): void
  /** Counts a request about associations and gives the headers its answer carries. */
  takeAssociation(): Readonly<Record<string, number>>
  /** Counts a request that sends custom events; its answer carries no such headers. */
  takeEventSend(): void
  /** Requests of today in UTC, and when the count starts again, in milliseconds since the epoch. */
  today(): { readonly used: number; readonly limit: number; readonly resetsAt: number }
  reset(): void
}

export const createRateLimiter = (limits: RateLimits, clock: Clock, portalId: number): RateLimiter => {
  const burst = createRollingWindow(limits.burst, BURST_WINDOW_MS)
  const searches = createRollingWindow(limits.searchesPerSecond, 1000)
  const associations = createRollingWindow(limits.associationBurst, BURST_WINDOW_MS)
  const eventSends = createRollingWindow(limits.eventSendsPerSecond, 1000)
  let day = -1
  let used = 0
  let associationsUsed = 0
  const takeFromDay = (): void => {
    if (used >= limits.daily) throw tooMany('DAILY', portalId)
    used += 1
  }
  const startDay = (now: number): void => {
    const today = Math.floor(now / DAY_MS)
    if (today === day) return
    day = today
    used = 0
    associationsUsed = 0
  }
  return {
    take: () => {
      const now = clock.now()
      startDay(now)
      if (burst.left(now) === 0) throw tooMany('TEN_SECONDLY_ROLLING', portalId)
      takeFromDay()
      burst.add(now)
      return headers(limits.burst, burst.left(now), limits.daily, limits.daily - used)
    },
    takeAssociation: () => {
      const now = clock.now()
      startDay(now)
      if (associations.left(now) === 0) throw tooMany('TEN_SECONDLY_ROLLING', portalId)
      if (associationsUsed >= limits.associationDaily) throw tooMany('DAILY', portalId)
      associationsUsed += 1
      associations.add(now)
      const { associationBurst, associationDaily } = limits
      return headers(associationBurst, associations.left(now), associationDaily, associationDaily - associationsUsed)
    },
    takeSearch: () => {
      const now = clock.now()
      startDay(now)
      if (searches.left(now) === 0) throw tooMany('SECONDLY', portalId)
      takeFromDay()
      searches.add(now)
    },
    takeEventSend: () => {
      const now = clock.now()
      startDay(now)
      if (eventSends.left(now) === 0) throw tooMany('SECONDLY', portalId)
      if (limits.eventSendsInBurst && burst.left(now) === 0) throw tooMany('TEN_SECONDLY_ROLLING', portalId)
      takeFromDay()
      eventSends.add(now)
      if (limits.eventSendsInBurst) burst.add(now)
    },
    today: () => {
      const now = clock.now()
      startDay(now)
      return { used, limit: limits.daily, resetsAt: (Math.floor(now / DAY_MS) + 1) * DAY_MS }
    },
    reset: () => {
      burst.clear()
      searches.clear()
      associations.clear()
      eventSends.clear()
      used = 0
      associationsUsed = 0
    },
  }
}

/** The newest of the two header generations, and the older one that portals still send. */
const headers = (burst: number, burstLeft: number, daily: number, dailyLeft: number): Record<string, number> => {
  const secondly = Math.ceil(burst / 10)
  return {
    'x-hubspot-ratelimit-max': burst,
    'x-hubspot-ratelimit-remaining': burstLeft,
    'x-hubspot-ratelimit-interval-milliseconds': BURST_WINDOW_MS,
    'x-hubspot-ratelimit-daily': daily,
    'x-hubspot-ratelimit-daily-remaining': dailyLeft,
    'x-hubspot-ratelimit-secondly': secondly,
    'x-hubspot-ratelimit-secondly-remaining': Math.min(secondly, burstLeft),
  }
}

type Policy = 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY'

interface RateProblem extends Problem {
  readonly errorType: 'RATE_LIMIT'
  readonly policyName: Policy
  readonly groupName: string
}

const tooMany = (policyName: Policy, portalId: number): HubSpotRefusal => {
  const problem: RateProblem = {
    message: `You have reached your ${policyName.toLowerCase()} limit.`,
    errorType: 'RATE_LIMIT',
    category: 'RATE_LIMITS',
    policyName,
    groupName: `publicapi:private-apps:${portalId}`,
  }
  return new HubSpotRefusal(429, problem)
}

interface RollingWindow {
  left(now: number): number
  add(now: number): void
  clear(): void
}

/** Remembers the times of the last `size` requests. */
const createRollingWindow = (size: number, widthMs: number): RollingWindow => {
  let times: number[] = []
  let first = 0
  return {
    left: now => {
      while (first < times.length && (times[first] ?? now) <= now - widthMs) first += 1
      if (first > size) {
        times = times.slice(first)
        first = 0
      }
      return Math.max(0, size - (times.length - first))
    },
    add: now => {
      times.push(now)
    },
    clear: () => {
      times = []
      first = 0
    },
  }
}
