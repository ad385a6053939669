import { createHmac } from 'node:crypto'

/** `X-Pendo-Signature`: HMAC-SHA256 with the shared secret over the raw body (facts/pendo.md §5). */
export const webhookSignature = (secret: string, rawBody: string, encoding: 'hex' | 'base64'): string =>
  createHmac('sha256', secret).update(rawBody).digest(encoding)
