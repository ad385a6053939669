import { generateKeyPairSync } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { SinkWrite } from '../../schemas/generated.ts'
import type { Destination } from '../../services/delivery/destination.ts'
import type { DeliverySettings } from '../../services/delivery/settings.ts'
import { type RunningSink, startSink } from '../../services/delivery/start-sink.ts'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../services/runtime/metrics.ts'
import { startPipeline } from '../../services/runtime/run-pipeline.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { type SalesforceSandboxOptions, startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import {
  type SalesforceDestinationOptions,
  salesforceDestination,
} from '../../services/sinks/salesforce/destination.ts'
import type { Stream } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { openSystem, type System } from './system.ts'

type SinkName = 'hubspot' | 'hubspot-events' | 'hubspot-marketing' | 'salesforce'

/** Sinks in the test's own process, with what feeds them and what they write to. */
export interface SinksHere extends Pick<System, 'cluster' | 'hubspot' | 'salesforce'> {
  readonly sinks: Readonly<Record<SinkName, RunningSink>>
  readonly metrics: Metrics
  /** What they warned of, as lines of JSON. */
  readonly logged: readonly string[]
  /** Why the process would have ended. */
  readonly fatal: readonly Error[]
  /** Appends writes to their topic, in this order. */
  write(topic: Stream<SinkWrite>, writes: readonly SinkWrite[]): Promise<void>
}

interface Options {
  readonly sinks: readonly SinkName[]
  /** Consumers that run too. */
  readonly consumers?: readonly string[]
  /** Gives the address by which the sinks reach an emulated vendor that is at this one. */
  readonly by?: (vendor: string) => Promise<string>
  /** How long a vendor may take to answer. */
  readonly timeoutMs?: number
  readonly salesforce?: {
    readonly sandbox?: SalesforceSandboxOptions
    readonly destination?: Partial<SalesforceDestinationOptions>
    /** How the sink uses it. */
    readonly use?: Partial<Pick<Destination, 'concurrency' | 'lookUpSize'>>
  }
  /** Of the emulated Salesforce and of those who log in to it. */
  readonly clock?: Clock
  readonly settings?: Partial<DeliverySettings>
}

/** As patient as in production but for the times, so that a test need not wait for minutes. */
const quick: Partial<DeliverySettings> = {
  retry: { firstMs: 50, longestMs: 500 },
  pause: { failuresToOpen: 5, firstPauseMs: 300, longestPauseMs: 1_000 },
}

/** Starts the resolver, consumers and sinks on the test's cluster, and the emulated vendors that the sinks write to. All of it ends with the test. */
export const sinksHere = async (context: TestContext, options: Options): Promise<SinksHere> => {
  const platform = await startTestKafka()
  atEnd(context, () => platform.stop())
  const system = await openSystem(context, platform)
  const { cluster } = system
  const [metrics, logged, fatal]: [Metrics, string[], Error[]] = [createMetrics(), [], []]
  const shared = {
    ...{ kafka: cluster.kafka, codec: cluster.codec, metrics, clock: systemClock },
    logger: createLogger({ level: 'warn', write: line => logged.push(line) }),
    onFatal: (error: Error) => void fatal.push(error),
  }
  const destinations = await startVendors(context, system, { ...options, metrics })
  const running = await startPipeline({
    ...shared,
    topology: pipeline,
    only: new Set([pipeline.resolver.name, ...(options.consumers ?? [])]),
    erasureSecret: system.settings['ERASURE_SECRET'] ?? '',
    ...{ parkLimitMs: 60_000, deadLettersPerMinute: 100, recreateDeleted: false, destinations: new Map() },
  })
  atEnd(context, () => running.close())
  const settings = { ...quick, ...options.settings }
  const sinks: Partial<Record<SinkName, RunningSink>> = {}
  for (const name of options.sinks) {
    const [sink, destination] = [pipeline.sinks.find(one => one.name === name), destinations[name]]
    if (!sink || !destination) throw new Error(`There is no sink ${name}`)
    const started = await startSink({ ...shared, sink, destination, directory: running.directory, settings })
    atEnd(context, () => started.close())
    sinks[name] = started
  }
  const publisher = await cluster.kafka.publisher('writes')
  atEnd(context, () => publisher.close())
  return {
    ...{ cluster, hubspot: system.hubspot, salesforce: system.salesforce, metrics, logged, fatal },
    sinks: sinks as Readonly<Record<SinkName, RunningSink>>,
    write: async (topic, writes) => {
      const { codec } = cluster
      await publisher.publish(
        writes.map(write => ({ topic: topic.name, key: write.person, value: codec.encode(topic, write) })),
      )
    },
  }
}

/** The emulated vendors of these sinks, at the ports where the system looks for them, and the ways to write to them. */
const startVendors = async (
  context: TestContext,
  { settings }: System,
  options: Options & { readonly metrics: Metrics },
): Promise<Partial<Readonly<Record<SinkName, Destination>>>> => {
  const { sinks, timeoutMs, salesforce, metrics, clock = systemClock, by = url => Promise.resolve(url) } = options
  const port = Number(settings['SANDBOX_PORT_BASE'])
  const common = { metrics, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
  let destinations: Partial<Record<SinkName, Destination>> = {}
  if (sinks.some(name => name.startsWith('hubspot'))) {
    const { url, close } = await startHubSpotSandbox({ port })
    atEnd(context, close)
    destinations = hubSpotDestinations({
      ...common,
      accessToken: 'sandbox',
      baseUrl: await by(url),
      clock: systemClock,
    })
  }
  if (sinks.includes('salesforce')) {
    const { url, close } = await startSalesforceSandbox({ port: port + 1, clock, ...salesforce?.sandbox })
    atEnd(context, close)
    const login = { loginUrl: await by(url), clientId: 'sandbox', username: 'integration@example.com', privateKey }
    const destination = salesforceDestination({
      ...{ ...common, ...login, clock },
      pace: { requests: 10_000, windowMs: 1_000 },
      ...salesforce?.destination,
    })
    destinations = { ...destinations, salesforce: { ...destination, ...salesforce?.use } }
  }
  return destinations
}

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
