import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hostnameOf, isLoopback } from './addresses.ts'

/** Who may ask a server of ours for what is not for everyone. */
export interface Access {
  /** What the server is called in what it answers: `console`. */
  readonly name: string
  /** Setting that holds the token. */
  readonly setting: 'CONSOLE_TOKEN' | 'SANDBOX_TOKEN'
  /** Whoever has it may ask. Null: whoever asks for this machine by a name of its own may, which other machines cannot when it listens here only. */
  readonly token: string | null
}

/** Why a request is not answered, for the one who made it. */
export interface AccessRefusal {
  readonly status: 401 | 403 | 421
  readonly code: 'TOKEN_NEEDED' | 'OTHER_SITE' | 'OTHER_HOST'
  readonly message: string
}

/** What every answer says to browsers: no page of others may embed it or read it. */
const forBrowsers = {
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

/** Guards every route of the instance, but the open ones. @param open paths that everyone may ask for */
export const guardAccess = (app: FastifyInstance, access: Access, open: readonly string[] = []): void => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(forBrowsers)
    const refusal = open.includes(request.routeOptions.url ?? '') ? undefined : refusalOf(request, access)
    if (!refusal) return done()
    const { status, code, message } = refusal
    if (status === 401) reply.header('www-authenticate', `Basic realm="Tributary ${access.name}", charset="UTF-8"`)
    reply.status(status).send({ code, message })
  })
}

/**
 * Why this request is refused, if it is. Browsers send requests that other people's pages made up: those are known by where they come from, and by a
 * Host that such a page has made to point here (DNS rebinding).
 */
export const refusalOf = (
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  { name, setting, token }: Access,
): AccessRefusal | undefined => {
  if (token === null && !isLoopback(hostnameOf(headers.host) ?? '')) {
    return {
      status: 421,
      code: 'OTHER_HOST',
      message: `The ${name} answers to localhost and 127.0.0.1 only. To reach it by another name set ${setting}.`,
    }
  }
  if (isOfAnotherSite(method, headers)) {
    return {
      status: 403,
      code: 'OTHER_SITE',
      message: `The ${name} takes requests of its own pages and of programs only.`,
    }
  }
  if (token !== null && !isSame(givenToken(headers.authorization), token)) {
    return {
      status: 401,
      code: 'TOKEN_NEEDED',
      message: `The ${name} asks for ${setting}: as a bearer token, or as the password of any user name.`,
    }
  }
  return undefined
}

/** A link to a page may be followed from anywhere; nothing else may come from a page of others. */
const isOfAnotherSite = (method: string, headers: IncomingHttpHeaders): boolean => {
  const reads = method === 'GET' || method === 'HEAD'
  const { origin, host, 'sec-fetch-site': site, 'sec-fetch-dest': target } = headers
  if (!reads && origin !== undefined && URL.parse(origin)?.host !== host) return true
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(reads && target === 'document')
}

/** From `Bearer <token>` or `Basic <base64 of user:token>`; empty when there is none. */
const givenToken = (authorization = ''): string => {
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() !== 'basic') return credentials
  const pair = Buffer.from(credentials, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

/** In a time that tells neither where they differ nor how long the token is. */
const isSame = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
