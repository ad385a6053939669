import { createHmac, timingSafeEqual } from 'node:crypto'
import { longestBodyBytes, type WebhookAnswer, type WebhookRequest, type WebhookRoute } from '../ingest.ts'
import { isObject, type JsonObject, readBody } from '../input/json-body.ts'
import { unsigned, unusable } from './answers.ts'
import { batchedMessages } from './messages.ts'
import type { SegmentReceiver } from './receiver.ts'
import { webhookSource } from './records.ts'

/** Segment counts an answer after 5 seconds as a failure. */
const answerWithinMs = 4_500
/** Segment sends batches of 4,000 messages at most. */
const mostMessages = 4_000
/** `POST /webhooks/segment`: what Segment's webhook destination sends on, erasures included. */
export const webhookRoute = (secret: string, receiver: SegmentReceiver): WebhookRoute => ({
  vendor: 'segment',
  method: 'POST',
  path: '/webhooks/segment',
  answerWithinMs,
  anyContentType: true,
  handle: request => takeWebhook(request, secret, receiver),
})

const takeWebhook = async (
  { headers, body: raw, receivedAt }: WebhookRequest,
  secret: string,
  receiver: SegmentReceiver,
): Promise<WebhookAnswer> => {
  const body = readBody(raw, longestBodyBytes)
  const value = 'value' in body ? body.value : undefined
  const signature = headers['x-signature']
  if (typeof signature !== 'string' || !isSignedBySegment(secret, signature, raw, value)) return unsigned
  if ('problem' in body) return unusable[body.problem]
  const batch = batchOf(value)
  const messages = batch && batchedMessages(batch, body.bytes, receivedAt, mostMessages)
  if (!messages) return unusable.unreadable
  return await receiver.take(messages, { via: 'webhook', source: webhookSource, receivedAt }, body.bytes)
}

/** A message comes alone, several as a list. */
const batchOf = (value: unknown): JsonObject | undefined => {
  if (Array.isArray(value)) return { batch: value }
  return isObject(value) ? { batch: [value] } : undefined
}

/**
 * Whether Segment signed this: hex HMAC-SHA1 over the body, or over the first message alone, as `JSON.stringify` writes it, when the body is a list (facts/segment.md §7: what
 * follows in a list is not signed by Segment).
 */
export const isSignedBySegment = (secret: string, signature: string, raw: Buffer, value: unknown): boolean => {
  const signed = Array.isArray(value) ? JSON.stringify(value[0] ?? null) : raw
  const expected = createHmac('sha1', secret).update(signed).digest()
  const given = Buffer.from(/^[0-9a-f]{40}$/i.test(signature) ? signature : '', 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
