import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'

const PATIENCE_MS = 90_000
const POLL_MS = 200

/** How the cluster stands, as its brokers tell. Each question has a connection of its own. */
export const examine = (brokers: readonly string[]) => ({
  leaderOf: (topic: string, partition: number): Promise<number> =>
    asking(brokers, async admin => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)
      if (!found || found.leader < 0) throw new Error(`Partition ${partition} of ${topic} has no leader`)
      return found.leader
    }),

  coordinatorOf: (kind: 'group' | 'transaction', name: string): Promise<number> => {
    const internal = kind === 'group' ? '__consumer_offsets' : '__transaction_state'
    return asking(brokers, async admin => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [internal] })
      const partitions = topics[0]?.partitions ?? []
      const own = partitions.find(({ partitionId }) => partitionId === coordinatorPartition(name, partitions.length))
      if (!own || own.leader < 0) throw new Error(`${name} has no coordinator`)
      return own.leader
    })
  },

  /** Resolves when every partition has so many replicas in sync. */
  inSync: async (replicas: number): Promise<void> => {
    const giveUpAt = performance.now() + PATIENCE_MS
    for (;;) {
      const lagging = await asking(brokers, admin => laggingIn(admin, replicas)).catch(error => [String(error)])
      if (lagging.length === 0) return
      if (performance.now() > giveUpAt) throw new Error(`Not in sync after ${PATIENCE_MS} ms: ${lagging.slice(0, 5)}`)
      await delay(POLL_MS)
    }
  },
})

const laggingIn = async (admin: Admin, replicas: number): Promise<readonly string[]> => {
  const { brokers } = await admin.describeCluster()
  if (brokers.length < replicas) return [`${brokers.length} brokers`]
  const { topics } = await admin.fetchTopicMetadata()
  return topics.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ isr, leader, replicas: all }) => isr.length < Math.min(replicas, all.length) || leader < 0)
      .map(({ partitionId }) => `${name} ${partitionId}`),
  )
}

const asking = async <Result>(brokers: readonly string[], ask: (admin: Admin) => Promise<Result>): Promise<Result> => {
  const client = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'cluster',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 8 },
  })
  const admin = client.admin()
  try {
    await admin.connect()
    return await ask(admin)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/**
 * Where Kafka keeps the state of a group or transactional id (physical): `Utils.abs(name.hashCode()) % partitions`, as GroupCoordinatorService and
 * TransactionStateManager have it. Kafka's `abs` of the smallest integer is 0.
 */
export const coordinatorPartition = (name: string, partitions: number): number => {
  let hash = 0
  for (const character of name) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0
  return hash === -(2 ** 31) ? 0 : Math.abs(hash) % partitions
}
