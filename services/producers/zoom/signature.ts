import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether Zoom signed these bytes: `v0=` + hex(HMAC-SHA256(secret, "v0:<x-zm-request-timestamp>:<raw body>")).
 * There is no age limit: Zoom delivers again up to 85 minutes later and never repeats what was answered with 4xx; a repetition changes nothing.
 * @param timestamp header `x-zm-request-timestamp`
 * @param signature header `x-zm-signature`
 */
export const isSignedByZoom = (
  secret: string,
  timestamp: string | undefined,
  signature: string | undefined,
  rawBody: Buffer,
): boolean => {
  if (!timestamp || !signature) return false
  const expected = Buffer.from(zoomSignature(secret, timestamp, rawBody))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** What Zoom puts into `x-zm-signature`. */
export const zoomSignature = (secret: string, timestamp: string, rawBody: Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex')}`

/** The answer to `endpoint.url_validation`, by which Zoom learns that the address is ours; asked again every 72 hours. */
export const urlValidationAnswer = (secret: string, plainToken: string) => ({
  plainToken,
  encryptedToken: createHmac('sha256', secret).update(plainToken).digest('hex'),
})
