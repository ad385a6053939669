import type { z } from 'zod'
import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { createZoomLimits, type Label } from './limits.ts'
import { errorBody, isPageTokenRefused, isTokenRefused, isZoomError, problemOf, ZoomError } from './problems.ts'
import { createTokenSource, type ZoomCredentials } from './token.ts'
import { type Answered, createExchange, interrupted } from './transport.ts'

export interface ZoomClientOptions extends ZoomCredentials {
  /** With its version, without a slash at its end: `https://api.zoom.us/v2`. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly metrics: Metrics
  /** For the jitter of retries; Math.random unless a test needs another. */
  readonly random?: () => number
  /** Makes the requests; that of the platform unless a test needs another. */
  readonly fetch?: typeof fetch
}

/** A read of Zoom's API. */
export interface ZoomRead<Shape extends z.ZodType> {
  /** Its name in metrics and messages. */
  readonly operation: string
  readonly label: Label
  /** After the base URL, its parts encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** What is needed of the answer. */
  readonly shape: Shape
}

/** What every list has: an empty or absent token on its last page. */
interface Listed {
  readonly next_page_token: string
}

/** One account's REST API within its limits. Everything it rejects with is a `ZoomError`. */
export interface ZoomClient {
  /** @param signal ends waits and requests: then it rejects with `ZOOM_INTERRUPTED` */
  get<Shape extends z.ZodType>(read: ZoomRead<Shape>, signal: AbortSignal): Promise<z.output<Shape>>
  /** All pages of a list. A page token that expired on the way begins the list again. */
  list<Shape extends z.ZodType<Listed>, Item>(
    read: ZoomRead<Shape>,
    itemsOf: (page: z.output<Shape>) => readonly Item[],
    signal: AbortSignal,
  ): Promise<readonly Item[]>
}

/** Attempts of a read that fails by itself; refusals by a limit do not count, since each of them waits. */
const attempts = 5
/** Full jitter: the pause before attempt n is anything up to first · 2ⁿ. */
const pauseMs = { first: 500, longest: 15_000 } as const
/** Refusals in a row by a limit: other apps of the account use it up, and whoever calls should hear of it. */
const refusals = 20
/** Who waits for a limit of a day would keep other accounts and webinars waiting: whoever calls should come back. */
const longestWaitMs = 60_000
/** The largest page of every list that is read here (facts/zoom.md §5). */
const pageSize = '300'
const beginnings = 3

