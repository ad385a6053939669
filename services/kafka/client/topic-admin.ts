import kafkajs, { type Admin } from 'kafkajs'
import { TributaryError } from '../../runtime/errors.ts'
import type { TopicAdmin, TopicCreation, TopicDescription } from '../kafka.ts'
import type { ClusterReader } from '../reading/cluster-reader.ts'
import type { Connection } from './client.ts'
import { topicExists, unavailable, unknownTopic } from './failures.ts'
import { configureTopicCall } from './requests.ts'

const patienceMs = 30_000
const pollMs = 50
/** DescribeConfigs: where a setting comes from; 1 is the topic's own. */
const topicSource = 1

/** Topics under the prefix, over connections that live for one call: kafkajs' admin goes on asking for topics that were deleted meanwhile. */
export class KafkaTopicAdmin implements TopicAdmin {
  private readonly connection: Connection
  private readonly reader: ClusterReader

  constructor(connection: Connection, reader: ClusterReader) {
    this.connection = connection
    this.reader = reader
  }

  describe(): Promise<readonly TopicDescription[]> {
    return this.withAdmin('describe the topics', async admin => {
      const prefix = this.connection.physical('')
      const { topics } = await admin.fetchTopicMetadata()
      const ours = topics.filter(({ name }) => name.startsWith(prefix) && !name.startsWith('__'))
      const configs = await configsOf(
        admin,
        ours.map(({ name }) => name),
      )
      return ours
        .map(({ name, partitions }) => ({
          name: name.slice(prefix.length),
          partitions: partitions.length,
          replicationFactor: partitions[0]?.replicas.length ?? 0,
          config: configs.get(name) ?? {},
        }))
        .sort((a, b) => a.name.localeCompare(b.name))
    })
  }

  async create(topics: readonly TopicCreation[]): Promise<void> {
    if (topics.length === 0) return
    const names = topics.map(({ name }) => this.connection.physical(name))
    await this.withAdmin('create topics', async admin => {
      const existing = (await admin.listTopics()).filter(name => names.includes(name))
      if (existing.length > 0) throw topicExists(existing)
      await admin.createTopics({
        // With waitForLeaders kafkajs fails on a fresh cluster of several brokers, whose metadata spread slowly.
        waitForLeaders: false,
        topics: topics.map(({ name, partitions, replicationFactor, config }) => ({
          topic: this.connection.physical(name),
          numPartitions: partitions,
          replicationFactor: replicationFactor ?? -1,
          configEntries: Object.entries(config).map(([setting, value]) => ({ name: setting, value })),
        })),
      })
      await this.waitUntil('elect leaders of new topics', () => haveLeaders(admin, names))
    })
  }

  async configure(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const topic = this.connection.physical(name)
    await this.reader.configure(name, configureTopicCall(topic, config))
    await this.withAdmin('show the new settings of a topic', admin =>
      this.waitUntil('show the new settings of a topic', async () => {
        const shown = (await configsOf(admin, [topic])).get(topic) ?? {}
        return Object.entries(config).every(([setting, value]) => shown[setting] === value)
      }),
    )
  }

  async delete(names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    await this.withAdmin('delete topics', async admin => {
      const topics = names.map(this.connection.physical)
      const existing = await admin.listTopics()
      const missing = topics.find(topic => !existing.includes(topic))
      if (missing !== undefined) throw unknownTopic(missing)
      await admin.deleteTopics({ topics })
      for (const name of names) this.reader.forget(name)
      await this.waitUntil('show that topics are gone', async () => {
        const left = await admin.listTopics()
        return !topics.some(topic => left.includes(topic))
      })
    })
  }

  async offsets(name: string): Promise<readonly { partition: number; earliest: number; stable: number }[]> {
    const [earliest, stable] = await Promise.all([
      this.reader.offsets(name, 'earliest'),
      this.reader.offsets(name, 'stable'),
    ])
    return [...stable]
      .map(([partition, end]) => ({ partition, earliest: earliest.get(partition) ?? 0, stable: end }))
      .sort((a, b) => a.partition - b.partition)
  }

  /** The brokers learn of a change one after the other. */
  private async waitUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const { clock } = this.connection.options
    const until = clock.now() + patienceMs
    while (!(await isSo())) {
      if (clock.now() >= until) throw unavailable(what, new Error(`not within ${patienceMs} ms`))
      await clock.sleep(pollMs)
    }
  }

  private async withAdmin<Result>(what: string, use: (admin: Admin) => Promise<Result>): Promise<Result> {
    const admin = this.connection.client.admin()
    try {
      await admin.connect()
      return await use(admin)
    } catch (error) {
      throw error instanceof TributaryError ? error : refusal(what, error)
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }
}

const configsOf = async (
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => {
  if (names.length === 0) return new Map()
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => {
      const own = configEntries.filter(({ configSource }) => Number(configSource) === topicSource)
      return [resourceName, Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]))]
    }),
  )
}

/** A topic that the asked broker has not heard of yet has no leaders either. */
const haveLeaders = async (admin: Admin, names: readonly string[]): Promise<boolean> => {
  const found = await admin.fetchTopicMetadata({ topics: [...names] }).catch(() => ({ topics: [] }))
  return (
    found.topics.length === names.length &&
    found.topics.every(({ partitions }) => partitions.every(one => one.leader >= 0))
  )
}

interface Refusal {
  readonly errors?: readonly { readonly topic?: string; readonly message: string; readonly type?: string }[]
  readonly retriable?: boolean
  readonly type?: string
}

/** A broker's refusal of some topics is for a person to mend; everything else passes. */
const refusal = (what: string, error: unknown): TributaryError => {
  const { errors = [] } = error as Refusal
  if (errors.length === 0) return unavailable(what, error)
  const reasons = errors.map(({ topic, type, message }) => `${topic ?? 'a topic'}: ${type ?? message}`)
  return new TributaryError('TOPICS_REFUSED', `Expected the broker to ${what}, got: ${reasons.join('; ')}.`, {
    cause: error,
  })
}
