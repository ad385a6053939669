import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../runtime/clock.ts'
import { createNotice } from '../notice.ts'
import type { Store } from '../store.ts'
import { startVendorServer, type Vendor, type VendorServer, type VendorServerOptions } from '../vendor-server.ts'
import { type Choices, DEFAULT_CHOICES } from './choices.ts'
import { PRODUCT } from './data/data.ts'
import { subscriptionRoutes } from './inspection.ts'
import { assertKey } from './keys.ts'
import { PROCESSED_AFTER_MS } from './limits.ts'
import { createLiveTraffic, type LiveTraffic } from './live/traffic.ts'
import { createSubscription, type Subscription } from './model/subscription.ts'
import { PENDO_PINK, pageRoutes } from './page/routes.ts'
import { createLimiter, type Limiter } from './rest/limiter.ts'
import { metadataRoutes } from './rest/metadata-routes.ts'
import { readRoutes } from './rest/read-routes.ts'
import { trackRoutes } from './rest/track-routes.ts'
import { stateOf } from './state.ts'
import { type Courier, createCourier } from './webhooks/courier.ts'
import { webhookOf } from './webhooks/envelope.ts'

export interface PendoSandboxOptions extends VendorServerOptions {
  /** The ingest service, for example `http://127.0.0.1:8080`; without it no webhooks are sent. */
  readonly ingestUrl?: string | null
  /** The shared secret of webhooks. */
  readonly webhookSecret?: string
  /** How long after an event came aggregations show it, in milliseconds. */
  readonly processingLagMs?: number
  /** How long the subscription has been there, in milliseconds: earlier events are not processed. */
  readonly ageMs?: number
  /** Of the live traffic. */
  readonly seed?: number
  /** Other answers to what Pendo's documents leave open. */
  readonly choices?: Partial<Choices>
}

export interface PendoSandbox extends VendorServer {
  /** Sets the rate of live traffic in happenings a second; 0 stops it. */
  playLive(rate: number): void
}

const DEFAULTS = {
  ingestUrl: null,
  webhookSecret: 'sandbox-secret',
  processingLagMs: PROCESSED_AFTER_MS,
  ageMs: 365 * 24 * 60 * 60 * 1000,
  seed: 1,
}

/** Starts an emulated Pendo subscription: track events, metadata, aggregations, webhooks, live traffic, and a page to read and edit. Throws `PORT_IN_USE`. */
export const startPendoSandbox = async (options: PendoSandboxOptions = {}): Promise<PendoSandbox> => {
  const built = Promise.withResolvers<Parts>()
  const server = await startVendorServer(
    'pendo',
    ({ store, clock }) => {
      const parts = partsOf(options, store, clock)
      built.resolve(parts)
      return pendo(parts)
    },
    options,
  )
  const { traffic } = await built.promise
  return { ...server, playLive: traffic.setRate }
}

interface Parts {
  readonly subscription: Subscription
  readonly courier: Courier
  readonly traffic: LiveTraffic
  readonly limiter: Limiter
  readonly choices: Choices
  readonly clock: Clock
  readonly stopNotice: () => void
}

const partsOf = (options: PendoSandboxOptions, store: Store, clock: Clock): Parts => {
  const { ingestUrl, webhookSecret: secret, processingLagMs, ageMs, seed } = { ...DEFAULTS, ...options }
  const choices = { ...DEFAULT_CHOICES, ...options.choices }
  const notice = createNotice(store)
  const url = ingestUrl === null ? null : `${ingestUrl}/webhooks/pendo`
  const courier = createCourier({ url, secret, clock, choices, onChange: notice.touch })
  const sending = new Set<Promise<void>>()
  const subscription = createSubscription(store, clock, {
    ...{ choices, processingLagMs, ageMs, tagged: PRODUCT.items },
    emit: occasion => {
      const sent = courier.send(webhookOf(occasion))
      sending.add(sent)
      void sent.then(() => sending.delete(sent))
    },
  })
  const traffic = createLiveTraffic({ clock, seed, happen: subscription.happen, sending })
  const limiter = createLimiter(choices.requestsPerSecond, clock)
  return { subscription, courier, traffic, limiter, choices, clock, stopNotice: notice.stop }
}

const play = z.union([
  z.strictObject({ rate: z.number().nonnegative().max(5_000) }),
  /** So many at once; answers when their webhooks are settled. */
  z.strictObject({ count: z.number().int().positive().max(100_000) }),
])

const pendo = ({ subscription, courier, traffic, limiter, choices, clock, stopNotice }: Parts): Vendor => {
  const stop = (): void => {
    traffic.stop()
    courier.reset()
    stopNotice()
  }
  return {
    title: 'Pendo',
    accent: PENDO_PINK,
    state: () => stateOf(subscription),
    routes: app => {
      callHooks(app, limiter, choices)
      trackRoutes(app, subscription)
      metadataRoutes(app, subscription, choices)
      readRoutes(app, subscription, { choices, now: clock.now })
    },
    pages: app => {
      subscriptionRoutes(app, { subscription, courier, now: clock.now })
      pageRoutes(app, { subscription, courier, traffic, now: clock.now })
    },
    problem: ({ status, message }) => ({ status, body: message }),
    play: async request => {
      const wanted = play.parse(request)
      if ('rate' in wanted) traffic.setRate(wanted.rate)
      else await traffic.burst(wanted.count)
      return { rate: traffic.rate(), total: courier.totals() }
    },
    reset: () => {
      stop()
      limiter.reset()
      subscription.reset()
    },
    close: stop,
  }
}

/** Every call needs the key of its API, and counts. */
const callHooks = (app: FastifyInstance, limiter: Limiter, { wrongKeyStatus }: Choices): void => {
  app.addHook('preHandler', (request, _, done) => {
    try {
      assertKey(request.url, request.headers, wrongKeyStatus)
      limiter.take(`${request.method} ${request.routeOptions.url}`)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}
