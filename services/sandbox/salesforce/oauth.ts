import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../runtime/clock.ts'
import { Refusal } from '../answers.ts'
import { invalidAuthHeader, invalidSession } from './errors.ts'
import type { Org } from './org.ts'

/** The client id, the client secret and the access token that the sandbox accepts (interfaces.md). */
const SANDBOX = 'sandbox'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const LONGEST_ASSERTION_LIFE_S = 5 * 60
const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com']

/** Sessions that were given out, and those that are for ever. */
export interface Sessions {
  open(): string
  /** Throws INVALID_SESSION_ID or INVALID_AUTH_HEADER. */
  assertOpen(authorization: string | undefined): void
  /** Ends all that were given out. */
  end(): void
}

export const createSessions = (lifetimeMs: number, organizationId: string, clock: Clock): Sessions => {
  const expiries = new Map<string, number>()
  return {
    open: () => {
      const token = `${organizationId.slice(0, 15)}!${randomBytes(48).toString('base64url')}`
      expiries.set(token, clock.now() + lifetimeMs)
      return token
    },
    assertOpen: authorization => {
      if (authorization === undefined) throw invalidSession()
      const [, token] = /^(?:Bearer|OAuth) +(\S+)$/i.exec(authorization) ?? []
      if (token === undefined) throw invalidAuthHeader()
      if (token === SANDBOX || (expiries.get(token) ?? 0) > clock.now()) return
      expiries.delete(token)
      throw invalidSession()
    },
    end: () => expiries.clear(),
  }
}

type Form = Readonly<Record<string, unknown>>

/** The token endpoint and what tells who the user is. */
export const oauthRoutes = (app: FastifyInstance, org: Org, sessions: Sessions, clock: Clock): void => {
  app.post<{ Body: Form | undefined }>('/services/oauth2/token', (request, reply): FastifyReply => {
    const form = { ...basicCredentials(request), ...request.body }
    const grant = GRANTS[String(form['grant_type'])]
    if (!grant) throw refusal('unsupported_grant_type', 'grant type not supported')
    grant(form, { base: baseOf(request), now: clock.now() })
    const issuedAt = clock.now()
    return reply.send({
      access_token: sessions.open(),
      scope: 'api',
      instance_url: baseOf(request),
      id: identityUrl(request, org),
      token_type: 'Bearer',
      issued_at: String(issuedAt),
    })
  })
  app.get('/services/oauth2/userinfo', (request, reply) => {
    sessions.assertOpen(request.headers.authorization)
    return reply.send(identity(request, org))
  })
  app.get('/id/:organization/:user', (request, reply) => {
    sessions.assertOpen(request.headers.authorization)
    return reply.send(identity(request, org))
  })
}

interface GrantContext {
  readonly base: string
  readonly now: number
}

const assertion = (form: Form, { base, now }: GrantContext): void => {
  const claims = claimsOf(String(form['assertion'] ?? ''))
  if (claims['iss'] !== SANDBOX) throw unknownClient()
  if (typeof claims['sub'] !== 'string' || claims['sub'] === '')
    throw refusal('invalid_grant', "user hasn't approved this consumer")
  const audience = String(claims['aud']).replace(/\/$/, '')
  const left = Number(claims['exp']) - now / 1000
  if (![...AUDIENCES, base].includes(audience) || !(left > 0 && left <= LONGEST_ASSERTION_LIFE_S))
    throw authenticationFailure()
}

const assertClient = (form: Form): void => {
  if (form['client_id'] !== SANDBOX) throw unknownClient()
  if (form['client_secret'] !== SANDBOX) throw refusal('invalid_client', 'invalid client credentials')
}

const GRANTS: Readonly<Record<string, (form: Form, context: GrantContext) => void>> = {
  [JWT_BEARER]: assertion,
  client_credentials: assertClient,
  password: form => {
    assertClient(form)
    if (!form['username'] || !form['password']) throw authenticationFailure()
  },
}

const refusal = (error: string, description: string): Refusal =>
  new Refusal({ status: 400, body: { error, error_description: description } })
const authenticationFailure = (): Refusal => refusal('invalid_grant', 'authentication failure')
const unknownClient = (): Refusal => refusal('invalid_client_id', 'client identifier invalid')

/** The key is not looked at: every signature counts, but it must be there and be of the algorithm that Salesforce takes. */
const claimsOf = (jwt: string): Form => {
  const [header = '', claims = '', signature = '', ...rest] = jwt.split('.')
  try {
    const read = (part: string): Form => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Form
    if (read(header)['alg'] === 'RS256' && signature !== '' && rest.length === 0) return read(claims)
  } catch {
    // Salesforce gives no other reason either.
  }
  throw refusal('invalid_grant', 'invalid assertion')
}

const basicCredentials = ({ headers: { authorization = '' } }: FastifyRequest): Form => {
  const [, encoded] = /^Basic +(\S+)$/i.exec(authorization) ?? []
  if (encoded === undefined) return {}
  const [id, secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return { client_id: id, client_secret: secret }
}

/** This server as the caller reaches it. */
const baseOf = (request: FastifyRequest): string => `http://${request.headers.host ?? 'localhost'}`

const identityUrl = (request: FastifyRequest, { organizationId, userId }: Org): string =>
  `${baseOf(request)}/id/${organizationId}/${userId}`

const identity = (request: FastifyRequest, org: Org): object => {
  const user = org.records.get(org.userId)
  return {
    id: identityUrl(request, org),
    sub: identityUrl(request, org),
    user_id: org.userId,
    organization_id: org.organizationId,
    username: user?.['Username'],
    preferred_username: user?.['Username'],
    display_name: user?.['Name'],
    name: user?.['Name'],
    email: user?.['Email'],
    active: true,
    user_type: 'STANDARD',
    urls: { rest: `${baseOf(request)}/services/data/v{version}/` },
  }
}
