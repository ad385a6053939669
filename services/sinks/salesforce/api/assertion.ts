import { createPrivateKey, sign } from 'node:crypto'
import { assertionLifeMs } from '../limits.ts'

/** Who logs in, and to where. */
export interface Login {
  /** Without a slash at its end. */
  readonly loginUrl: string
  /** Consumer key of the connected app. */
  readonly clientId: string
  readonly username: string
  /** PEM. */
  readonly privateKey: string
}

const production = 'https://login.salesforce.com'
const sandbox = 'https://test.salesforce.com'

/** Whom an assertion is for: one of two hosts, whatever domain the org has of its own; anything else is itself. */
export const audienceOf = (loginUrl: string): string => {
  const { hostname, origin } = new URL(loginUrl)
  if (!/(^|\.)(salesforce|force)\.com$/.test(hostname)) return origin
  const forTests =
    hostname === 'test.salesforce.com' || hostname.includes('--') || hostname.endsWith('.scratch.my.salesforce.com')
  return forTests ? sandbox : production
}

/** A signed JWT (RS256) by which Salesforce gives a token without a password: OAuth 2.0 JWT bearer flow. Throws when the key is no private RSA key. */
export const assertionOf = ({ loginUrl, clientId, username, privateKey }: Login, now: number): string => {
  const header = { alg: 'RS256', typ: 'JWT' }
  const claims = {
    iss: clientId,
    sub: username,
    aud: audienceOf(loginUrl),
    exp: Math.floor((now + assertionLifeMs) / 1000),
  }
  const signed = [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(privateKey))
  return `${signed}.${signature.toString('base64url')}`
}
