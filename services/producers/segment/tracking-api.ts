import type { TributaryError } from '../../runtime/errors.ts'
import type { WebhookAnswer, WebhookRequest, WebhookRoute } from '../ingest.ts'
import { isObject, readBody } from '../input/json-body.ts'
import { tryAgain, unknownWriteKey, unusable } from './answers.ts'
import { limits } from './limits.ts'
import { batchedMessages, type CallType, singleMessage } from './messages.ts'
import type { SegmentReceiver } from './receiver.ts'
import { createWriteKeys, type WriteKey } from './write-key.ts'

/** What each path takes: the browser SDK uses the short ones, Segment's own name of the last is for history. */
export const trackingPaths: Readonly<Record<string, CallType | 'batch'>> = {
  '/v1/identify': 'identify',
  '/v1/i': 'identify',
  '/v1/track': 'track',
  '/v1/t': 'track',
  '/v1/page': 'page',
  '/v1/p': 'page',
  '/v1/screen': 'screen',
  '/v1/s': 'screen',
  '/v1/group': 'group',
  '/v1/g': 'group',
  '/v1/alias': 'alias',
  '/v1/a': 'alias',
  '/v1/batch': 'batch',
  '/v1/b': 'batch',
  '/v1/import': 'batch',
  // What rudder-sdk-node makes of a dataPlaneUrl that has the path already (facts/segment.md §6).
  '/v1/batch/v1/batch': 'batch',
}

/** Clients wait ten seconds and more; what is not acknowledged sooner goes on, and the repetition finds it done. */
const answerWithinMs = 9_000

/** Any site may send: a write key in a browser is no secret. Scripts may read when to come back. */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Retry-After, X-RateLimit-Reset',
}

const preflightHeaders = {
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, x-retry-count',
  'access-control-max-age': '900',
}

/** Segment's HTTP tracking API, for SDKs that are told our address instead of Segment's. */
export const trackingRoutes = (keys: readonly WriteKey[], receiver: SegmentReceiver): readonly WebhookRoute[] => {
  const writeKeys = createWriteKeys(keys)
  const seconds = createPauses()
  return Object.entries(trackingPaths).flatMap(([path, call]) => [
    {
      vendor: 'segment',
      method: 'POST',
      path,
      answerWithinMs,
      headers: corsHeaders,
      bodyLimit: limits.bodyBytes,
      anyContentType: true,
      tooLarge: unusable['too-large'],
      unavailable: error => notTaken(error, seconds),
      handle: request => takeRequest(request, call, { writeKeys, receiver }),
    },
    { vendor: 'segment', method: 'OPTIONS', path, answerWithinMs, headers: corsHeaders, handle: preflight },
  ])
}

const preflight = (): Promise<WebhookAnswer> =>
  Promise.resolve({ status: 204, outcome: 'preflight', body: {}, headers: preflightHeaders })

interface Taking {
  readonly writeKeys: ReturnType<typeof createWriteKeys>
  readonly receiver: SegmentReceiver
}

const takeRequest = async (
  { headers, body: raw, receivedAt }: WebhookRequest,
  call: CallType | 'batch',
  { writeKeys, receiver }: Taking,
): Promise<WebhookAnswer> => {
  const body = readBody(raw, limits.bodyBytes)
  const root = 'value' in body && isObject(body.value) ? body.value : undefined
  const source = writeKeys.sourceOf(headers.authorization, root?.['writeKey'])
  if (source === undefined && (root || headers.authorization !== undefined)) return unknownWriteKey
  if ('problem' in body) return unusable[body.problem]
  if (source === undefined || !root) return unusable.unreadable
  const messages =
    call === 'batch'
      ? batchedMessages(root, body.bytes, receivedAt)
      : [singleMessage(root, call, body.bytes, receivedAt)]
  if (!messages) return unusable.unreadable
  return await receiver.take(messages, { via: 'api', source, receivedAt }, body.bytes)
}

const notTaken = (error: TributaryError | undefined, seconds: () => number): WebhookAnswer =>
  error?.code === 'INGEST_BUSY'
    ? tryAgain(error.code, 'Too much waits for Kafka. Send it again later.', seconds())
    : tryAgain(
        error?.code ?? 'NOT_ACKNOWLEDGED',
        'Kafka has not acknowledged this. Send it again later.',
        15 + seconds(),
      )

/** From 1 to 5 seconds in turn, so that those who are sent away do not all come back at once. */
const createPauses = (): (() => number) => {
  let given = 0
  return () => {
    given += 1
    return 1 + (given % 5)
  }
}
