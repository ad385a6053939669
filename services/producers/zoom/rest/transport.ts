import { exchange } from '../../../http/exchange.ts'
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
    const asked = { method, headers, body: body ?? null, redirect: 'error' } as const
    const measured = { vendor: 'zoom', operation, timeoutMs, clock, metrics, fetch: request }
    try {
      const { text, ...answer } = await exchange(url, asked, measured, signal)
      return { ...answer, body: jsonIn(text) }
    } catch (cause) {
      if (signal?.aborted) throw interrupted(operation)
      throw new ZoomError('ZOOM_UNREACHABLE', `Zoom gave no answer to ${operation}. It is asked again.`, { cause })
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
