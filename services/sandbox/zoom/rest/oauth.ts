import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../../runtime/clock.ts'
import type { Answer } from '../../answers.ts'
import { expiredToken, invalidToken } from './problems.ts'
import { issueToken, readToken } from './tokens.ts'

/** What every sandbox accepts (interfaces.md). */
const CLIENT = { id: 'sandbox', secret: 'sandbox' }
const STANDING_TOKEN = 'sandbox'
const LIFE_SECONDS = 3600
const PURPOSE = 'access token'
const SCOPES = 'webinar:read:admin webinar:write:admin report:read:admin user:read:admin'

/** Server-to-server OAuth: facts/zoom.md §4. Any account id is right. */
export const oauthRoutes = (app: FastifyInstance, clock: Clock): void => {
  app.post('/oauth/token', (request, reply) => {
    const { status, body } = grant(request, clock)
    return reply.status(status).send(body)
  })
}

/** Lets a request pass that bears `sandbox` or a token of ours that is still alive; refuses as Zoom does otherwise. */
export const authenticate = (request: FastifyRequest, clock: Clock): void => {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === STANDING_TOKEN) return
  const content = token === undefined ? undefined : readToken(PURPOSE, token)
  if (!content) throw invalidToken()
  if (content.expires <= clock.now()) throw expiredToken()
}

const grant = (request: FastifyRequest, clock: Clock): Answer => {
  const form = { ...(request.query as object), ...(request.body as object | undefined) } as Record<string, unknown>
  if (form['grant_type'] !== 'account_credentials')
    return refused(400, 'unsupported grant type', 'unsupported_grant_type')
  if (!isClient(request.headers.authorization))
    return refused(401, 'Invalid client_id or client_secret', 'invalid_client')
  if (typeof form['account_id'] !== 'string' || form['account_id'] === '')
    return refused(400, 'Bad request', 'invalid_request')
  const { host } = request.headers
  const access_token = issueToken(PURPOSE, { account: form['account_id'] }, clock.now() + LIFE_SECONDS * 1000)
  const body = {
    access_token,
    token_type: 'bearer',
    expires_in: LIFE_SECONDS,
    scope: SCOPES,
    api_url: `http://${host}`,
  }
  return { status: 200, body }
}

const isClient = (authorization = ''): boolean => {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1] ?? ''
  return Buffer.from(encoded, 'base64').toString('utf8') === `${CLIENT.id}:${CLIENT.secret}`
}

const refused = (status: number, reason: string, error: string): Answer => ({ status, body: { reason, error } })
