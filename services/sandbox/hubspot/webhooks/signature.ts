import { createHash, createHmac } from 'node:crypto'

/** What HubSpot decodes in an address before it signs it; all else stays as it is. */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/**
 * `X-HubSpot-Signature-v3`: HMAC-SHA256 in base64, keyed with the app's secret, over method, address, body and time (facts/hubspot.md §3.9).
 * @param url the whole address
 * @param timestamp `X-HubSpot-Request-Timestamp`: milliseconds since the epoch
 */
export const signatureV3 = (secret: string, method: string, url: string, body: string, timestamp: string): string =>
  createHmac('sha256', secret)
    .update(`${method}${url.replace(DECODED, decodeURIComponent)}${body}${timestamp}`)
    .digest('base64')

/** `X-HubSpot-Signature` of version v1, which webhooks of CRM objects carry besides: SHA-256 in hex over secret and body. */
export const signatureV1 = (secret: string, body: string): string =>
  createHash('sha256').update(`${secret}${body}`).digest('hex')
