import type { WebhookAnswer } from '../ingest.ts'
import type { BodyProblem } from '../input/json-body.ts'
import { deepestNesting } from '../input/json-body.ts'
import { limits } from './limits.ts'

/** As Segment says that it has taken a request (facts/segment.md §3). SDKs look at the status; some read `code` and `message`. */
export const success = (outcome: string): WebhookAnswer => ({
  status: 200,
  outcome,
  body: { success: true },
  acknowledged: true,
})

const refused = (status: number, outcome: string, code: string, message: string): WebhookAnswer => ({
  status,
  outcome,
  body: { success: false, code, message },
})

export const unknownWriteKey = refused(
  401,
  'unknown-key',
  'SEGMENT_WRITE_KEY_UNKNOWN',
  'Expected a write key of SEGMENT_WRITE_KEYS, as the user name of Basic authentication or as writeKey in the body.',
)

export const unsigned = refused(
  401,
  'unsigned',
  'SEGMENT_SIGNATURE_INVALID',
  'Expected in X-Signature the hexadecimal HMAC-SHA1 of the body. If Segment sent this, SEGMENT_WEBHOOK_SECRET is not the shared secret of its webhook destination.',
)

/** SDKs drop what is answered with 400 and do not send it again, which is right for these. */
export const unusable: Readonly<Record<BodyProblem, WebhookAnswer>> = {
  'too-large': refused(
    400,
    'too-large',
    'SEGMENT_BODY_TOO_LARGE',
    `Expected at most ${limits.bodyBytes} bytes of messages in a request, unpacked.`,
  ),
  unreadable: refused(
    400,
    'unparsable',
    'SEGMENT_BODY_UNREADABLE',
    'Malformed JSON: expected a message as an object, or an object with a list `batch`; as it is or as gzip.',
  ),
  'too-deep': refused(
    400,
    'unparsable',
    'SEGMENT_BODY_TOO_DEEP',
    `Expected at most ${deepestNesting} levels of objects and lists in a request.`,
  ),
}

/**
 * All that SDKs send again after: 429 with Retry-After. After a 5xx analytics-node gives up after four minutes and rudder-sdk-node after two seconds; of a 429
 * both wait for as long as it says, and analytics-node does not count it (facts/segment.md §6).
 */
export const tryAgain = (code: string, message: string, seconds: number): WebhookAnswer => ({
  ...refused(429, 'unavailable', code, message),
  headers: { 'retry-after': String(seconds), 'x-ratelimit-reset': String(seconds) },
})
