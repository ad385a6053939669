import { z } from 'zod'
import type { Answered } from '../../../http/exchange.ts'
import { retryAfterOf } from '../../../http/retry-after.ts'
import { attempts, leastWaitMs, limitedForMs, longestWaitMs, pauseMs, refusals } from './limits.ts'
import { interrupted, isPendoError, PendoError, problemOf } from './problems.ts'
import { createExchange, type TransportOptions } from './transport.ts'

export interface PendoClientOptions extends TransportOptions {
  /** For the jitter of retries; Math.random unless a test needs another. */
  readonly random?: () => number
}

/** A stage of an aggregation, as Pendo names them: `{ source: … }`, `{ filter: … }`, `{ limit: … }`. */
export type Stage = Readonly<Record<string, unknown>>
export type Row = Readonly<Record<string, unknown>>

/** What is read of one subscription. Everything it rejects with is a `PendoError`. */
export interface PendoClient {
  /**
   * The rows of an aggregation. Waits where Pendo says that there were too many requests.
   * @param operation its name in metrics and messages
   * @param signal ends waits and requests: then it rejects with `PENDO_INTERRUPTED`
   */
  aggregate(operation: string, pipeline: readonly Stage[], signal: AbortSignal): Promise<readonly Row[]>
}

const path = '/api/v1/aggregation'
/** Without rows some answers hold null instead of a list: tap-pendo is prepared for it. */
const answerShape = z.object({ results: z.array(z.record(z.string(), z.unknown())).nullable() })

export const createPendoClient = (options: PendoClientOptions): PendoClient => {
  const { clock, random = Math.random } = options
  const exchange = createExchange(options)

  const ask = async (operation: string, body: unknown, signal: AbortSignal): Promise<readonly Row[]> => {
    for (let refused = 1; ; refused++) {
      const answered = await exchange(operation, path, body, signal)
      if (answered.status !== 429) return rowsIn(operation, answered)
      const waitMs = Math.max(
        leastWaitMs,
        retryAfterOf(answered.headers.get('retry-after'), clock.now()) ?? limitedForMs,
      )
      if (refused === refusals || waitMs > longestWaitMs) throw limited(operation)
      await clock.sleep(waitMs, signal)
      if (signal.aborted) throw interrupted(operation)
    }
  }
  return {
    aggregate: async (operation, pipeline, signal) => {
      const request = { requestId: operation, pipeline }
      const body = { response: { mimeType: 'application/json' }, request }
      for (let number = 1; ; number++) {
        try {
          return await ask(operation, body, signal)
        } catch (error) {
          if (signal.aborted) throw interrupted(operation)
          if (number === attempts || !isPendoError(error, 'PENDO_UNREACHABLE', 'PENDO_ANSWER_UNREADABLE')) throw error
          await clock.sleep(random() * Math.min(pauseMs.longest, pauseMs.first * 2 ** number), signal)
        }
      }
    },
  }
}

const rowsIn = (operation: string, { status, text }: Answered): readonly Row[] => {
  if (status !== 200) throw problemOf(operation, status)
  const { success, data } = answerShape.safeParse(jsonIn(text))
  if (success) return data.results ?? []
  throw new PendoError(
    'PENDO_ANSWER_UNREADABLE',
    `Expected rows in Pendo's answer to ${operation}, came something else.`,
  )
}

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const limited = (operation: string): PendoError =>
  new PendoError('PENDO_RATE_LIMIT', `Pendo refused ${operation} because of its rate limit: it is asked again later.`)
