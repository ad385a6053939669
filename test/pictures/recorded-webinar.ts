import { generateKeyPairSync } from 'node:crypto'
import { fillSampleOrg } from '../../services/commands/start/sample-org.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { startIngest } from '../../services/producers/ingest.ts'
import { startZoomReports } from '../../services/producers/zoom/reports/service.ts'
import { connectZoom } from '../../services/producers/zoom/rest/connect.ts'
import { checkSelection } from '../../services/producers/zoom/selection.ts'
import { zoomRoutes } from '../../services/producers/zoom/webhooks.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { untilQuiet } from '../../services/runtime/quiet.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { startPipeline } from '../../services/runtime/run-pipeline.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import { headersOf } from '../../services/sandbox/zoom/delivery/wire.ts'
import { readRecording } from '../../services/sandbox/zoom/recording.ts'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'
import { startZoomSandbox, type ZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { salesforceDestination } from '../../services/sinks/salesforce/destination.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { type ManualClock, manualClock } from '../clock.ts'

/** The recorded webinar, played through all of Tributary into emulated vendors, at the times at which it was recorded. */
export interface RecordedWebinar {
  /** Base URLs of the emulated vendors, without a slash at their end. */
  readonly pages: { readonly hubspot: string; readonly salesforce: string }
  /** Plays what came before a moment (epoch milliseconds) and resolves when all of it is delivered. */
  playUntil(moment: number): Promise<void>
  close(): Promise<void>
}

const recording = 'product-webinar'
const zoomSecret = 'a secret of the pictures'
/** Time here passes faster than on the wall, and leaps from webhook to webhook. */
const tick = { everyMs: 10, byMs: 50 }
/** So many webhooks before the moment are delivered one by one, so that each change on the pages has the time of its webhook. */
const oneByOne = 40

type Closers = (() => unknown)[]

export const startRecordedWebinar = async (): Promise<RecordedWebinar> => {
  const webhooks = readRecording(recording).map(({ body }) => body)
  const clock = manualClock(webhooks[0]?.event_ts ?? 0)
  const closers: Closers = []
  const ticking = setInterval(() => clock.advance(tick.byMs), tick.everyMs)
  closers.push(() => clearInterval(ticking))
  const vendors = await startVendors(clock, closers)
  const system = await startTributary(clock, vendors, closers)
  await fillSampleOrg(vendors.salesforce.url)
  return {
    pages: { hubspot: vendors.hubspot.url, salesforce: vendors.salesforce.url },
    playUntil: async moment => {
      const later = webhooks.findIndex(({ event_ts }) => event_ts >= moment)
      const due = webhooks.splice(0, later < 0 ? webhooks.length : later)
      for (const [index, webhook] of due.entries()) {
        clock.advance(Math.max(0, webhook.event_ts - clock.now()))
        await happen(vendors.zoom, system.ingestUrl, webhook, clock)
        if (index >= due.length - oneByOne) await system.settled()
      }
      await system.settled()
    },
    close: async () => {
      for (const close of closers.reverse()) await close()
    },
  }
}

/** It happens at Zoom, and Zoom tells of it. */
const happen = async (zoom: ZoomSandbox, ingestUrl: string, webhook: Webhook, clock: Clock): Promise<void> => {
  zoom.happened(webhook)
  const body = JSON.stringify(webhook)
  const headers = headersOf(zoomSecret, body, `${webhook.event}:${webhook.event_ts}`, clock.now())
  const { status } = await fetch(`${ingestUrl}/webhooks/zoom`, { method: 'POST', headers, body })
  if (status !== 200) throw new Error(`The webhook ${webhook.event} was answered with ${status}`)
}

const startVendors = async (clock: Clock, closers: Closers) => {
  const hubspot = await startHubSpotSandbox({ clock })
  closers.push(hubspot.close)
  const salesforce = await startSalesforceSandbox({ clock })
  closers.push(salesforce.close)
  // What it holds is told by `happened`; the webhooks are sent from here, so it has nowhere to send any.
  const zoom = await startZoomSandbox({ clock, ingestUrl: 'http://127.0.0.1:9' })
  closers.push(zoom.close)
  return { hubspot, salesforce, zoom }
}

type Vendors = Awaited<ReturnType<typeof startVendors>>

const startTributary = async (clock: ManualClock, vendors: Vendors, closers: Closers) => {
  const kafka = memoryKafka({ clock })
  closers.push(() => kafka.close())
  await kafka.topics.create([...topicSpecs(pipeline.topics)])
  const codec = await createCodec({ registry: memoryRegistry(), topics: pipeline.topics, clock, register: true })
  const metrics = createMetrics()
  const problem = Promise.withResolvers<never>()
  const parts = { kafka, codec, metrics, clock, logger: silentLogger, onFatal: problem.reject }
  const running = await startPipeline({
    ...{ topology: pipeline, ...parts, destinations: destinationsOf(vendors, clock) },
    ...{ erasureSecret: 'a secret of the pictures', parkLimitMs: 7 * 86_400_000 },
    ...{ deadLettersPerMinute: 100, recreateDeleted: false },
  })
  closers.push(() => running.close())
  const reports = await startReports(vendors.zoom, parts)
  closers.push(() => reports.close())
  const publisher = await kafka.publisher('ingest')
  const selection = checkSelection({ zoom: { default: { webinars: 'all' } } }, null)
  const accounts = [{ name: 'default', accountId: null, webhookSecret: zoomSecret }]
  const routes = zoomRoutes({ accounts, selection, publisher, codec, metrics, log: silentLogger })
  const ingest = await startIngest({ host: '127.0.0.1', port: 0, routes, clock, log: silentLogger, metrics })
  closers.push(() => ingest.close())
  const settle = async (): Promise<void> => {
    do {
      await kafka.idle()
      await untilQuiet({ kafka, topology: pipeline, metrics, clock })
    } while (reports.status().waiting > 0)
  }
  return {
    ingestUrl: `http://127.0.0.1:${ingest.port}`,
    /** Resolves when all is delivered and every run that ended was settled by its report. */
    settled: () => Promise.race([settle(), problem.promise]),
  }
}

const startReports = (
  zoom: ZoomSandbox,
  parts: Pick<Parameters<typeof startZoomReports>[0], 'kafka' | 'codec' | 'metrics' | 'clock' | 'logger' | 'onFatal'>,
) => {
  const { clock, metrics } = parts
  const account = {
    ...{ name: 'default', baseUrl: `${zoom.url}/v2`, tokenUrl: `${zoom.url}/oauth/token` },
    ...{ accountId: 'sandbox', oauth: { clientId: 'sandbox', clientSecret: 'sandbox' } },
  }
  return startZoomReports({
    ...parts,
    accounts: [{ name: 'default', calls: connectZoom(account, { clock, metrics }) }],
    selection: checkSelection({ zoom: { default: { webinars: 'all' } } }, null),
    ...{ reportAfterMs: 1_000, reportWaitMs: 30 * 60_000, sweepEveryMs: 0 },
  })
}

const destinationsOf = ({ hubspot, salesforce }: Vendors, clock: Clock) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const login = {
    ...{ loginUrl: salesforce.url, clientId: 'sandbox', username: 'integration@example.com' },
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  return new Map([
    ...Object.entries(hubSpotDestinations({ accessToken: 'sandbox', baseUrl: hubspot.url, clock })),
    ['salesforce', salesforceDestination({ ...login, clock })] as const,
  ])
}
