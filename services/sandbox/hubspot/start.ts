import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { startVendorServer, type Vendor, type VendorServer, type VendorServerOptions } from '../vendor-server.ts'
import { type Account, createAccount } from './account.ts'
import { accountRoutes, SANDBOX_TOKEN } from './account-routes.ts'
import { associationRoutes } from './associations/routes.ts'
import { HubSpotRefusal } from './errors.ts'
import { definitionRoutes } from './events/definition-routes.ts'
import { readRoutes } from './events/read-routes.ts'
import { isEventSend, sendRoutes } from './events/send-routes.ts'
import { createRateLimiter, PROFESSIONAL_LIMITS, type RateLimiter, type RateLimits } from './limits.ts'
import { attendanceRoutes } from './marketing/attendance-routes.ts'
import { marketingEventRoutes } from './marketing/event-routes.ts'
import { participationRoutes } from './marketing/participation-routes.ts'
import type { StateOrder } from './marketing/participations.ts'
import { objectRoutes } from './objects/routes.ts'
import { outreachEdits } from './outreach/edits.ts'
import { outreachRoutes } from './outreach/routes.ts'
import { ownerRoutes } from './owners/routes.ts'
import { HUBSPOT_ORANGE, pageRoutes } from './page/routes.ts'
import { propertyRoutes } from './properties/routes.ts'
import { ALL_SCOPES, assertScopes, scopesFor } from './scopes.ts'
import type { WebhookOptions } from './webhooks/webhooks.ts'

export interface HubSpotSandboxOptions extends VendorServerOptions {
  /** Those that are not given are the ones of a Professional account. */
  readonly limits?: Partial<RateLimits>
  /** How long a search does not see a write, in milliseconds. */
  readonly searchLagMs?: number
  /** How long reads of events do not show an occurrence that was accepted, in milliseconds. */
  readonly eventLagMs?: number
  /** HubSpot's beta "Primary ID preservation": a merge keeps the primary record's id instead of making a new one. */
  readonly mergeKeepsPrimary?: boolean
  /** Whether activities (tasks, calls, notes, meetings, e-mails) take custom properties with unique values: it is not known whether HubSpot's do. */
  readonly uniqueActivityProperties?: boolean
  /** Of the order of batch results. */
  readonly seed?: number
  readonly portalId?: number
  /** Of the account, as IANA names it; UTC unless given. */
  readonly timeZone?: string
  readonly appId?: number
  /** As marketing events name the app that created them. */
  readonly appName?: string
  /** Scopes of the access token; all that the sandbox knows unless given. */
  readonly scopes?: readonly string[]
  /** Which of several attendance states of a contact holds: the last received one, or the one of the last interaction. */
  readonly attendanceOrder?: StateOrder
  /** The ingest service, for example `http://127.0.0.1:8080`; without it no webhooks are sent. */
  readonly ingestUrl?: string | null
  /** The app's secret, with which webhooks are signed. */
  readonly webhookSecret?: string
  /** Of what webhooks are sent, and how. */
  readonly webhooks?: WebhookOptions
}

const DEFAULTS = {
  searchLagMs: 2_000,
  eventLagMs: 300,
  mergeKeepsPrimary: false,
  uniqueActivityProperties: true,
  seed: 1,
  portalId: 24_700_001,
  timeZone: 'UTC',
  appId: 5_070_001,
  appName: 'Sandbox app',
  scopes: ALL_SCOPES,
  attendanceOrder: 'received' as const,
  ingestUrl: null,
  webhookSecret: 'sandbox-secret',
  webhooks: {},
}

/** Starts an emulated HubSpot account: CRM objects, properties, search, custom events, marketing events, webhooks, limits, and a page to read and edit. */
export const startHubSpotSandbox = (options: HubSpotSandboxOptions = {}): Promise<VendorServer> => {
  const settings = { ...DEFAULTS, ...options }
  return startVendorServer(
    'hubspot',
    ({ store, clock }) => {
      const account = createAccount(store, clock, settings)
      const limiter = createRateLimiter({ ...PROFESSIONAL_LIMITS, ...options.limits }, clock, settings.portalId)
      return hubSpot(account, limiter, settings.scopes)
    },
    options,
  )
}

const hubSpot = (account: Account, limiter: RateLimiter, scopes: readonly string[]): Vendor => ({
  title: 'HubSpot',
  accent: HUBSPOT_ORANGE,
  state: account.state,
  routes: app => {
    const { portal, events, marketing } = account
    commonHooks(app, limiter, new Set(scopes))
    objectRoutes(app, portal)
    propertyRoutes(app, portal)
    ownerRoutes(app)
    associationRoutes(app, portal)
    definitionRoutes(app, events)
    sendRoutes(app, events)
    readRoutes(app, portal, events)
    marketingEventRoutes(app, portal, marketing)
    attendanceRoutes(app, portal, marketing)
    participationRoutes(app, portal, marketing)
    outreachRoutes(app, account.outreach)
    accountRoutes(app, portal, limiter, scopes)
  },
  pages: app => {
    app.get('/_sandbox/webhooks', () => account.webhooks.recent())
    outreachEdits(app, account.outreach)
    pageRoutes(app, account)
  },
  problem: ({ status, message }) => ({
    status,
    body: {
      message,
      category: status === 404 ? 'OBJECT_NOT_FOUND' : status < 500 ? 'VALIDATION_ERROR' : 'INTERNAL_ERROR',
    },
  }),
  reset: () => {
    limiter.reset()
    account.reset()
  },
  close: account.webhooks.stop,
})

const UNAUTHORIZED = new HubSpotRefusal(401, {
  message:
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
  category: 'INVALID_AUTHENTICATION',
})

const commonHooks = (app: FastifyInstance, limiter: RateLimiter, scopes: ReadonlySet<string>): void => {
  app.addHook('onRequest', (_, reply, done) => {
    reply.header('x-hubspot-correlation-id', randomUUID())
    done()
  })
  app.addHook('preHandler', (request, reply, done) => {
    if (!isAuthorized(request)) return done(UNAUTHORIZED)
    const route = request.routeOptions.url ?? ''
    try {
      const { objectType } = request.params as { objectType?: string }
      assertScopes(scopes, scopesFor(request.method, route, objectType))
      if (isSearch(route)) limiter.takeSearch()
      else if (isEventSend(route)) limiter.takeEventSend()
      else reply.headers(route.startsWith('/crm/v4/') ? limiter.takeAssociation() : limiter.take())
      done()
    } catch (error) {
      done(error as HubSpotRefusal)
    }
  })
  app.addHook('preSerialization', (_, reply, payload, done) => {
    if (reply.statusCode < 400) return done(null, payload)
    const correlationId = reply.getHeader('x-hubspot-correlation-id')
    done(null, { status: 'error', ...(payload as object), correlationId })
  })
}

const isAuthorized = ({ headers: { authorization } }: FastifyRequest): boolean =>
  authorization !== undefined && /^bearer /i.test(authorization) && authorization.slice(7) === SANDBOX_TOKEN

/** CRM searches have a limit of their own; that of marketing events has not. */
const isSearch = (route: string): boolean => route.startsWith('/crm/') && route.endsWith('/search')
