import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { answerBytes, answerWithinMs } from './limits.ts'
import { interrupted, PendoError } from './problems.ts'

/** An answer that was read whole. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One request and its answer. Rejects with `PENDO_UNREACHABLE` when there is none in time, `PENDO_ANSWER_TOO_LARGE`, `PENDO_INTERRUPTED` when the signal aborted. */
export type Exchange = (operation: string, path: string, body: unknown, signal: AbortSignal) => Promise<Answered>

export interface TransportOptions {
  /** Without a slash at its end: `https://app.pendo.io`. */
  readonly baseUrl: string
  readonly integrationKey: string
  readonly clock: Clock
  readonly metrics: Metrics
  /** Makes the requests; that of the platform unless a test needs another. */
  readonly fetch?: typeof fetch
  /** Bytes of an answer; default: `answerBytes`. */
  readonly mostBytes?: number
}

/** Posts JSON with the integration key; measured, with a time-out and a most of bytes. Redirects are refused: the key is for this host alone. */
export const createExchange = (options: TransportOptions): Exchange => {
  const { baseUrl, integrationKey, clock, metrics, fetch: request = fetch, mostBytes = answerBytes } = options
  const headers = { 'x-pendo-integration-key': integrationKey, 'content-type': 'application/json' }
  return async (operation, path, body, signal) => {
    const [over, answered] = [new AbortController(), new AbortController()]
    void clock.sleep(answerWithinMs, answered.signal).then(() => over.abort())
    const startedAt = clock.now()
    let status = 'none'
    try {
      const ended = AbortSignal.any([signal, over.signal])
      const init = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error', signal: ended } as const
      const answer = await request(baseUrl + path, init)
      const text = await textOf(answer, operation, mostBytes)
      status = String(answer.status)
      return { status: answer.status, headers: answer.headers, text }
    } catch (cause) {
      if (cause instanceof PendoError) throw cause
      if (signal.aborted) throw interrupted(operation)
      throw new PendoError('PENDO_UNREACHABLE', `Pendo gave no answer to ${operation}. It is asked again.`, cause)
    } finally {
      answered.abort()
      metrics.increment('tributary_vendor_requests_total', { vendor: 'pendo', operation, status })
      const seconds = (clock.now() - startedAt) / 1000
      metrics.observe('tributary_vendor_request_seconds', { vendor: 'pendo', operation }, seconds)
    }
  }
}

const textOf = async (answer: Response, operation: string, mostBytes: number): Promise<string> => {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > mostBytes)
      throw new PendoError(
        'PENDO_ANSWER_TOO_LARGE',
        `Pendo's answer to ${operation} has more than ${mostBytes} bytes and was not read.`,
      )
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
