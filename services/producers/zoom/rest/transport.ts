import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { ZoomError } from './problems.ts'

/** An answer that was read whole. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; the text itself when it is none. */
  readonly body: unknown
}

/** One request and its answer. Rejects with `ZOOM_UNREACHABLE` when there is none in time, `ZOOM_INTERRUPTED` when the signal aborted. */
export type Exchange = (
  operation: string,
  url: string,
  request: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly signal?: AbortSignal
  },
) => Promise<Answered>

/** Reports of large webinars take Zoom many seconds a page. */
const timeoutMs = 60_000

/** Plain fetch with a time-out, measured. `operation` names the call in metrics and messages. */
export const createExchange =
  (clock: Clock, metrics: Metrics, request: typeof fetch = fetch): Exchange =>
  async (operation, url, { method, headers, body, signal }) => {
    const over = new AbortController()
    const answered = new AbortController()
    void clock.sleep(timeoutMs, answered.signal).then(() => over.abort())
    const startedAt = clock.now()
    let status = 'none'
    try {
      const ended = signal ? AbortSignal.any([signal, over.signal]) : over.signal
      const answer = await request(url, { method, headers, body: body ?? null, signal: ended, redirect: 'error' })
      const text = await answer.text()
      status = String(answer.status)
      return { status: answer.status, headers: answer.headers, body: jsonIn(text) }
    } catch (cause) {
      if (signal?.aborted) throw interrupted(operation)
      throw new ZoomError('ZOOM_UNREACHABLE', `Zoom gave no answer to ${operation}. It is asked again.`, { cause })
    } finally {
      answered.abort()
      metrics.increment('tributary_vendor_requests_total', { vendor: 'zoom', operation, status })
      const seconds = (clock.now() - startedAt) / 1000
      metrics.observe('tributary_vendor_request_seconds', { vendor: 'zoom', operation }, seconds)
    }
  }

export const interrupted = (operation: string): ZoomError =>
  new ZoomError('ZOOM_INTERRUPTED', `${operation} was given up before Zoom answered.`)

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
