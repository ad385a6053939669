import { type Answered, AnswerTooLarge, exchange } from '../../../http/exchange.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { answerWithinMs } from './limits.ts'
import { interrupted, PendoError } from './problems.ts'

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
  /** Bytes of an answer. */
  readonly mostBytes?: number
}

/** Posts JSON with the integration key. Redirects are refused: the key is for this host alone. */
export const createExchange = ({ baseUrl, integrationKey, ...options }: TransportOptions): Exchange => {
  const headers = { 'x-pendo-integration-key': integrationKey, 'content-type': 'application/json' }
  return async (operation, path, body, signal) => {
    const asked = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error' } as const
    const measured = { vendor: 'pendo', operation, timeoutMs: answerWithinMs, ...options }
    try {
      return await exchange(baseUrl + path, asked, measured, signal)
    } catch (cause) {
      if (cause instanceof AnswerTooLarge) throw tooLarge(operation, cause)
      if (signal.aborted) throw interrupted(operation)
      throw new PendoError('PENDO_UNREACHABLE', `Pendo gave no answer to ${operation}. It is asked again.`, cause)
    }
  }
}

const tooLarge = (operation: string, { mostBytes }: AnswerTooLarge): PendoError =>
  new PendoError(
    'PENDO_ANSWER_TOO_LARGE',
    `Pendo's answer to ${operation} has more than ${mostBytes} bytes and was not read.`,
  )
