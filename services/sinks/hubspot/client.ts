import hubspot from '@hubspot/api-client'
import type { Problem } from '../../delivery/destination.ts'
import { createRateLimit, type PublishedLimit, type RateLimit } from '../../delivery/requests/rate-limit.ts'
import { requestStarted } from '../../http/request-metrics.ts'
import { retryAfterOf } from '../../http/retry-after.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { errorBodyIn, type Failure, type HubSpotErrorBody, problemOf, unreadableAnswer } from './answers.ts'
import { professionalBurst, refusalWaitMs, requestTimeoutMs } from './limits.ts'

export interface HubSpotClientOptions {
  readonly accessToken: string
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly metrics?: Metrics
  /** The burst limit of the account; that of Professional and Enterprise unless given. */
  readonly limit?: PublishedLimit
  readonly timeoutMs?: number
}

export interface Success<Data> {
  readonly kind: 'success'
  readonly status: number
  readonly correlationId: string | null
  readonly data: Data
}

export type HubSpotAnswer<Data> = Success<Data> | Problem

/** An answer of the official client, as its `…WithHttpInfo` methods give it. */
export interface HttpInfo<Data> {
  readonly httpStatusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly data: Data
}

/** HubSpot's API within its limits. Nothing throws: what a request came to is in its answer. */
export interface HubSpotClient {
  readonly api: HubSpotApi
  /** Milliseconds until the burst limit allows another request. */
  waitMs(): number
  /** Makes a request as soon as the limit allows. @param operation its name in the metrics */
  call<Data>(
    operation: string,
    request: (api: HubSpotApi) => Promise<HttpInfo<Data>>,
    signal: AbortSignal,
  ): Promise<HubSpotAnswer<Data>>
  /** The same for an answer that must hold results, each of them an object; what is in them is for the caller to look at. */
  callForResults<Data extends { readonly results: readonly unknown[] }>(
    operation: string,
    request: (api: HubSpotApi) => Promise<HttpInfo<Data>>,
    signal: AbortSignal,
  ): Promise<HubSpotAnswer<Data>>
}

export interface HubSpotApi {
  readonly contacts: hubspot.Client['crm']['contacts']
  readonly companies: hubspot.Client['crm']['companies']
  readonly tasks: hubspot.Client['crm']['objects']['tasks']
  readonly associations: hubspot.Client['crm']['associations']['v4']['batchApi']
  readonly owners: hubspot.Client['crm']['owners']['ownersApi']
  readonly properties: hubspot.Client['crm']['properties']
  readonly eventCompletions: hubspot.Client['events']['send']
  readonly marketingEvents: hubspot.Client['marketing']['events']
  /** A request to an API that the official client does not cover. */
  request<Data>(method: 'GET' | 'POST', path: string, body?: object): Promise<HttpInfo<Data>>
}

/**
 * The official client with its own retry and limiter off: they ignore Retry-After and every other process. It has no time-out and no way to cancel, so calls
 * race against a timer; a late answer is dropped.
 */
export const createHubSpotClient = (options: HubSpotClientOptions): HubSpotClient => {
  const { clock, metrics, timeoutMs = requestTimeoutMs } = options
  const api = officialApi(options)
  const limit = createRateLimit(options.limit ?? professionalBurst, clock)
  const learn = learning(limit)
  const call: HubSpotClient['call'] = async (operation, request, signal) => {
    for (let waitMs = limit.waitMs(); waitMs > 0 && !signal.aborted; waitMs = limit.waitMs())
      await clock.sleep(waitMs, signal)
    if (signal.aborted) return problemOf({ ...noAnswer, reason: 'connection' })
    limit.take()
    const ended = requestStarted({ vendor: 'hubspot', operation }, clock, metrics)
    try {
      const { httpStatusCode: status, headers, data } = await inTime(request(api), clock, timeoutMs, signal)
      ended(status)
      learn(headers)
      return { kind: 'success', status, correlationId: headers['x-hubspot-correlation-id'] ?? null, data }
    } catch (error) {
      const { headers, ...failure } = failureOf(error, clock)
      const problem = problemOf(failure)
      ended(failure.status)
      learn(headers, problem)
      return problem
    }
  }
  return {
    api,
    waitMs: () => limit.waitMs(),
    call,
    callForResults: async (operation, request, signal) => {
      const answer = await call(operation, request, signal)
      return answer.kind !== 'success' || hasResults(answer.data) ? answer : unreadableAnswer(answer)
    },
  }
}

