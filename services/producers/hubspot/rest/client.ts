import { z } from 'zod'
import { type Answered, AnswerTooLarge, exchange } from '../../../http/exchange.ts'
import { retryAfterOf } from '../../../http/retry-after.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import type { ObjectType } from '../object-types.ts'
import {
  answerWithinMs,
  attempts,
  leastWaitMs,
  limitedForMs,
  longestWaitMs,
  pauseMs,
  refusals,
  searchesPerSecond,
} from './limits.ts'
import { HubSpotError, interrupted, isHubSpotError, limited, problemOf, unreadable } from './problems.ts'

export interface HubSpotReaderOptions {
  /** Without a slash at its end: `https://api.hubapi.com`. */
  readonly baseUrl: string
  readonly accessToken: string
  readonly clock: Clock
  readonly metrics: Metrics
  /** For the jitter of retries; Math.random unless a test needs another. */
  readonly random?: () => number
  /** Makes the requests; that of the platform unless a test needs another. */
  readonly fetch?: typeof fetch
  /** Bytes of an answer. */
  readonly mostBytes?: number
}

/** A condition that a record must meet; times in milliseconds. */
export interface Filter {
  readonly propertyName: string
  readonly operator: 'GTE' | 'LTE' | 'GT'
  readonly value: string
}

/** Which records of a type are asked for, and what of them. */
export interface Search {
  readonly filters: readonly Filter[]
  /** The property by which they come, the least value first. */
  readonly sortedBy: string
  readonly properties: readonly string[]
  readonly limit: number
}

/** A record as HubSpot tells it: nothing of it is checked. */
export interface Found {
  readonly id: unknown
  readonly properties: Readonly<Record<string, unknown>>
}

/** The first records that were asked for. */
export interface FoundPage {
  readonly records: readonly Found[]
  /** How many there are. */
  readonly total: number
  /** Whether these are all of them. */
  readonly isAll: boolean
}

/** What is read of one account. Everything it rejects with is a `HubSpotError`. */
export interface HubSpotReader {
  /**
   * The first records that meet all conditions. It keeps to a part of the account's searches a second, and waits where HubSpot says that there were too many.
   * @param signal ends waits and requests: then it rejects with `HUBSPOT_INTERRUPTED`
   */
  search(type: ObjectType, search: Search, signal: AbortSignal): Promise<FoundPage>
}

const answerShape = z.object({
  total: z.number().int().nonnegative(),
  results: z.array(z.object({ id: z.unknown(), properties: z.record(z.string(), z.unknown()).catch({}) })),
  paging: z
    .object({ next: z.object({}).nullish() })
    .nullish()
    .catch(null),
})

/** The body of a search. Everything that the specification asks for is there, although HubSpot itself is content with less. */
export const searchBody = ({ filters, sortedBy, properties, limit }: Search): string =>
  JSON.stringify({
    ...{ filterGroups: [{ filters }], sorts: [{ propertyName: sortedBy, direction: 'ASCENDING' }] },
    ...{ properties, limit, after: '0' },
  })

/**
 * Over our own exchange, not the official client that the sinks use: a sweep must end at once when its partition is another's, and that client can neither be
 * cancelled nor has a deadline or a bound for answers.
 */
export const createHubSpotReader = (options: HubSpotReaderOptions): HubSpotReader => {
  const { clock, random = Math.random } = options
  let nextAt = 0
  const myTurn = async (signal: AbortSignal): Promise<void> => {
    const waitMs = nextAt - clock.now()
    nextAt = Math.max(nextAt, clock.now()) + Math.ceil(1_000 / searchesPerSecond)
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
  const ask = async (operation: string, type: ObjectType, body: string, signal: AbortSignal): Promise<FoundPage> => {
    for (let refused = 1; ; refused++) {
      await myTurn(signal)
      if (signal.aborted) throw interrupted(operation)
      const answered = await asked(options, operation, type, body, signal)
      if (!limits.has(answered.status)) return pageIn(operation, type, answered)
      const named = retryAfterOf(answered.headers.get('retry-after'), clock.now())
      const waitMs = Math.max(leastWaitMs, named ?? limitedForMs)
      if (refused === refusals || waitMs > longestWaitMs || isDailyLimit(answered)) throw limited(operation)
      await clock.sleep(waitMs, signal)
    }
  }
  return {
    search: async (type, search, signal) => {
      const operation = `${type.path}.search`
      const body = searchBody(search)
      for (let number = 1; ; number++) {
        try {
          return await ask(operation, type, body, signal)
        } catch (error) {
          if (signal.aborted) throw interrupted(operation)
          if (number === attempts || !isHubSpotError(error, 'HUBSPOT_UNREACHABLE', 'HUBSPOT_ANSWER_UNREADABLE'))
            throw error
          await clock.sleep(random() * Math.min(pauseMs.longest, pauseMs.first * 2 ** number), signal)
        }
      }
    },
  }
}

/** Too many requests, a locked record, an account that is being moved (facts/hubspot.md §3.1). */
const limits: ReadonlySet<number> = new Set([423, 429, 477])

/** It ends at midnight in the account's time zone. */
const isDailyLimit = ({ text }: Answered): boolean => /"policyName"\s*:\s*"DAILY"/.test(text)

/** Redirects are refused: the token is for this host alone. */
const asked = async (
  { baseUrl, accessToken, ...options }: HubSpotReaderOptions,
  operation: string,
  { path }: ObjectType,
  body: string,
  signal: AbortSignal,
): Promise<Answered> => {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
  const measured = { vendor: 'hubspot', operation, timeoutMs: answerWithinMs, ...options }
  try {
    const request = { method: 'POST', headers, body, redirect: 'error' } as const
    return await exchange(`${baseUrl}/crm/v3/objects/${path}/search`, request, measured, signal)
  } catch (cause) {
    if (cause instanceof AnswerTooLarge) throw tooLarge(operation, cause)
    if (signal.aborted) throw interrupted(operation)
    throw new HubSpotError('HUBSPOT_UNREACHABLE', `HubSpot gave no answer to ${operation}. It is asked again.`, cause)
  }
}

const pageIn = (operation: string, { scope }: ObjectType, { status, text }: Answered): FoundPage => {
  if (status !== 200) throw problemOf(operation, status, scope)
  const { data } = answerShape.safeParse(jsonIn(text))
  if (!data) throw unreadable(operation, 'records')
  return { records: data.results, total: data.total, isAll: !data.paging?.next }
}

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const tooLarge = (operation: string, { mostBytes }: AnswerTooLarge): HubSpotError =>
  new HubSpotError(
    'HUBSPOT_ANSWER_TOO_LARGE',
    `HubSpot's answer to ${operation} has more than ${mostBytes} bytes and was not read.`,
  )
