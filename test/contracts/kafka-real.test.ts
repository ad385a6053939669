import { randomUUID } from 'node:crypto'
import { after, before } from 'node:test'
import kafkajs, { type Producer } from 'kafkajs'
import { connectKafka } from '../../services/kafka/connect.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { startTestKafka, type TestKafka } from '../kafka.ts'
import { kafkaContract } from './kafka.contract.ts'
import { type KafkaUnderTest, keyed, publish, readAll, until } from './kafka-harness.ts'

let cluster: TestKafka | undefined

before(async () => {
  cluster = await startTestKafka()
  await cleanOften()
})
after(() => cluster?.stop())

kafkaContract('Kafka on a broker', () => Promise.resolve(underTest(cluster?.brokers ?? [])))

/** The log cleaner looks every 15 s; a test should not wait for so long. */
const cleanOften = (): Promise<void> =>
  withAdmin(async admin => {
    const { brokers } = await admin.describeCluster()
    const configEntries = [{ name: 'log.cleaner.backoff.ms', value: '100' }]
    const type = kafkajs.ConfigResourceTypes.BROKER
    const resources = brokers.map(({ nodeId }) => ({ type, name: String(nodeId), configEntries }))
    await admin.alterConfigs({ validateOnly: false, resources })
  })

const withAdmin = async (act: (admin: kafkajs.Admin) => Promise<void>): Promise<void> => {
  const admin = client().admin()
  try {
    await admin.connect()
    await act(admin)
  } finally {
    await admin.disconnect()
  }
}

const client = (): kafkajs.Kafka =>
  new kafkajs.Kafka({
    brokers: cluster?.brokers ?? [],
    clientId: 'contract-powers',
    logLevel: kafkajs.logLevel.NOTHING,
  })

const underTest = (brokers: readonly string[]): KafkaUnderTest => {
  const topicPrefix = `${randomUUID().slice(0, 8)}-`
  const options = { brokers, topicPrefix, logger: silentLogger, clock: systemClock, heartbeatIntervalMs: 200 }
  const kafka = connectKafka({ ...options, clientId: 'one' })
  const another = connectKafka({ ...options, clientId: 'another' })
  return {
    kafka,
    another,
    takeOver: (group, partition) => inTransaction(`${topicPrefix}${group}-${partition}`, () => Promise.resolve()),
    appendAborted: async records => {
      const ends: { topic: string; partition: number; end: number }[] = []
      await inTransaction(`${topicPrefix}aborted-${randomUUID()}`, async transaction => {
        for (const { topic, partition, key, value } of records) {
          const message = { key, value, ...(partition === undefined ? {} : { partition }) }
          const [sent] = await transaction.send({ topic: topicPrefix + topic, messages: [message] })
          ends.push({ topic, partition: sent?.partition ?? 0, end: Number(sent?.baseOffset) + 2 })
        }
      })
      await until('the abort is written', async () => {
        const stable = await Promise.all(
          ends.map(async at => (await kafka.topics.offsets(at.topic))[at.partition]?.stable),
        )
        return ends.every(({ end }, index) => (stable[index] ?? 0) >= end)
      })
    },
    compact: async topic => {
      const written = (await readAll(kafka, topic)).length
      const soon = { 'segment.ms': '10', 'min.cleanable.dirty.ratio': '0.001', 'delete.retention.ms': '0' }
      await kafka.topics.configure(topic, soon)
      await until('the cleaner has been there', async () => {
        // Only a closed segment is cleaned, and one is closed by the next record that comes after its time.
        await publish(kafka, keyed(topic, ['roll'], 0))
        return (await readAll(kafka, topic)).length < written
      })
    },
    truncate: async (topic, partition, offset) => {
      const admin = client().admin()
      await admin.connect()
      await admin.fetchTopicMetadata({ topics: [topicPrefix + topic] })
      await admin.deleteTopicRecords({
        topic: topicPrefix + topic,
        partitions: [{ partition, offset: String(offset) }],
      })
      await admin.disconnect()
    },
    close: async () => {
      await Promise.all([kafka.close(), another.close()])
    },
  }
}

type Transaction = Awaited<ReturnType<Producer['transaction']>>

/** Fences whoever has this id, and aborts what is done in the transaction. */
const inTransaction = async (
  transactionalId: string,
  act: (transaction: Transaction) => Promise<void>,
): Promise<void> => {
  const producer = client().producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  try {
    await producer.connect()
    const transaction = await producer.transaction()
    await act(transaction)
    await transaction.abort()
  } finally {
    await producer.disconnect()
  }
}
