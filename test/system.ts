import type { Identity, IdentityClaim } from '../schemas/generated.ts'
import type { Destination } from '../services/delivery/destination.ts'
import type { StoredRecord } from '../services/kafka/kafka.ts'
import { type MemoryKafka, memoryKafka } from '../services/kafka/memory/memory.ts'
import { type Codec, createCodec } from '../services/runtime/codec.ts'
import { silentLogger } from '../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../services/runtime/metrics.ts'
import { memoryRegistry, type SchemaRegistry } from '../services/runtime/registry.ts'
import { type RunningPipeline, startPipeline } from '../services/runtime/run-pipeline.ts'
import type { Stream, Table, Topology } from '../topology/define.ts'
import { topicSpecs } from '../topology/topic-specs.ts'
import { identities, identityClaims } from '../topology/topics.ts'
import { type ManualClock, manualClock } from './clock.ts'

/** A topology that runs for real, on a Kafka in memory and a clock moved by hand. */
export interface TestSystem {
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly clock: ManualClock
  readonly metrics: Metrics
  readonly pipeline: RunningPipeline
  /** Appends values to a stream, keyed as it says, and waits until all that comes of them is done. */
  given<Value>(stream: Stream<Value>, ...values: readonly Value[]): Promise<void>
  /** Claims that the aliases are one person, and gives the person's id. */
  person(...aliases: readonly [string, ...string[]]): Promise<string>
  claim(claim: Pick<IdentityClaim, 'aliases'> & Partial<IdentityClaim>): Promise<void>
  /** Every committed value of a stream, decoded, partition by partition. */
  values<Value>(stream: Stream<Value>): Promise<readonly Value[]>
  /** The latest row of each key of a table. */
  rows<Row>(table: Table<Row>): Promise<ReadonlyMap<string, Row>>
  records(topic: string): Promise<readonly StoredRecord[]>
  settle(): Promise<void>
  /** Ends the pipeline as a deployment does and starts it, or only these services of it, anew on the same Kafka. */
  restart(...only: readonly string[]): Promise<void>
  close(): Promise<void>
}

const sinkTickMs = 25

interface TestSystemOptions {
  /** By the sink's name. */
  readonly destinations?: ReadonlyMap<string, Destination>
  readonly parkLimitMs?: number
  readonly deadLettersPerMinute?: number
  readonly registry?: SchemaRegistry
}

export const startTestSystem = async (topology: Topology, options: TestSystemOptions = {}): Promise<TestSystem> => {
  const clock = manualClock()
  const kafka = memoryKafka({ clock })
  await kafka.topics.create([...topicSpecs(topology.topics)])
  const registry = options.registry ?? memoryRegistry()
  const codec = await createCodec({ registry, topics: topology.topics, clock, register: true })
  const metrics = createMetrics()
  const fatal: Error[] = []
  const start = (only: readonly string[] = []): Promise<RunningPipeline> =>
    startPipeline({
      ...(only.length === 0 ? {} : { only: new Set(only) }),
      ...{ topology, kafka, codec, metrics, clock, logger: silentLogger },
      erasureSecret: 'a secret of the tests',
      parkLimitMs: options.parkLimitMs ?? 7 * 86_400_000,
      deadLettersPerMinute: options.deadLettersPerMinute ?? 100,
      recreateDeleted: false,
      destinations: options.destinations ?? new Map(),
      onFatal: error => fatal.push(error),
    })
  let pipeline = await start()
  const publisher = await kafka.publisher('test')
  const settle = async (): Promise<void> => {
    await kafka.idle()
    // Sinks work in turns of the event loop and pace their commits by the clock.
    for (let quiet = 0; options.destinations && quiet < 3; ) {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
      clock.advance(sinkTickMs)
      await kafka.idle()
      quiet = (await metrics.value('tributary_sink_window')) === 0 ? quiet + 1 : 0
    }
    if (fatal[0]) throw fatal[0]
  }
  const records = async (topic: string): Promise<readonly StoredRecord[]> => {
    const offsets = await kafka.topics.offsets(topic)
    const partitions = await Promise.all(
      offsets.map(({ partition, earliest }) => Array.fromAsync(kafka.read(topic, partition, earliest))),
    )
    return partitions.flat()
  }
  let claims = 0
  const claim: TestSystem['claim'] = async given => {
    claims += 1
    const value: IdentityClaim = {
      id: `claim-${claims}`,
      time: clock.now(),
      kind: 'SEEN',
      attributes: {},
      source: 'test',
      ...given,
    }
    await publisher.publish([
      {
        topic: identityClaims.name,
        partition: 0,
        key: given.aliases[0] ?? '',
        value: codec.encode(identityClaims, value),
      },
    ])
    await settle()
  }
  const rows = async <Row>(table: Table<Row>): Promise<ReadonlyMap<string, Row>> => {
    const latest = new Map<string, Row>()
    for (const { key, value } of await records(table.name)) {
      if (value === null) latest.delete(key?.toString() ?? '')
      else latest.set(key?.toString() ?? '', codec.decode(table, value))
    }
    return latest
  }
  return {
    ...{ kafka, codec, clock, metrics, claim, records, rows, settle },
    get pipeline() {
      return pipeline
    },
    given: async (stream, ...values) => {
      const keyOf = stream.keyedBy as (value: unknown) => string
      await publisher.publish(
        values.map(value => ({ topic: stream.name, key: keyOf(value), value: codec.encode(stream, value) })),
      )
      await settle()
    },
    person: async (...aliases) => {
      await claim({ aliases })
      return ((await rows<Identity>(identities)).get(aliases[0]) as Identity).person ?? ''
    },
    values: async stream =>
      (await records(stream.name)).flatMap(({ value }) => (value === null ? [] : [codec.decode(stream, value)])),
    restart: async (...only) => {
      await pipeline.close()
      pipeline = await start(only)
      await settle()
    },
    close: async () => {
      await pipeline.close()
      await publisher.close()
      await kafka.close()
    },
  }
}