const officialApi = ({ accessToken, baseUrl }: HubSpotClientOptions): HubSpotApi => {
  const client = new hubspot.Client({ accessToken, basePath: baseUrl, numberOfApiCallRetries: 0 })
  // Groups are built on first use with the settings of whichever client was made last in this process: they must be built now.
  return {
    contacts: client.crm.contacts,
    companies: client.crm.companies,
    tasks: client.crm.objects.tasks,
    associations: client.crm.associations.v4.batchApi,
    owners: client.crm.owners.ownersApi,
    properties: client.crm.properties,
    eventCompletions: client.events.send,
    marketingEvents: client.marketing.events,
    request: async (method, path, body) => await infoOf(await client.apiRequest({ method, path, body })),
  }
}

/** Lets the burst limit learn from the headers of an answer and from refusals; one that names no time makes it wait longer each time. */
const learning = (limit: RateLimit): ((headers: Readonly<Record<string, string>>, problem?: Problem) => void) => {
  let refusals = 0
  return (headers, problem) => {
    const remaining = Number(headers['x-hubspot-ratelimit-remaining'] ?? Number.NaN)
    if (Number.isFinite(remaining)) limit.remaining(remaining)
    if (problem?.code !== 'HUBSPOT_RATE_LIMIT' || problem.kind !== 'retry') {
      refusals = 0
      return
    }
    limit.refused(problem.afterMs ?? Math.min(refusalWaitMs.longest, refusalWaitMs.first * 2 ** refusals))
    refusals = Math.min(refusals + 1, 10)
  }
}

const hasResults = (data: { readonly results: unknown } | null | undefined): boolean =>
  Array.isArray(data?.results) && data.results.every(result => typeof result === 'object' && result !== null)

/** Throws as the methods of the official client do, which `apiRequest` does not. */
const infoOf = async <Data>(response: Response): Promise<HttpInfo<Data>> => {
  const headers = Object.fromEntries(response.headers)
  const text = await response.text()
  if (!response.ok) throw Object.assign(new Error('HubSpot refused'), { code: response.status, headers, body: text })
  return { httpStatusCode: response.status, headers, data: text === '' ? undefined : JSON.parse(text) }
}

class NoAnswer extends Error {}

const noAnswer = { status: null, correlationId: null, retryAfterMs: null, body: {} }

const inTime = async <Data>(
  call: Promise<Data>,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Data> => {
  const answered = new AbortController()
  const over = clock.sleep(timeoutMs, AbortSignal.any([signal, answered.signal])).then(() => {
    throw new NoAnswer()
  })
  over.catch(() => undefined)
  call.catch(() => undefined)
  try {
    return await Promise.race([call, over])
  } finally {
    answered.abort()
  }
}

/** The client throws an exception with `code`, `body` and `headers` for an answer, and any other error when there was none it could read. */
const failureOf = (error: unknown, clock: Clock): Failure & { readonly headers: Readonly<Record<string, string>> } => {
  const { code, body, headers } = error as {
    code?: unknown
    body?: unknown
    headers?: Readonly<Record<string, string>>
  }
  if (typeof code !== 'number' || headers === undefined) {
    const reason = error instanceof NoAnswer ? 'timeout' : 'connection'
    return { ...noAnswer, headers: {}, reason }
  }
  const parsed = bodyOf(body)
  return {
    status: code,
    correlationId: headers['x-hubspot-correlation-id'] ?? parsed.correlationId ?? null,
    retryAfterMs: retryAfterOf(headers['retry-after'], clock.now()),
    body: parsed,
    headers,
  }
}

const bodyOf = (body: unknown): HubSpotErrorBody => {
  if (typeof body !== 'string') return errorBodyIn(body)
  try {
    return errorBodyIn(JSON.parse(body))
  } catch {
    return {}
  }
}
