import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { Track } from '../../schemas/generated.ts'
import type { Destination } from '../../services/delivery/destination.ts'
import { type ConnectOptions, connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka, StoredRecord } from '../../services/kafka/kafka.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { createLogger, type Logger } from '../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { type RunningPipeline, startPipeline } from '../../services/runtime/run-pipeline.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { consumer, type Sink, type Table, type Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import {
  deadLetters,
  delivered,
  hubspotWrites,
  hubspotWritesReplay,
  identities,
  identityClaims,
  parked,
  receipts,
  tracks,
} from '../../topology/topics.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { within } from './within.ts'

const START_PATIENCE_MS = 40_000

/** The consumer of these scenarios: the name of each event becomes two properties of its person's contact. */
export const lastTrack = consumer({
  name: 'last-track',
  reads: tracks,
  joins: { table: identities, by: 'person', ifMissing: 'create' },
  writes: [hubspotContact],
  handle: ({ event }) => {
    if (event.name.startsWith('poison')) throw new TypeError(`the handler stumbles over ${event.name}`)
    const fields = { zoom_webinar_comments: event.name, company: event.name }
    return { writes: [hubspotContact.set(fields, { createIfMissing: true })] }
  },
})

/** From tracks by way of the resolver and one consumer to one sink: enough for what is about Kafka and not about a vendor. */
export const topology: Topology = {
  ...pipeline,
  topics: [
    ...[tracks, identityClaims, identities, parked, deadLetters],
    ...[hubspotWrites, hubspotWritesReplay, delivered, receipts],
  ],
  producers: [],
  consumers: [lastTrack],
  sinks: pipeline.sinks.filter(({ name }: Sink) => name === 'hubspot'),
}

export interface PipelineOnKafka {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly metrics: Metrics
  /** Put before the names of topics and groups. */
  readonly prefix: string
  /** What was logged, a line of JSON each. */
  readonly log: readonly string[]
  /** Why the process would have ended. */
  readonly fatal: readonly Error[]
  /** Starts these services, all when none is named; closed after the test. */
  start(...only: readonly string[]): Promise<RunningPipeline>
  publish(events: readonly Track[]): Promise<void>
  records(topic: string): Promise<readonly StoredRecord[]>
  /** The rows of a table by key; those that are gone are not there. */
  rows<Row>(table: Table<Row>): Promise<ReadonlyMap<string, Row>>
  /** Records that wait for the group. */
  waitingFor(group: string): Promise<number>
  /** What of the events was asked of the sink: all of it once, or `lost` and `duplicated` say what not. */
  written(events: readonly Track[]): Promise<{ readonly lost: number; readonly duplicated: number }>
  /** Resolves when each of the events was asked of the sink. */
  through(events: readonly Track[]): Promise<void>
}

interface Options {
  readonly brokers: readonly string[]
  /** By the sink's name; its writes wait in their topic when it has none. */
  readonly destinations?: ReadonlyMap<string, Destination>
  /** Settings of topics beside those of the map, by topic. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly connect?: Partial<ConnectOptions>
  /** Instead of `topology`. */
  readonly map?: Topology
}

/** Topics of the scenario's own on a real cluster, and its services in this process. */
export const openPipeline = async (
  context: TestContext,
  { brokers, destinations = new Map(), config = {}, connect = {}, map = topology }: Options,
): Promise<PipelineOnKafka> => {
  const prefix = `scenario-${randomBytes(4).toString('hex')}-`
  const log: string[] = []
  const logger: Logger = createLogger({ level: 'warn', write: line => log.push(line) })
  const kafka = connectKafka({ brokers, clientId: 'scenario', topicPrefix: prefix, logger, clock, ...connect })
  atEnd(context, () => kafka.close())
  await kafka.topics.create(
    topicSpecs(map.topics).map(spec => ({ ...spec, config: { ...spec.config, ...config[spec.name] } })),
  )
  const codec = await createCodec({ registry: memoryRegistry(), topics: map.topics, clock, register: true })
  const metrics = createMetrics()
  const fatal: Error[] = []
  const records: PipelineOnKafka['records'] = async topic => {
    const partitions = await kafka.topics.offsets(topic)
    const read = partitions.map(({ partition, earliest }) => Array.fromAsync(kafka.read(topic, partition, earliest)))
    return (await Promise.all(read)).flat()
  }
  const written: PipelineOnKafka['written'] = async events => {
    const asked = (await records(hubspotWrites.name)).map(
      ({ value }) => codec.decode(hubspotWrites, value ?? Buffer.alloc(0)).cause.eventId,
    )
    const found = new Set(asked)
    // A publisher is outside of transactions: when a leader moves it may append an event twice, and each is asked for once.
    const told = (await records(tracks.name)).map(({ value }) => codec.decode(tracks, value ?? Buffer.alloc(0)).eventId)
    const repeated = told.length - new Set(told).size
    return {
      lost: events.filter(({ eventId }) => !found.has(eventId)).length,
      duplicated: Math.max(0, asked.length - found.size - repeated),
    }
  }
  return {
    ...{ kafka, codec, metrics, prefix, log, fatal, records, written },
    rows: async <Row>(table: Table<Row>) => {
      const rows = new Map<string, Row>()
      for (const { key, value } of await records(table.name)) {
        if (value === null) rows.delete(key?.toString() ?? '')
        else rows.set(key?.toString() ?? '', codec.decode(table, value))
      }
      return rows
    },
    start: async (...only) => {
      const starting = startPipeline({
        ...(only.length === 0 ? {} : { only: new Set(only) }),
        ...{ topology: map, kafka, codec, metrics, clock, logger, destinations },
        ...{ erasureSecret: 'a secret of the scenarios', parkLimitMs: 7 * 86_400_000, deadLettersPerMinute: 100 },
        ...{ recreateDeleted: false, onFatal: (error: Error) => fatal.push(error) },
      })
      const running = await within(START_PATIENCE_MS, 'the services have started', starting)
      atEnd(context, () => running.close())
      return running
    },
    publish: async events => {
      const publisher = await kafka.publisher('scenario')
      await publisher.publish(
        events.map(event => ({ topic: tracks.name, key: event.person, value: codec.encode(tracks, event) })),
      )
      await publisher.close()
    },
    waitingFor: async group => {
      const topics = group === lastTrack.name ? [tracks.name] : [hubspotWrites.name]
      return (await kafka.lag(group, topics)).reduce((sum, lag) => sum + lag.records, 0)
    },
    through: async events => {
      await eventually(async () => assert.ok(fatal.length > 0 || (await written(events)).lost === 0))
      if (fatal[0]) throw fatal[0]
    },
  }
}

/** So many events of each of so many people; `name` of the event tells its number. */
export const trackEvents = (people: number, each: number): readonly Track[] =>
  Array.from({ length: people * each }, (_, index) => trackOf(index, index % people, `event ${index}`))

/** @param number makes its id */
export const trackOf = (number: number, person: number, name: string): Track => {
  const alias = `email:person${person}@tracks.example.com`
  const occurredAt = Date.UTC(2026, 8, 1) + number
  return {
    ...{ eventId: `track:${number}`, source: 'segment:scenario', occurredAt, receivedAt: occurredAt, kind: 'TRACK' },
    ...{ name, person: alias, aliases: [alias], account: null, core: false, properties: {}, destinations: {} },
  }
}
