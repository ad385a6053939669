import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { AdminConfig, ConsumerConfig, KafkaConfig, ProducerConfig } from 'kafkajs'
import { MockCluster, type MockOptions } from './mock-cluster.ts'
import { shipped } from './shipped.ts'

type Kafkajs = typeof import('kafkajs')

export const kafkajs = shipped<Kafkajs>('kafkajs')

/** Quick, so that a reproduction of a retry takes milliseconds. */
export const quick = { initialRetryTime: 5, maxRetryTime: 20, retries: 10 }

/** A disconnect may wait for an answer (disconnect-waits); the end of its cluster frees it. */
const disconnectPatienceMs = 2_000

/** Disconnects and ends what was made here when the tests of the file are done. */
const open: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of open.reverse()) await Promise.race([close(), delay(disconnectPatienceMs, null, { ref: false })])
})

export const startCluster = async (options: MockOptions = {}): Promise<MockCluster> => {
  const cluster = await MockCluster.start(options)
  open.push(() => cluster.stop())
  return cluster
}

/** kafkajs as shipped, with a mock cluster. */
export const clientOf = (cluster: MockCluster, options: Partial<KafkaConfig> = {}) =>
  new kafkajs.Kafka({
    clientId: 'upstream',
    brokers: cluster.brokers,
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 30_000,
    retry: quick,
    ...options,
  })

export const openProducer = async (cluster: MockCluster, options: ProducerConfig = {}, client = clientOf(cluster)) => {
  const producer = client.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: quick,
    ...options,
  })
  open.push(() => producer.disconnect())
  await producer.connect()
  return producer
}

export const openAdmin = async (cluster: MockCluster, options: AdminConfig = {}) => {
  const admin = clientOf(cluster).admin({ retry: quick, ...options })
  open.push(() => admin.disconnect())
  await admin.connect()
  return admin
}

export interface Consumed {
  readonly values: string[]
  /** Whether each crash is followed by a restart. */
  readonly crashes: { readonly error: Error; readonly restart: boolean }[]
}

/** A consumer that has not been told to run yet, and what it will have delivered by `note`. */
export const openConsumer = async (cluster: MockCluster, topics: string[], options: Partial<ConsumerConfig> = {}) => {
  const consumer = clientOf(cluster).consumer({
    groupId: 'group',
    heartbeatInterval: 20,
    maxWaitTimeInMs: 20,
    retry: quick,
    ...options,
  })
  open.push(() => consumer.disconnect())
  const consumed: Consumed = { values: [], crashes: [] }
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => consumed.crashes.push({ error, restart }))
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  return { consumer, consumed }
}

/** Consumes topics and keeps the values. */
export const consume = async (cluster: MockCluster, topics: string[]): Promise<Consumed> => {
  const { consumer, consumed } = await openConsumer(cluster, topics)
  await consumer.run({
    eachMessage: ({ message }) => {
      consumed.values.push(`${message.value}`)
      return Promise.resolve()
    },
  })
  return consumed
}
