import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether Pendo signed these bytes: HMAC-SHA256 with the shared secret of the webhook over the raw body (facts/pendo.md §5). Whether it is written in hexadecimal or in
 * base64 is not documented, so both are taken.
 * @param signature header `x-pendo-signature`
 */
export const isSignedByPendo = (secret: string, signature: unknown, rawBody: Buffer): boolean => {
  const expected = createHmac('sha256', secret).update(rawBody).digest()
  const given = typeof signature === 'string' ? bytesOf(signature.trim()) : undefined
  return given?.length === expected.length && timingSafeEqual(given, expected)
}

const bytesOf = (signature: string): Buffer | undefined => {
  if (/^[0-9a-f]{64}$/i.test(signature)) return Buffer.from(signature, 'hex')
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(signature) ? Buffer.from(signature, 'base64') : undefined
}
