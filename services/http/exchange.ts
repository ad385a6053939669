import type { Clock } from '../runtime/clock.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { requestStarted } from './request-metrics.ts'

/** An answer that was read whole. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface ExchangeOptions {
  /** With the operation the labels of the metrics. */
  readonly vendor: string
  readonly operation: string
  /** In milliseconds, until the answer must have been read. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly metrics?: Metrics | undefined
  /** Bytes of an answer that are read at most. */
  readonly mostBytes?: number
  /** Makes the request; that of the platform unless a test needs another. */
  readonly fetch?: typeof fetch
}

/** More than any page of a vendor that we ask for has. */
export const answerBytes = 64 * 1_024 * 1_024

export class AnswerTooLarge extends Error {
  readonly mostBytes: number

  constructor(mostBytes: number) {
    super(`The answer has more than ${mostBytes} bytes and was not read.`)
    this.mostBytes = mostBytes
  }
}

/** Makes a request to a vendor, measured, and reads its answer. Rejects as `fetch` does when there is none in time or the signal aborts, or with `AnswerTooLarge`. */
export const exchange = async (
  url: string,
  request: Omit<RequestInit, 'signal'>,
  { vendor, operation, timeoutMs, clock, metrics, mostBytes = answerBytes, fetch: send = fetch }: ExchangeOptions,
  signal: AbortSignal | undefined,
): Promise<Answered> => {
  const [over, answered] = [new AbortController(), new AbortController()]
  void clock.sleep(timeoutMs, answered.signal).then(() => over.abort())
  const ended = requestStarted({ vendor, operation }, clock, metrics)
  let status: number | null = null
  try {
    const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal
    const answer = await send(url, { ...request, signal: either })
    const text = await textOf(answer, mostBytes)
    status = answer.status
    return { status, headers: answer.headers, text }
  } finally {
    answered.abort()
    ended(status)
  }
}

const textOf = async (answer: Response, mostBytes: number): Promise<string> => {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > mostBytes) throw new AnswerTooLarge(mostBytes)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
