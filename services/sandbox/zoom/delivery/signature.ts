import { createHmac } from 'node:crypto'

/**
 * `x-zm-signature` of a webhook: HMAC-SHA256 over `v0:<x-zm-request-timestamp>:<raw body>` (facts/zoom.md §1).
 * `timestamp` is unix seconds as the header has it.
 */
export const webhookSignature = (secret: string, timestamp: string, rawBody: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${rawBody}`).digest('hex')}`

/** The `encryptedToken` that a receiver must answer to `endpoint.url_validation`. */
export const validationToken = (secret: string, plainToken: string): string =>
  createHmac('sha256', secret).update(plainToken).digest('hex')
