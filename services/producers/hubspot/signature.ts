import { createHmac, timingSafeEqual } from 'node:crypto'

/** How far the time of a request may be from ours: HubSpot asks that older ones are refused (facts/hubspot.md §3.9). */
export const windowMs = 300_000

/** What HubSpot signs, and what it says of it. */
export interface SignedRequest {
  readonly method: string
  /** As HubSpot calls it: scheme, host, path and query. */
  readonly uri: string
  readonly body: Buffer
  /** Header `x-hubspot-request-timestamp`, in milliseconds. */
  readonly timestamp: unknown
  /** Header `x-hubspot-signature-v3`. */
  readonly signature: unknown
}

/** Whether HubSpot signed the request lately: version 3, base64 of HMAC-SHA256 with the app's secret over method, URI, body and time. */
export const isSignedByHubSpot = (secret: string, request: SignedRequest, receivedAt: number): boolean => {
  const { timestamp, signature } = request
  if (typeof timestamp !== 'string' || !/^\d{1,15}$/.test(timestamp) || typeof signature !== 'string') return false
  if (Math.abs(receivedAt - Number(timestamp)) > windowMs) return false
  const expected = Buffer.from(hubSpotSignature(secret, { ...request, timestamp }))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** What HubSpot puts into `x-hubspot-signature-v3`. */
export const hubSpotSignature = (
  secret: string,
  { method, uri, body, timestamp }: Omit<SignedRequest, 'signature' | 'timestamp'> & { readonly timestamp: string },
): string =>
  createHmac('sha256', secret)
    .update(method + decodedUri(uri))
    .update(body)
    .update(timestamp)
    .digest('base64')

/** The characters that HubSpot signs as they are where the address has them encoded. The question mark before the query is as it is in any case. */
const decodedUri = (uri: string): string =>
  uri.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, encoded => decodeURIComponent(encoded))
