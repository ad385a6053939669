import type { Problem } from '../../delivery/destination.ts'
import { createRateLimit, type PublishedLimit } from '../../delivery/requests/rate-limit.ts'
import { exchange } from '../../http/exchange.ts'
import { retryAfterOf } from '../../http/retry-after.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { type PendoSecret, problemOf } from './answers.ts'
import { pace, refusalWaitMs, requestTimeoutMs } from './limits.ts'

export interface PendoClientOptions {
  /** Which of the two secrets this is: Pendo's other API refuses it. */
  readonly secret: PendoSecret
  readonly key: string
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly metrics?: Metrics
  /** The pace of an endpoint; ours unless given. */
  readonly limit?: PublishedLimit
  readonly timeoutMs?: number
}

export interface PendoSuccess {
  readonly kind: 'success'
  readonly status: number
  /** Parsed JSON; the text itself when it is none. */
  readonly body: unknown
}

export interface PendoRequest {
  /** Its name in the metrics. */
  readonly operation: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

/** One of Pendo's APIs within its limits. Nothing throws: what a request came to is in its answer. */
export interface PendoClient {
  /** Milliseconds until the pace allows another request. */
  waitMs(): number
  /** Makes a request as soon as the pace allows. */
  call(request: PendoRequest, signal: AbortSignal): Promise<PendoSuccess | Problem>
}

export const createPendoClient = (options: PendoClientOptions): PendoClient => {
  const { secret, key, baseUrl, clock, metrics, timeoutMs = requestTimeoutMs } = options
  const limit = createRateLimit(options.limit ?? pace, clock)
  const headers = { 'x-pendo-integration-key': key, 'content-type': 'application/json' }
  const call: PendoClient['call'] = async (request, signal) => {
    for (let waitMs = limit.waitMs(); waitMs > 0 && !signal.aborted; waitMs = limit.waitMs())
      await clock.sleep(waitMs, signal)
    if (signal.aborted) return problemOf(noAnswer, secret)
    limit.take()
    const body = request.body === undefined ? null : JSON.stringify(request.body)
    const asked = { method: request.method, headers, body, redirect: 'manual' } as const
    const measured = { vendor: 'pendo', operation: request.operation, timeoutMs, clock, metrics }
    try {
      const answer = await exchange(baseUrl + request.path, asked, measured, signal)
      const { status, text } = answer
      if (status >= 200 && status < 300) return { kind: 'success', status, body: jsonIn(text) }
      const retryAfterMs = retryAfterOf(answer.headers.get('retry-after'), clock.now())
      if (status === 429) limit.refused(retryAfterMs ?? refusalWaitMs)
      return problemOf({ status, retryAfterMs }, secret)
    } catch {
      return problemOf(noAnswer, secret)
    }
  }
  return { waitMs: () => limit.waitMs(), call }
}

const noAnswer = { status: null, retryAfterMs: null }

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
