/**
 * What Pendo's documents leave open: facts/pendo.md marks it [unverified], or is silent. Each is one of the possible answers, and can be
 * switched, so that what reads from or writes to Pendo can be tested against the others.
 */
export interface Choices {
  /** The status for the integration key where the track secret belongs, and the other way round. A missing or unknown key is a 401. */
  readonly wrongKeyStatus: 401 | 403
  /** How `X-Pendo-Signature` writes the HMAC. */
  readonly signature: 'hex' | 'base64'
  /** Whether a webhook's body is the event or an array of it: one integration is prepared for arrays. */
  readonly webhookBody: 'object' | 'array'
  /** The keys of a track event's webhook: no example was found. */
  readonly trackWebhookKeys: { readonly name: string; readonly properties: string }
  /** Whether a track event from a server causes `trackEventReceived`; of visitors and accounts it is known that it does not. */
  readonly serverTrackWebhooks: boolean
  /** Whether a track event from a server makes its unknown visitor and account, without metadata. */
  readonly serverTrackCreates: boolean
  /** Whether somebody anonymous is a visitor who is first seen. */
  readonly anonymousWebhooks: boolean
  /** Whether an event is processed that is dated before the hour in which its name first came. */
  readonly beforeFirstReceipt: 'processed' | 'unprocessed'
  /** What becomes of an event whose properties have names that are not allowed. */
  readonly invalidProperties: 'dropped' | 'refused'
  /** What stands for properties that are too large: Pendo's text, as the documents read, or nothing, as tap-pendo's schema has it. */
  readonly largeProperties: 'text' | 'null'
  /** What becomes of a metadata value whose field is not in the schema, or does not fit its type. */
  readonly invalidValues: 'failed' | 'ignored' | 'refused'
  /** Whether an answer about metadata lists what is wrong in `errors`. */
  readonly listsErrors: boolean
  /** Whether usage with different properties is in rows of its own, or the last properties stand for all of the hour. */
  readonly rowsByProperties: boolean
  /** What an aggregation without rows answers; tap-pendo is prepared for null. */
  readonly emptyResults: 'list' | 'null'
  /** How far back the usage of an anonymous visitor becomes that of who logs in, in milliseconds. */
  readonly mergeWindowMs: number
  /** Requests to each endpoint in a second before it answers 429; null for no limit. A vendor says 100. */
  readonly requestsPerSecond: number | null
  /** How long Pendo waits for the answer to a webhook, in milliseconds. */
  readonly webhookTimeoutMs: number
}

export const DEFAULT_CHOICES: Choices = {
  wrongKeyStatus: 403,
  signature: 'hex',
  webhookBody: 'object',
  trackWebhookKeys: { name: 'trackEventName', properties: 'eventProperties' },
  serverTrackWebhooks: true,
  serverTrackCreates: true,
  anonymousWebhooks: true,
  beforeFirstReceipt: 'unprocessed',
  invalidProperties: 'dropped',
  largeProperties: 'text',
  invalidValues: 'failed',
  listsErrors: true,
  rowsByProperties: true,
  emptyResults: 'list',
  mergeWindowMs: 60 * 60 * 1000,
  requestsPerSecond: 100,
  webhookTimeoutMs: 10_000,
}
