import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../runtime/clock.ts'
import { TributaryError } from '../../../runtime/errors.ts'
import type { Connections } from '../../delivery/connections.ts'
import { newRequestId } from '../ids.ts'
import { validationToken, webhookSignature } from './signature.ts'

/** Where webhooks go, and how. */
export interface Endpoint {
  /** The whole address, for example `http://127.0.0.1:8080/webhooks/zoom`. */
  readonly url: string
  /** The secret token of the event subscription. */
  readonly secret: string
  readonly clock: Clock
  /** Milliseconds until an attempt without an answer counts as failed. Zoom's own is the default. */
  readonly timeoutMs?: number | undefined
  /** How often the endpoint is asked for its validation, one second apart, before it counts as wrong. */
  readonly validationTries?: number | undefined
}

/** Zoom's answer time (facts/zoom.md §3). */
const ANSWER_WITHIN_MS = 3_000
const VALIDATION_TRIES = 60
const VALIDATION_PAUSE_MS = 1_000

/** An endpoint and the connections to it. */
export interface Line extends Endpoint {
  readonly connections: Connections
}

/** How an attempt ended. */
export interface Outcome {
  readonly status: number | null
  readonly problem: string | undefined
  /** Whether Zoom tries again: only after a server error or when no answer came. */
  readonly again: boolean
}

export type Headers = Readonly<Record<string, string>>

/** Zoom's headers. One set serves all attempts of a webhook: whether Zoom renews the timestamp is not known, and an old one is the harder case. */
export const headersOf = (secret: string, body: string, id: string, at: number): Headers => {
  const timestamp = String(Math.floor(at / 1000))
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Zoom Marketplace/1.0a',
    'x-zm-request-timestamp': timestamp,
    'x-zm-signature': webhookSignature(secret, timestamp, body),
    'x-zm-request-id': id,
    'x-zm-trackingid': `v=2.0;clid=us06;rid=WEB_${randomBytes(16).toString('hex')}`,
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
    clientid: 'tributary-sandbox-app',
  }
}

interface Answered extends Outcome {
  readonly text: string
}

/** One attempt. */
export const post = async (
  { connections, timeoutMs = ANSWER_WITHIN_MS }: Line,
  body: string,
  headers: Headers,
  signal?: AbortSignal,
): Promise<Answered> => {
  const { status, problem, text } = await connections.post({ body, headers, timeoutMs, signal })
  return status === null ? { status, problem, again: true, text } : { ...judged(status), text }
}

const judged = (status: number): Outcome => {
  const problem = status === 200 || status === 204 ? undefined : `the endpoint answered with status ${status}`
  return { status, problem, again: status >= 500 }
}

/** Asks until the endpoint gives the right answer, because it may still be starting; a wrong token ends it at once. */
export const validateEndpoint = async (endpoint: Line, signal: AbortSignal): Promise<void> => {
  const { clock, secret, validationTries = VALIDATION_TRIES } = endpoint
  let problem = 'it was never asked'
  for (let tried = 0; tried < validationTries; tried += 1) {
    if (tried > 0) await clock.sleep(VALIDATION_PAUSE_MS, signal)
    const plainToken = randomBytes(16).toString('base64url')
    const at = clock.now()
    const body = JSON.stringify({ event: 'endpoint.url_validation', event_ts: at, payload: { plainToken } })
    const headers = headersOf(secret, body, newRequestId(), at)
    const outcome = await post(endpoint, body, headers, signal)
    if (signal.aborted) return
    if (outcome.status !== 200) {
      problem = outcome.problem ?? 'it answered without a body'
      continue
    }
    if (validAnswer(outcome.text, plainToken, secret)) return
    throw notValidated(endpoint.url, 'its answer was not the token signed with the secret of the subscription')
  }
  throw notValidated(endpoint.url, problem)
}

const validAnswer = (text: string, plainToken: string, secret: string): boolean => {
  try {
    const answer = JSON.parse(text) as { plainToken?: unknown; encryptedToken?: unknown }
    return answer.plainToken === plainToken && answer.encryptedToken === validationToken(secret, plainToken)
  } catch {
    return false
  }
}

const notValidated = (url: string, problem: string): TributaryError =>
  new TributaryError(
    'ZOOM_ENDPOINT_NOT_VALIDATED',
    `The Zoom sandbox expected ${url} to answer endpoint.url_validation with status 200 and the signed token, but ${problem}. Start the ingest service there, with the same ZOOM_WEBHOOK_SECRET.`,
  )
