import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../runtime/clock.ts'
import type { Store } from '../store.ts'
import { startVendorServer, type Vendor, type VendorServerOptions } from '../vendor-server.ts'
import type { Progress } from './delivery/courier.ts'
import type { ZoomModel } from './model.ts'
import { zoomPages } from './page/routes.ts'
import { readRecording, recordingNames } from './recording.ts'
import type { WantedPlay } from './recording-plays.ts'
import { createLimits, type Plan } from './rest/limits.ts'
import { zoomRoutes } from './rest/routes.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import type { Webhook } from './webhooks.ts'

/** With a journal a recording that was being played goes on where it was after a restart. */
export interface ZoomSandboxOptions extends VendorServerOptions {
  /** The ingest service, for example `http://127.0.0.1:8080`. */
  readonly ingestUrl: string
  /** The secret token of the event subscription. */
  readonly secret?: string | undefined
  /** The name under which Tributary knows the account; all but `default` appear in the webhook's path. */
  readonly account?: string | undefined
  /** Zoom's account id in every webhook; without it, that of the recording. */
  readonly accountId?: string | undefined
  /** How long Zoom's pauses between attempts last here; 1 is Zoom's own, 1/150 the default. */
  readonly retryScale?: number | undefined
  readonly timeoutMs?: number | undefined
  /** Decides the rate limits; `pro` when not said. */
  readonly plan?: Plan | undefined
  /** How long after the sandbox came to know of the end of a run its reports are there; half a second when not said. */
  readonly reportAfterMs?: number | undefined
}

export interface ZoomSandbox {
  /** Base URL: REST under `/v2`, tokens at `/oauth/token`, a page at `/`. */
  readonly url: string
  readonly port: number
  /** Plays a recording to its last webhook; when it is being played already, waits for that. `speed`: 1 takes a minute. */
  playRecording(play: WantedPlay): Promise<Progress>
  /** Whether a recording was played to its end in what the sandbox remembers. */
  hasPlayed(file: string): boolean
  /** Makes something happen of which no webhook tells: REST knows it. */
  happened(webhook: Webhook): void
  /** Sets the rate of live traffic in webhooks per second; 0 ends the webinar under way and stops. */
  playLive(rate: number): void
  close(): Promise<void>
}

const DEFAULT_SECRET = 'sandbox-secret'
const DEFAULT_REPORT_AFTER_MS = 500
const DEFAULT_ACCOUNT_ID = '9xT4kQmVRsOaLhYp2EwBnA'

/** Starts the emulated Zoom: webhooks, REST, inspection interface and page. Throws `PORT_IN_USE`. */
export const startZoomSandbox = async (options: ZoomSandboxOptions): Promise<ZoomSandbox> => {
  const built = Promise.withResolvers<Traffic>()
  const build = ({ store, clock }: { store: Store; clock: Clock }): Vendor => {
    const traffic = trafficOf(options, store, clock)
    built.resolve(traffic)
    return zoomVendor(traffic, options, clock)
  }
  const server = await startVendorServer('zoom', build, options)
  const traffic = await built.promise
  traffic.resume()
  return {
    url: server.url,
    port: server.port,
    playRecording: traffic.playRecording,
    hasPlayed: file => hasPlayed(traffic.model, file),
    happened: traffic.model.apply,
    playLive: traffic.playLive,
    close: server.close,
  }
}

const hasPlayed = (model: ZoomModel, file: string): boolean => {
  const end = readRecording(file).findLast(({ body }) => body.event === 'webinar.ended')?.body.payload.object
  const instances = model.webinar(String(end?.id))?.instances ?? []
  return instances.some(({ uuid, end_time }) => uuid === end?.uuid && end_time !== null)
}

const trafficOf = (options: ZoomSandboxOptions, store: Store, clock: Clock): Traffic => {
  const { ingestUrl, secret = DEFAULT_SECRET, account = 'default', accountId = DEFAULT_ACCOUNT_ID } = options
  const path = account === 'default' ? '/webhooks/zoom' : `/webhooks/zoom/${account}`
  const { retryScale, timeoutMs } = options
  const endpoint = { url: `${ingestUrl}${path}`, secret, clock, retryScale, timeoutMs }
  return createTraffic({ endpoint, store, clock, accountId, seed: randomBytes(4).readUInt32BE() })
}

/** Every event of every recording. */
function recordedEvents(): string[] {
  return [...new Set(recordingNames().flatMap(name => readRecording(name).map(({ body }) => body.event)))]
}

const play = z.union([
  z.strictObject({
    file: z.string().refine(name => recordingNames().includes(name), `expected one of ${recordingNames().join(', ')}`),
    speed: z.number().positive().optional(),
    /** Answers when every webhook is settled instead of at once. */
    wait: z.boolean().optional(),
    /** Webhooks that are never sent, though what they tell has happened. */
    drop: z.union([z.literal('all'), z.array(z.enum(recordedEvents()))]).optional(),
  }),
  z.strictObject({ rate: z.number().nonnegative().max(5_000) }),
])

const zoomVendor = (
  traffic: Traffic,
  { plan = 'pro', reportAfterMs = DEFAULT_REPORT_AFTER_MS }: ZoomSandboxOptions,
  clock: Clock,
): Vendor => {
  const { model } = traffic
  const limits = createLimits(plan, clock)
  return {
    title: 'Zoom',
    state: () => stateOf(model),
    routes: app => {
      app.addHook('onSend', (_, reply, payload, done) => {
        reply.header('x-zm-trackingid', `v=2.0;clid=us06;rid=WEB_${randomBytes(16).toString('hex')}`)
        done(null, payload)
      })
      zoomRoutes(app, { model, clock, limits, reportAfterMs, emit: webhook => void traffic.emit(webhook) })
    },
    pages: app => zoomPages(app, { traffic, clock }),
    problem: ({ status, message }) => ({ status, body: { code: status === 404 ? 404 : 300, message } }),
    play: async request => {
      const wanted = play.parse(request)
      if ('rate' in wanted) traffic.playLive(wanted.rate)
      else if (wanted.wait) await traffic.playRecording(wanted)
      else traffic.beginRecording(wanted)
      return traffic.status()
    },
    reset: () => {
      traffic.stop()
      limits.reset()
    },
    close: traffic.stop,
  }
}

const stateOf = (model: ZoomModel): ReturnType<Vendor['state']> => {
  const webinars = model.webinars()
  const rows = <Row extends object>(id: (row: Row) => string, list: Iterable<Row>, more: object = {}) =>
    [...list].map(row => ({ id: id(row), properties: { ...row, ...more } as Record<string, unknown> }))
  return {
    webinar: rows(row => row.id, webinars),
    registrant: webinars.flatMap(({ id }) => rows(row => row.id, model.registrants(id).values(), { webinar_id: id })),
    participant: webinars.flatMap(({ id }) =>
      rows(row => row.participant_uuid, model.participants(id).values(), { webinar_id: id }),
    ),
  }
}
