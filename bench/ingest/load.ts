import { openConnection } from './connection.ts'
import { repeatedRequest } from './requests.ts'

export interface LoadOptions {
  /** Where the server listens. */
  readonly url: string
  readonly connections: number
  /** In each request. */
  readonly events: number
  readonly writeKey: string
  /** Of this load: message ids of no other begin with it. */
  readonly name: string
  readonly warmUpMs: number
  readonly measuredMs: number
}

export interface LoadResult {
  /** Requests answered with 200 within the measured time, a second. */
  readonly requestsPerSecond: number
  /** Events of all requests answered with 200, those of the warm-up too. */
  readonly acknowledgedEvents: number
  /** Share of the measured time in which this process was at work: near 1 it is what holds up the server. */
  readonly busy: number
}

/** Sends requests over all connections, on each the next one as soon as the last is answered. Throws when one is answered otherwise than with 200. */
export const applyLoad = async (options: LoadOptions): Promise<LoadResult> => {
  const { connections, events, writeKey, warmUpMs, measuredMs } = options
  const url = new URL(options.url)
  const lines = await Promise.all(
    Array.from({ length: connections }, async (_, index) => ({
      connection: await openConnection(url),
      request: repeatedRequest({ host: url.host, writeKey, events, name: `${options.name}-${index}`, at: Date.now() }),
    })),
  )
  const from = performance.now() + warmUpMs
  const to = from + measuredMs
  let answered = 0
  let measured = 0
  const measuring = utilisationFrom(warmUpMs)
  try {
    await Promise.all(
      lines.map(async ({ connection, request }) => {
        for (let now = performance.now(); now < to; ) {
          const { status, body } = await connection.exchange(request.next())
          if (status !== 200) throw new Error(`Expected ${options.url} to answer with 200, came ${status}: ${body}`)
          now = performance.now()
          answered += 1
          if (now >= from && now < to) measured += 1
        }
      }),
    )
  } finally {
    for (const { connection } of lines) connection.close()
  }
  return {
    requestsPerSecond: (measured * 1_000) / measuredMs,
    acknowledgedEvents: answered * events,
    busy: measuring(),
  }
}

/** Gives the share of the time, counted from then on, in which the event loop was at work. */
const utilisationFrom = (ms: number): (() => number) => {
  let before = performance.eventLoopUtilization()
  const timer = setTimeout(() => {
    before = performance.eventLoopUtilization()
  }, ms)
  return () => {
    clearTimeout(timer)
    return performance.eventLoopUtilization(before).utilization
  }
}
