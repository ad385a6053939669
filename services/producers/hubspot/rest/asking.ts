import { type Answered, AnswerTooLarge, exchange } from '../../../http/exchange.ts'
import { retryAfterOf } from '../../../http/retry-after.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { answerWithinMs, attempts, leastWaitMs, limitedForMs, longestWaitMs, pauseMs, refusals } from './limits.ts'
import { HubSpotError, interrupted, isHubSpotError, limited, problemOf } from './problems.ts'

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

/** What HubSpot is asked, which changes nothing there. */
export interface Question {
  /** Its name in metrics and messages: `contacts.search`. */
  readonly operation: string
  /** With its query. */
  readonly path: string
  /** Of a POST; absent: a GET. */
  readonly body?: string
  /** Statuses of an answer that can be read. */
  readonly answers: ReadonlySet<number>
  /** The scope without which it is refused. */
  readonly scope: string
}

/** How often HubSpot may be asked. */
export interface Pace {
  /** Resolves when it may be asked, or when the signal aborts. */
  myTurn(signal: AbortSignal): Promise<void>
  /** Hears of each answer. */
  heard?(answered: Answered): void
}

/**
 * Asks until there is an answer that can be read, and gives what `read` makes of it. It waits where HubSpot says that there were too many requests, and repeats what fails by
 * itself. Rejects with a `HubSpotError`: with `HUBSPOT_INTERRUPTED` when the signal aborts.
 * @param read throws `HUBSPOT_ANSWER_UNREADABLE` for an answer of another form
 */
export type Ask = <Read>(question: Question, read: (text: string) => Read, signal: AbortSignal) => Promise<Read>

export const createAsking = (options: HubSpotReaderOptions, pace: Pace): Ask => {
  const { clock, random = Math.random } = options
  const answerTo = async (question: Question, signal: AbortSignal): Promise<string> => {
    const { operation, answers, scope } = question
    for (let refused = 1; ; refused++) {
      await pace.myTurn(signal)
      if (signal.aborted) throw interrupted(operation)
      const answered = await exchanged(options, question, signal)
      pace.heard?.(answered)
      if (answers.has(answered.status)) return answered.text
      if (!limits.has(answered.status)) throw problemOf(operation, answered.status, scope)
      const named = retryAfterOf(answered.headers.get('retry-after'), clock.now())
      const waitMs = Math.max(leastWaitMs, named ?? limitedForMs)
      if (refused === refusals || waitMs > longestWaitMs || isDailyLimit(answered)) throw limited(operation)
      await clock.sleep(waitMs, signal)
    }
  }
  return async (question, read, signal) => {
    for (let number = 1; ; number++) {
      try {
        return read(await answerTo(question, signal))
      } catch (error) {
        if (signal.aborted) throw interrupted(question.operation)
        if (number === attempts || !isHubSpotError(error, 'HUBSPOT_UNREACHABLE', 'HUBSPOT_ANSWER_UNREADABLE'))
          throw error
        await clock.sleep(random() * Math.min(pauseMs.longest, pauseMs.first * 2 ** number), signal)
      }
    }
  }
}

/** Too many requests, a locked record, an account that is being moved (facts/hubspot.md §3.1). */
const limits: ReadonlySet<number> = new Set([423, 429, 477])

/** It ends at midnight in the account's time zone. */
const isDailyLimit = ({ text }: Answered): boolean => /"policyName"\s*:\s*"DAILY"/.test(text)

/** Redirects are refused: the token is for this host alone. */
const exchanged = async (
  { baseUrl, accessToken, ...options }: HubSpotReaderOptions,
  { operation, path, body }: Question,
  signal: AbortSignal,
): Promise<Answered> => {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
  const measured = { vendor: 'hubspot', operation, timeoutMs: answerWithinMs, ...options }
  const request = body === undefined ? { method: 'GET', headers } : { method: 'POST', headers, body }
  try {
    return await exchange(baseUrl + path, { ...request, redirect: 'error' }, measured, signal)
  } catch (cause) {
    if (cause instanceof AnswerTooLarge) throw tooLarge(operation, cause)
    if (signal.aborted) throw interrupted(operation)
    throw new HubSpotError('HUBSPOT_UNREACHABLE', `HubSpot gave no answer to ${operation}. It is asked again.`, cause)
  }
}

const tooLarge = (operation: string, { mostBytes }: AnswerTooLarge): HubSpotError =>
  new HubSpotError(
    'HUBSPOT_ANSWER_TOO_LARGE',
    `HubSpot's answer to ${operation} has more than ${mostBytes} bytes and was not read.`,
  )
