import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../runtime/clock.ts'
import { startVendorServer, type Vendor, type VendorServer, type VendorServerOptions } from '../vendor-server.ts'
import { HubSpotRefusal } from './errors.ts'
import { createRateLimiter, PROFESSIONAL_LIMITS, type RateLimiter, type RateLimits } from './limits.ts'
import { objectRoutes } from './objects/routes.ts'
import { HUBSPOT_ORANGE, pageRoutes } from './page.ts'
import { createPortal, type Portal } from './portal.ts'
import { propertyRoutes } from './properties/routes.ts'

export interface HubSpotSandboxOptions extends VendorServerOptions {
  /** Those that are not given are the ones of a Professional account. */
  readonly limits?: Partial<RateLimits>
  /** How long a search does not see a write, in milliseconds. */
  readonly searchLagMs?: number
  /** HubSpot's beta "Primary ID preservation": a merge keeps the primary record's id instead of making a new one. */
  readonly mergeKeepsPrimary?: boolean
  /** Of the order of batch results. */
  readonly seed?: number
  readonly portalId?: number
  readonly appId?: number
}

/** The access token that the sandbox accepts. */
export const SANDBOX_TOKEN = 'sandbox'

const DEFAULTS = { searchLagMs: 300, mergeKeepsPrimary: false, seed: 1, portalId: 24_700_001, appId: 5_070_001 }

/** Starts an emulated HubSpot account: CRM objects, properties, search, limits, and a page to read and edit. */
export const startHubSpotSandbox = (options: HubSpotSandboxOptions = {}): Promise<VendorServer> => {
  const settings = { ...DEFAULTS, ...options }
  return startVendorServer(
    'hubspot',
    ({ store, clock }) => {
      const portal = createPortal(store, clock, settings)
      const limiter = createRateLimiter({ ...PROFESSIONAL_LIMITS, ...options.limits }, clock, portal.portalId)
      return hubSpot(portal, limiter, clock)
    },
    options,
  )
}

const hubSpot = (portal: Portal, limiter: RateLimiter, clock: Clock): Vendor => ({
  title: 'HubSpot',
  accent: HUBSPOT_ORANGE,
  state: () =>
    Object.fromEntries(
      portal
        .all()
        .map(({ type, records }) => [type.name, records.live().map(({ id, properties }) => ({ id, properties }))]),
    ),
  routes: app => {
    commonHooks(app, limiter)
    objectRoutes(app, portal)
    propertyRoutes(app, portal)
    accountRoutes(app, portal, limiter, clock)
  },
  pages: app => pageRoutes(app, portal),
  problem: ({ status, message }) => ({
    status,
    body: {
      message,
      category: status === 404 ? 'OBJECT_NOT_FOUND' : status < 500 ? 'VALIDATION_ERROR' : 'INTERNAL_ERROR',
    },
  }),
  reset: () => {
    limiter.reset()
    portal.reset()
  },
})

const UNAUTHORIZED = new HubSpotRefusal(401, {
  message:
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
  category: 'INVALID_AUTHENTICATION',
})

const commonHooks = (app: FastifyInstance, limiter: RateLimiter): void => {
  app.addHook('onRequest', (_, reply, done) => {
    reply.header('x-hubspot-correlation-id', randomUUID())
    done()
  })
  app.addHook('preHandler', (request, reply, done) => {
    if (!isAuthorized(request)) return done(UNAUTHORIZED)
    try {
      if (isSearch(request)) limiter.takeSearch()
      else reply.headers(limiter.take())
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

const isSearch = (request: FastifyRequest): boolean => request.routeOptions.url?.endsWith('/search') === true

const accountRoutes = (app: FastifyInstance, portal: Portal, limiter: RateLimiter, clock: Clock): void => {
  app.get('/account-info/v3/details', () => ({
    portalId: portal.portalId,
    accountType: 'STANDARD',
    timeZone: 'UTC',
    companyCurrency: 'USD',
    additionalCurrencies: [],
    utcOffset: '+00:00',
    utcOffsetMilliseconds: 0,
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  }))
  app.get('/account-info/v3/api-usage/daily/private-apps', () => {
    const { used, limit, resetsAt } = limiter.today()
    return {
      results: [
        {
          name: 'private-apps-api-calls-daily',
          usageLimit: limit,
          currentUsage: used,
          collectedAt: new Date(clock.now()).toISOString(),
          fetchStatus: 'SUCCESS',
          resetsAt: new Date(resetsAt).toISOString(),
        },
      ],
    }
  })
}
