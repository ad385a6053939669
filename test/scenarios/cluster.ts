import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka, StoredRecord } from '../../services/kafka/kafka.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { connectRegistry } from '../../services/runtime/registry.ts'
import type { Table } from '../../topology/define.ts'
import { groupsOf } from '../../topology/groups.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { parked } from '../../topology/topics.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { runProgram } from './program.ts'
import type { Settings } from './settings.ts'

/** Where a Kafka and its registry are. */
export interface Platform {
  readonly brokers: readonly string[]
  readonly registryUrl: string
}

/** The topics of one system, as a test looks at them. */
export interface Cluster {
  readonly kafka: Kafka
  readonly codec: Codec
  /** Committed records, partition by partition. */
  records(topic: string): Promise<readonly StoredRecord[]>
  /** The latest record of each key. A null value says that the row is gone. */
  latest(topic: string): Promise<ReadonlyMap<string, StoredRecord>>
  /** The rows of a table by key; those that are gone are not there. */
  rows<Row>(table: Table<Row>): Promise<ReadonlyMap<string, Row>>
  /** Records that wait for this service. */
  waitingFor(service: string): Promise<number>
  /** Records that this service is done with. */
  handledBy(service: string): Promise<number>
  /** Resolves when every service (but the named ones) has handled and delivered all that there is, and nothing waits for its person. */
  quiet(except?: readonly string[]): Promise<void>
}

/** Settings of a system that shares a cluster with others and emulates every vendor. */
export const sharingSettings = ({ brokers, registryUrl }: Platform): Settings & { readonly TOPIC_PREFIX: string } => ({
  KAFKA_BROKERS: brokers.join(),
  SCHEMA_REGISTRY_URL: registryUrl,
  TOPIC_PREFIX: `scenario-${randomBytes(4).toString('hex')}-`,
  SANDBOX: 'zoom,hubspot,salesforce',
  ERASURE_SECRET: randomBytes(32).toString('hex'),
})

/** Makes the topics and schemas that these settings name, as an operator does. */
export const applyTopology = async (context: TestContext, settings: Settings): Promise<void> => {
  const { code, stderr } = await runProgram(context, ['topology', 'apply'], settings)
  assert.equal(code, 0, stderr)
}

/** Looks at the topics with this prefix; they must have been made. */
export const connectCluster = async (
  context: TestContext,
  { brokers, registryUrl }: Platform,
  topicPrefix: string,
): Promise<Cluster> => {
  const clock = systemClock
  const kafka = connectKafka({ brokers, clientId: 'scenario', topicPrefix, logger: silentLogger, clock })
  atEnd(context, () => kafka.close())
  const registry = connectRegistry({ url: registryUrl })
  const codec = await createCodec({ registry, topics: pipeline.topics, clock, topicPrefix, register: false })
  const groups = groupsOf(pipeline)
  const records: Cluster['records'] = async topic => {
    const partitions = await kafka.topics.offsets(topic)
    const read = partitions.map(({ partition, earliest }) => Array.fromAsync(kafka.read(topic, partition, earliest)))
    return (await Promise.all(read)).flat()
  }
  const latest: Cluster['latest'] = async topic =>
    new Map((await records(topic)).map(record => [record.key?.toString() ?? '', record]))
  const waitingFor = async (service: string): Promise<number> =>
    (await kafka.lag(service, groups.get(service) ?? [])).reduce((sum, lag) => sum + lag.records, 0)
  const handledBy = async (service: string): Promise<number> => {
    const waiting = await waitingFor(service)
    const inputs = await Promise.all((groups.get(service) ?? []).map(records))
    return inputs.flat().length - waiting
  }
  const loose = async (except: readonly string[]): Promise<number> => {
    const waiting = await Promise.all([...groups.keys()].filter(name => !except.includes(name)).map(waitingFor))
    const events = [...(await latest(parked.name)).values()].filter(({ value }) => value !== null)
    return waiting.reduce((sum, records) => sum + records, 0) + events.length
  }
  return {
    ...{ kafka, codec, records, latest, waitingFor, handledBy },
    rows: async table => {
      const kept = [...(await latest(table.name))].filter(([, { value }]) => value !== null)
      await codec.prepare(kept.map(([, { value }]) => value))
      return new Map(kept.map(([key, { value }]) => [key, codec.decode(table, value ?? Buffer.alloc(0))]))
    },
    // What a release or a merge sends on may show a moment after its input was committed.
    quiet: async (except = []) => {
      for (let looks = 0; looks < 3; looks++) await eventually(async () => assert.equal(await loose(except), 0))
    },
  }
}
