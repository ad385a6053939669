import type { Identity, IdentityClaim } from '../../schemas/generated.ts'
import { type RunningResolver, startResolver } from '../../services/identity/service.ts'
import type { Kafka, Membership, OutgoingRecord, StoredRecord } from '../../services/kafka/kafka.ts'
import { type MemoryKafka, memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { sharedPartitions, topics } from '../../topology/topics.ts'
import { secret } from './claim-sets.ts'

/** A resolver on a cluster in memory, with what a test asks and breaks. */
export class Running {
  readonly kafka: MemoryKafka = memoryKafka()
  readonly metrics = createMetrics()
  readonly logged: string[] = []
  readonly #codec: Codec
  readonly #members = new Map<RunningResolver, Membership>()

  private constructor(codec: Codec) {
    this.#codec = codec
  }

  static async create(): Promise<Running> {
    const running = new Running(
      await createCodec({ registry: memoryRegistry(), topics, clock: systemClock, register: true }),
    )
    await running.kafka.topics.create(
      topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions === 'one' ? 1 : sharedPartitions,
        config: {},
      })),
    )
    return running
  }

  async start(options: { readonly deadLettersPerMinute?: number } = {}): Promise<RunningResolver> {
    let member: Membership | undefined
    const join: Kafka['join'] = async group => {
      member = await this.kafka.join(group)
      return member
    }
    const kafka = new Proxy<Kafka>(this.kafka, {
      get: (target, name) => (name === 'join' ? join : bound(target, name)),
    })
    const resolver = await startResolver({
      kafka,
      codec: this.#codec,
      metrics: this.metrics,
      logger: createLogger({ level: 'trace', write: line => this.logged.push(line) }),
      clock: systemClock,
      erasureSecret: secret,
      deadLettersPerMinute: options.deadLettersPerMinute ?? 100,
      onFatal: error => {
        throw error
      },
    })
    if (member) this.#members.set(resolver, member)
    return resolver
  }

  /** As kill -9 does. */
  crash(resolver: RunningResolver): void {
    const member = this.#members.get(resolver)
    if (member) this.kafka.crash(member)
  }

  /** Publishes claims and waits until they are resolved. */
  async claim(...claims: readonly IdentityClaim[]): Promise<void> {
    const value = (claim: IdentityClaim) =>
      this.#codec.encode({ name: 'identity-claims', record: 'identity-claim' }, claim)
    await this.publish(
      ...claims.map(claim => ({ topic: 'identity-claims', key: claim.aliases[0] ?? claim.id, value: value(claim) })),
    )
  }

  async publish(...records: readonly OutgoingRecord[]): Promise<void> {
    const publisher = await this.kafka.publisher('test')
    await publisher.publish(records)
    await publisher.close()
    await this.kafka.idle()
  }

  async records(topic: string): Promise<readonly StoredRecord[]> {
    return (await Array.fromAsync(this.kafka.read(topic, 0, 0))).filter(record => record.topic === topic)
  }

  async claims(): Promise<readonly IdentityClaim[]> {
    const records = await this.records('identity-claims')
    const values = records.flatMap(({ value }) => value ?? [])
    await this.#codec.prepare(values)
    return values.map(value => this.#codec.decode({ name: 'identity-claims', record: 'identity-claim' }, value))
  }

  /** The table as a reader of the whole topic has it. */
  async rows(): Promise<ReadonlyMap<string, Identity>> {
    const records = await this.records('identities')
    await this.#codec.prepare(records.map(({ value }) => value))
    const rows = new Map<string, Identity>()
    for (const { key, value } of records) {
      if (value === null) rows.delete(String(key))
      else rows.set(String(key), this.#codec.decode({ name: 'identities', record: 'identity' }, value))
    }
    return rows
  }

  async lag(): Promise<number> {
    const lags = await this.kafka.lag('identity-resolver', ['identity-claims'])
    return lags.reduce((sum, { records }) => sum + records, 0)
  }
}

const bound = (target: object, name: string | symbol): unknown => {
  const member: unknown = Reflect.get(target, name)
  return typeof member === 'function' ? member.bind(target) : member
}
