import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin, type Producer, type Transaction } from 'kafkajs'

/** What operators, other programs and time do to a topic (physical names), which the seam to Kafka cannot. */
export interface BrokerPowers {
  /** Removes the records before an offset, as retention does. */
  removeBefore(topic: string, partition: number, offset: number): Promise<void>
  /** Sets where a group goes on. */
  moveGroup(group: string, topic: string, offsets: readonly number[]): Promise<void>
  /** By partition: where the group goes on; -1 where it never was. */
  groupStands(group: string, topic: string): Promise<readonly number[]>
  /** Begins a transaction of a program of somebody else, and appends a record in it. It stays open until it is ended. */
  hangingTransaction(topic: string, partition: number, timeoutMs: number): Promise<OpenTransaction>
  /** Makes the cleaner look every 100 ms. */
  cleanOften(): Promise<void>
}

export interface OpenTransaction {
  abort(): Promise<void>
}

export const brokerPowers = (brokers: readonly string[]): BrokerPowers => {
  const client = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'somebody-else',
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const asking = async <Result>(ask: (admin: Admin) => Promise<Result>): Promise<Result> => {
    const admin = client.admin()
    try {
      await admin.connect()
      return await ask(admin)
    } finally {
      await admin.disconnect()
    }
  }
  return {
    removeBefore: (topic, partition, offset) =>
      asking(async admin => {
        await admin.fetchTopicMetadata({ topics: [topic] })
        await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
      }),
    moveGroup: (groupId, topic, offsets) =>
      asking(async admin => {
        const partitions = offsets.map((offset, partition) => ({ partition, offset: String(offset) }))
        await admin.setOffsets({ groupId, topic, partitions })
      }),
    groupStands: (groupId, topic) =>
      asking(async admin => {
        const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
        const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition)
        return partitions.map(({ offset }) => Number(offset))
      }),
    hangingTransaction: async (topic, partition, timeoutMs) => {
      const producer = client.producer({
        transactionalId: `somebody-else-${topic}-${partition}`,
        transactionTimeout: timeoutMs,
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      })
      await producer.connect()
      const transaction = await begun(producer)
      await transaction.send({ topic, messages: [{ partition, key: 'never', value: 'of a transaction that hangs' }] })
      return {
        abort: async () => {
          await transaction.abort()
          await producer.disconnect()
        },
      }
    },
    cleanOften: () =>
      asking(async admin => {
        const { brokers: nodes } = await admin.describeCluster()
        const configEntries = [{ name: 'log.cleaner.backoff.ms', value: '100' }]
        const type = kafkajs.ConfigResourceTypes.BROKER
        const resources = nodes.map(({ nodeId }) => ({ type, name: String(nodeId), configEntries }))
        await admin.alterConfigs({ validateOnly: false, resources })
      }),
  }
}

const BEGIN_PATIENCE = 50
const BEGIN_PAUSE_MS = 100

/** A coordinator that loads its state refuses for a while. */
const begun = async (producer: Producer): Promise<Transaction> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await producer.transaction()
    } catch (error) {
      if (attempt === BEGIN_PATIENCE) throw error
      await delay(BEGIN_PAUSE_MS)
    }
  }
}
