import { pipeline } from '../../../topology/pipeline.ts'
import { segmentToPendo } from '../../../topology/segment-to-pendo.ts'
import { selection } from '../../../topology/selection.ts'
import { startConsole } from '../../console/server.ts'
import { statusReader } from '../../console/status.ts'
import taskLinks from '../../consumers/task-links.ts'
import { sharedMetadata } from '../../pendo-and-hubspot/mapping.ts'
import { startPlatform } from '../../platform/platform.ts'
import { checkSelection } from '../../producers/zoom/selection.ts'
import { selectedProductEvents } from '../../product-events/selection.ts'
import { originFor } from '../../runtime/access/addresses.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Config } from '../../runtime/config/config.ts'
import { createMetrics, type Metrics } from '../../runtime/metrics.ts'
import { type RunningPipeline, type ServiceStatus, startPipeline } from '../../runtime/run-pipeline.ts'
import { checkSegmentToPendo } from '../../segment-to-pendo/check.ts'
import type { EventBudget } from '../../sinks/hubspot/events/budget.ts'
import { sharedTasks } from '../../tasks/mapping.ts'
import { type Addresses, addressesOf, type Connections, connect } from '../connections.ts'
import { destinationsOf } from '../destinations.ts'
import { runEventBudget } from './event-budget.ts'
import { isIngestNeeded, openIngest } from './ingest.ts'
import { prepareCluster, type TopologyMaker } from './prepare-cluster.ts'
import { openProducers } from './producers.ts'
import { checkNamedSandboxes, type Sandboxes, startSandboxes } from './sandboxes.ts'
import type { Wanted } from './services.ts'

/** A running system, or the part of it that runs in this process. */
export interface RunningSystem extends Connections {
  readonly codec: Codec
  readonly metrics: Metrics
  readonly pipeline: RunningPipeline
  readonly sandboxes: Sandboxes
  /** Addresses by service that listens here, for programs of this machine. */
  readonly urls: Readonly<Record<string, string>>
  /** Drains everything in the order of the data, then stops the platform. */
  close(): Promise<void>
}

export interface SystemOptions {
  readonly config: Config
  readonly wanted: Wanted
  /** Aborts while waiting for a cluster. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  readonly onFatal: (error: Error) => void
}

/** Starts the wanted services in this process. What was started is stopped again when a later one cannot start. */
export const startSystem = async (options: SystemOptions): Promise<RunningSystem> => {
  const closers: Closers = []
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer()
  }
  try {
    return { ...(await startParts(options, closers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

type Closers = (() => Promise<void>)[]

/** Later parts use earlier ones, so they close in the opposite order: first the doors, then the pipeline, last the platform. */
const startParts = async (options: SystemOptions, closers: Closers): Promise<Omit<RunningSystem, 'close'>> => {
  const { config, wanted } = options
  const zoomSelection = checkMappings(config)
  checkNamedSandboxes(config, wanted)
  const addresses = await platformOf(options, closers)
  const metrics = createMetrics()
  const connections = connect(config, addresses, 'tributary', {
    onStall: ({ topic, partition, records }) =>
      metrics.set('tributary_stalled_records', { topic, partition: String(partition) }, records),
  })
  closers.push(() => connections.kafka.close())
  const codec = await prepareCluster({
    ...options,
    ...{ connections, addresses, clock, topicPrefix: config.topicPrefix, maker: makerOf(options) },
  })
  const sandboxes = await startSandboxes(config, wanted)
  closers.push(() => sandboxes.close())
  const completions = runEventBudget(config, { ...connections, codec, metrics, onFatal: options.onFatal })
  closers.push(() => completions.close())
  const running = await startTopology(options, { ...connections, codec, metrics, sandboxes }, completions.budget)
  closers.push(() => running.close())
  const parts = { ...connections, codec, metrics, pipeline: running, sandboxes }
  const { directory } = running
  const producers = await openProducers({ ...options, selection: zoomSelection, directory }, parts, closers)
  const services = () => [...producers(), ...running.status()]
  const consolePort = wanted.own('console') ? await openConsole(config, parts, services, closers) : undefined
  const ingestPort =
    wanted.own('ingest') && isIngestNeeded(config)
      ? (await openIngest(config, parts, zoomSelection, { closing: closers, onFatal: options.onFatal })).port
      : undefined
  return {
    ...parts,
    urls: {
      ...(consolePort === undefined ? {} : { console: originFor(config.console.host, consolePort) }),
      ...(ingestPort === undefined ? {} : { ingest: originFor(config.ingest.host, ingestPort) }),
    },
  }
}

/** Throws what is wrong with any mapping, before anything is started. */
const checkMappings = ({ zoom }: Config): ReturnType<typeof checkSelection> => {
  const accounts = zoom.mode === 'real' ? zoom.accounts.map(({ name }) => name) : null
  const zoomSelection = checkSelection(selection, accounts)
  selectedProductEvents()
  checkSegmentToPendo(segmentToPendo)
  sharedMetadata()
  sharedTasks()
  return zoomSelection
}

const startTopology = (
  { config, wanted, onFatal }: SystemOptions,
  { sandboxes, ...parts }: Omit<Parts, 'pipeline'>,
  budget: EventBudget,
): Promise<RunningPipeline> => {
  const { metrics, logger } = parts
  const { erasureSecret, parkLimitMs, deadLettersPerMinute, recreateDeleted } = config
  return startPipeline({
    ...{ topology: pipeline, ...parts, clock, onFatal },
    ...{ erasureSecret, parkLimitMs, deadLettersPerMinute, recreateDeleted },
    destinations: destinationsOf(config, sandboxes.pages, { metrics, logger, budget }),
    ...(wanted.topology ? { only: wanted.topology } : {}),
    off: new Set(config.tasks.enabled ? [] : [taskLinks.name]),
  })
}

const makerOf = ({ config, wanted }: SystemOptions): TopologyMaker => {
  if (config.kafka.kind === 'external') return 'user'
  return wanted.own('platform') ? 'this-process' : 'platform-process'
}

type Parts = Omit<RunningSystem, 'urls' | 'close'>

const openConsole = async (
  config: Config,
  { kafka, metrics, sandboxes }: Parts,
  services: () => readonly ServiceStatus[],
  closers: Closers,
): Promise<number> => {
  const sources = { kafka, topology: pipeline, metrics, services, sandboxes: sandboxes.pages }
  const console = await startConsole({ ...config.console, metrics, status: statusReader(sources, clock) })
  closers.push(() => console.close())
  return console.port
}

const platformOf = async ({ config, wanted, say, onFatal }: SystemOptions, closers: Closers): Promise<Addresses> => {
  if (config.kafka.kind === 'external' || config.registry.kind === 'external' || !wanted.own('platform')) {
    return addressesOf(config)
  }
  const platform = await startPlatform({
    dataFolder: config.data.platformFolder,
    kafkaPort: config.kafka.port,
    registryPort: config.registry.port,
    onProgress: say,
    onFailure: onFatal,
  })
  closers.push(() => platform.stop())
  return { brokers: platform.brokers, registryUrl: platform.registryUrl }
}
