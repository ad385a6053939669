import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../runtime/clock.ts'
import type { Answer } from '../../answers.ts'
import type { ZoomModel } from '../model.ts'
import type { Webhook } from '../webhooks.ts'
import type { Label, Limits } from './limits.ts'
import { authenticate, oauthRoutes } from './oauth.ts'
import type { Query } from './paging.ts'
import { addRegistrant, decideRegistrants, listRegistrants, oneRegistrant } from './registrants.ts'
import { absentees, instances, pastParticipants, reportParticipants, reportWebinar } from './reports.ts'
import { listUsers } from './users.ts'
import { getWebinar, listWebinars } from './webinars.ts'

export interface ZoomApi {
  readonly model: ZoomModel
  readonly clock: Clock
  readonly limits: Limits
  /** How long after the sandbox came to know of the end of a run its reports are there. */
  readonly reportAfterMs: number
  /** Makes something happen: it changes the state and is sent as a webhook. */
  emit(webhook: Webhook): void
}

/** A request after authentication and limits. `id` is the decoded path parameter; empty where the path has none. */
export interface Call {
  readonly id: string
  readonly registrantId: string
  readonly query: Query
  readonly body: unknown
}

type Handler = (api: ZoomApi, call: Call) => Answer

/** Every call that the sandbox answers, with Zoom's label of it (facts/zoom.md §5 and §7). */
const CALLS: readonly (readonly [method: 'GET' | 'POST' | 'PUT', path: string, label: Label, handler: Handler])[] = [
  ['GET', '/v2/users', 'Medium', listUsers],
  ['GET', '/v2/users/:id/webinars', 'Medium', listWebinars],
  ['GET', '/v2/webinars/:id', 'Light', getWebinar],
  ['GET', '/v2/webinars/:id/registrants', 'Medium', listRegistrants],
  ['POST', '/v2/webinars/:id/registrants', 'Light', addRegistrant],
  ['PUT', '/v2/webinars/:id/registrants/status', 'Medium', decideRegistrants],
  ['GET', '/v2/webinars/:id/registrants/:registrantId', 'Light', oneRegistrant],
  ['GET', '/v2/report/webinars/:id', 'Heavy', reportWebinar],
  ['GET', '/v2/report/webinars/:id/participants', 'Heavy', reportParticipants],
  ['GET', '/v2/past_webinars/:id/participants', 'Medium', pastParticipants],
  ['GET', '/v2/past_webinars/:id/absentees', 'Heavy', absentees],
  ['GET', '/v2/past_webinars/:id/instances', 'Light', instances],
]

export const zoomRoutes = (app: FastifyInstance, api: ZoomApi): void => {
  oauthRoutes(app, api.clock)
  for (const [method, url, label, handler] of CALLS) {
    app.route({ method, url, handler: (request, reply) => answer(api, label, handler, request, reply) })
  }
}

const answer = (api: ZoomApi, label: Label, handler: Handler, request: FastifyRequest, reply: FastifyReply) => {
  authenticate(request, api.clock)
  reply.headers(api.limits.take(label))
  const parameters = request.params as { id?: string; registrantId?: string }
  const {
    status,
    headers = {},
    body,
  } = handler(api, {
    id: parameters.id ?? '',
    registrantId: parameters.registrantId ?? '',
    query: request.query as Query,
    body: request.body,
  })
  return reply.status(status).headers(headers).send(body)
}
