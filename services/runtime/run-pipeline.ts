import type { Topology } from '../../topology/define.ts'
import { isOn } from '../../topology/groups.ts'
import { identities, parked } from '../../topology/topics.ts'
import type { Destination } from '../delivery/destination.ts'
import { type RunningSink, startSink } from '../delivery/start-sink.ts'
import { createDirectory, type IdentityDirectory } from '../identity/directory.ts'
import { type RunningResolver, startResolver } from '../identity/service.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Clock } from './clock.ts'
import type { Codec } from './codec.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { consumerOf } from './process/parking.ts'
import { type RunningConsumer, startConsumer } from './process/start-consumer.ts'
import { startTables, type Tables } from './process/tables.ts'

export interface PipelineOptions {
  readonly topology: Topology
  /** Services of the topology to run in this process; all when absent. */
  readonly only?: ReadonlySet<string>
  /** Consumers that the configuration switches off; none when absent. What they would read waits in its topic. */
  readonly off?: ReadonlySet<string>
  readonly kafka: Kafka
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly erasureSecret: string
  readonly parkLimitMs: number
  readonly deadLettersPerMinute: number
  readonly recreateDeleted: boolean
  /** By the sink's name. A sink whose destination is off is not started, and its writes wait in their topic. */
  readonly destinations: ReadonlyMap<string, Destination>
  readonly onFatal: (error: Error) => void
}

export interface ServiceStatus {
  readonly name: string
  readonly kind: 'producer' | 'resolver' | 'consumer' | 'sink'
  readonly state: 'running' | 'standby' | 'paused' | 'stopped'
  readonly reason?: string
}

export interface RunningPipeline {
  readonly directory: IdentityDirectory
  readonly tables: Tables
  status(): readonly ServiceStatus[]
  /** Drains from the source to the sinks. */
  close(): Promise<void>
}

/** Runs the resolver, the consumers and the sinks of a topology in this process: the same for a cluster, the sample run and the tests. */
export const startPipeline = async (options: PipelineOptions): Promise<RunningPipeline> => {
  const wants = (name: string): boolean => options.only?.has(name) ?? true
  const directory = createDirectory(options.erasureSecret)
  const consumers = options.topology.consumers.filter(
    consumer => wants(consumer.name) && isOn(consumer) && !options.off?.has(consumer.name),
  )
  const tables = await startTables({
    ...options,
    directory,
    state: stateOf(options.topology, new Set(consumers.map(({ name }) => name))),
  })
  await tables.caughtUp(identities.name)
  const resolver = wants(options.topology.resolver.name) ? await startResolver(options) : undefined
  const [running, sinks] = await Promise.all([
    Promise.all(consumers.map(consumer => startConsumer(consumer, { ...options, tables, directory }, options.onFatal))),
    startSinks(options, directory, wants),
  ])
  return {
    directory,
    tables,
    status: () => statusOf(options.topology, resolver, running, sinks),
    close: async () => {
      await resolver?.close()
      await Promise.all(running.map(consumer => consumer.close()))
      await Promise.all([...sinks.values()].map(sink => sink.close()))
      await tables.close()
    },
  }
}

/** State topics to follow, and the group of each of their row keys. */
const stateOf = (topology: Topology, names: ReadonlySet<string>): ReadonlyMap<string, (rowKey: string) => string> => {
  const consumers = topology.consumers.filter(({ name }) => names.has(name))
  const rows = consumers.flatMap(({ keepsPerPerson, keepsPerKey }): [string, (rowKey: string) => string][] => {
    if (keepsPerPerson) return [[keepsPerPerson.table.name, key => key]]
    return keepsPerKey ? [[keepsPerKey.table.name, key => keepsPerKey.inputKeyOf(key)]] : []
  })
  return new Map(consumers.length === 0 ? [] : [...rows, [parked.name, consumerOf]])
}

const startSinks = async (
  options: PipelineOptions,
  directory: IdentityDirectory,
  wants: (name: string) => boolean,
): Promise<ReadonlyMap<string, RunningSink>> => {
  const sinks = new Map<string, RunningSink>()
  for (const sink of options.topology.sinks) {
    const destination = options.destinations.get(sink.name)
    if (wants(sink.name) && destination)
      sinks.set(sink.name, await startSink({ ...options, sink, directory, destination }))
  }
  return sinks
}

const statusOf = (
  topology: Topology,
  resolver: RunningResolver | undefined,
  consumers: readonly RunningConsumer[],
  sinks: ReadonlyMap<string, RunningSink>,
): readonly ServiceStatus[] => [
  ...(resolver ? [{ name: topology.resolver.name, kind: 'resolver' as const, ...resolver.status() }] : []),
  ...consumers.map(consumer => {
    const { state, reason } = consumer.status()
    return { name: consumer.name, kind: 'consumer' as const, state, ...(reason === undefined ? {} : { reason }) }
  }),
  ...[...sinks].map(([name, sink]) => {
    const { state, reason } = sink.status()
    return { name, kind: 'sink' as const, state, ...(reason === undefined ? {} : { reason }) }
  }),
]