export const createZoomClient = (options: ZoomClientOptions): ZoomClient => {
  const { baseUrl, clock, metrics, random = Math.random } = options
  const exchange = createExchange(clock, metrics, options.fetch)
  const tokens = createTokenSource(options, exchange, clock)
  const limits = createZoomLimits(clock)

  const untilAllowed = async (label: Label, operation: string, signal: AbortSignal): Promise<void> => {
    for (let waitMs = limits.waitMs(label); waitMs > 0 && !signal.aborted; waitMs = limits.waitMs(label)) {
      if (waitMs > longestWaitMs) throw usedUp(operation, label, clock.now() + waitMs)
      await clock.sleep(waitMs, signal)
    }
    if (signal.aborted) throw interrupted(operation)
    limits.take(label)
  }
  /** One request with a token that Zoom takes. */
  const ask = async (read: ZoomRead<z.ZodType>, signal: AbortSignal): Promise<Answered> => {
    const query = read.query ? `?${new URLSearchParams(read.query)}` : ''
    for (let renewed = false; ; renewed = true) {
      const token = await unlessAborted(tokens.current(), read.operation, signal)
      await untilAllowed(read.label, read.operation, signal)
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
      const url = `${baseUrl}${read.path}${query}`
      const answered = await exchange(read.operation, url, { method: 'GET', headers, signal })
      if (renewed || !isTokenRefused(answered.status, errorIn(answered))) return answered
      tokens.refused(token)
    }
  }
  const attempt = async <Shape extends z.ZodType>(read: ZoomRead<Shape>, signal: AbortSignal) => {
    const { operation, label, shape } = read
    for (let refused = 0; ; refused++) {
      const answered = await ask(read, signal)
      if (answered.status !== 429) {
        limits.learn(label, answered.headers)
        return contentOf(operation, answered, shape)
      }
      limits.refused(label, answered.headers, errorIn(answered).message)
      if (refused === refusals) throw limited(operation)
    }
  }
  const get: ZoomClient['get'] = async (read, signal) => {
    for (let number = 1; ; number++) {
      try {
        return await attempt(read, signal)
      } catch (error) {
        if (signal.aborted) throw interrupted(read.operation)
        if (number === attempts || !mayGoBetter(error)) throw error
        await clock.sleep(random() * Math.min(pauseMs.longest, pauseMs.first * 2 ** number), signal)
      }
    }
  }
  const pages = async <Shape extends z.ZodType<Listed>, Item>(
    read: ZoomRead<Shape>,
    itemsOf: (page: z.output<Shape>) => readonly Item[],
    signal: AbortSignal,
  ): Promise<readonly Item[]> => {
    const items: Item[] = []
    const seen = new Set<string>()
    for (let token = ''; ; ) {
      const query = { ...read.query, page_size: pageSize, ...(token === '' ? {} : { next_page_token: token }) }
      const page = await get({ ...read, query }, signal)
      for (const item of itemsOf(page)) items.push(item)
      token = page.next_page_token
      if (token === '') return items
      if (seen.has(token)) throw goesInCircles(read.operation)
      seen.add(token)
    }
  }
  return {
    get,
    list: async (read, itemsOf, signal) => {
      for (let beginning = 1; ; beginning++) {
        try {
          return await pages(read, itemsOf, signal)
        } catch (error) {
          if (beginning === beginnings || !isZoomError(error) || !isPageTokenRefused(error)) throw error
        }
      }
    },
  }
}

/**
 * A webinar's uuid in a path: base64 may hold slashes, and one that begins with a slash or holds two in a row must be encoded twice (facts/zoom.md §5).
 */
export const encodedUuid = (uuid: string): string =>
  uuid.startsWith('/') || uuid.includes('//') ? encodeURIComponent(encodeURIComponent(uuid)) : encodeURIComponent(uuid)

/** The value unless the signal aborts first; others may wait for it too, so what gives it goes on. */
const unlessAborted = async <Value>(value: Promise<Value>, operation: string, signal: AbortSignal): Promise<Value> => {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(interrupted(operation))
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    return await Promise.race([value, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

const mayGoBetter = (error: unknown): boolean => isZoomError(error, 'ZOOM_UNREACHABLE', 'ZOOM_ANSWER_UNREADABLE')

const errorIn = ({ body }: Answered) => errorBody.catch({ code: null, message: '' }).parse(body)

const contentOf = <Shape extends z.ZodType>(operation: string, answered: Answered, shape: Shape): z.output<Shape> => {
  const { status, body } = answered
  if (status !== 200) throw problemOf(operation, status, errorIn(answered))
  const { success, data, error } = shape.safeParse(body)
  if (success) return data
  const paths = [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', ')
  throw new ZoomError(
    'ZOOM_ANSWER_UNREADABLE',
    `Zoom's answer to ${operation} lacks or breaks: ${paths || 'all of it'}.`,
  )
}

const goesInCircles = (operation: string): ZoomError =>
  new ZoomError('ZOOM_ANSWER_UNREADABLE', `Zoom's answers to ${operation} lead back to a page that was read already.`)

const usedUp = (operation: string, label: Label, until: number): ZoomError =>
  new ZoomError(
    'ZOOM_RATE_LIMIT',
    `The account's rate limit for requests labelled ${label} is used up until ${new Date(until).toISOString()}: ${operation} was not asked for.`,
    { status: 429 },
  )

const limited = (operation: string): ZoomError =>
  new ZoomError(
    'ZOOM_RATE_LIMIT',
    `Zoom refused ${operation} ${refusals} times in a row because of the account's rate limit: other apps use it up.`,
    { status: 429 },
  )
