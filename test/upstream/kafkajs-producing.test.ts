import { describe } from 'node:test'
import { clientOf, openProducer, quick, startCluster } from './clients.ts'
import { doneButHungUp, slowBesideRefusing } from './mock-cluster.ts'
import { shipped } from './shipped.ts'
import { expected, ratio, rejectionOf, stillHappens } from './still-happens.ts'

type Group = (of: {
  readonly topic: string
  readonly partitionMetadata: readonly object[]
  readonly messages: readonly object[]
  readonly partitioner: () => number
}) => unknown

describe('kafkajs, producing', () => {
  stillHappens('leader-move-loses', async () => {
    const cluster = await startCluster({ brokers: 2, topics: { out: 2 } })
    const producer = await openProducer(cluster)
    const moving = cluster.state.partition('out', 1)
    // Broker 1 takes its part at once; broker 2 answers that partition 1 is led by broker 1 now.
    cluster.everyTime('Produce', async ({ node }, usual) => {
      if (node === 2) {
        await expected('an answer of broker 1', () => cluster.state.partition('out', 0).values.length > 0)
        moving.leader = 1
      }
      return usual()
    })
    const messages = [0, 1].map(partition => ({ partition, value: `of ${partition}` }))
    const acknowledged = (await rejectionOf(producer.send({ topic: 'out', messages }))) === undefined
    return acknowledged && moving.values.length === 0
  })

  stillHappens('leader-move-repeats', async () => {
    const cluster = await startCluster({ brokers: 3, topics: { out: 2 } })
    const producer = await openProducer(cluster, { idempotent: true })
    const [taken, refused] = [0, 1].map(index => cluster.state.partition('out', index))
    // Broker 1 takes its part; broker 2 does not, and then broker 3 leads both.
    cluster.everyTime('Produce', async ({ node }, usual) => {
      if (node === 2) {
        await expected('an answer of broker 1', () => taken?.values.length === 1)
        for (const partition of [taken, refused]) if (partition) partition.leader = 3
      }
      return usual()
    })
    await producer.send({ topic: 'out', messages: [0, 1].map(partition => ({ partition, value: `of ${partition}` })) })
    return taken?.values.length === 2
  })

  stillHappens('refusal-repeats', async () => {
    const cluster = await startCluster({ brokers: 6, topics: { out: 2 } })
    const producer = await openProducer(cluster, { idempotent: true })
    const taken = cluster.state.partition('out', 0)
    const messages = [0, 1].map(partition => ({ partition, value: `of ${partition}` }))
    // It asks any broker for the leaders before it tries again; the one that is slow holds it up until it has answered.
    for (let sends = 1; sends <= 12; sends++) {
      slowBesideRefusing(cluster)
      await producer.send({ topic: 'out', messages })
      if (taken.values.length > sends) return true
    }
    return false
  })

  stillHappens('concurrent-sends-reuse-sequence', async () => {
    const cluster = await startCluster({ topics: { out: 1 } })
    const producer = await openProducer(cluster, { idempotent: true })
    cluster.nextTime('Produce', doneButHungUp)
    const sent = ['A', 'B'].map(value => producer.send({ topic: 'out', messages: [{ partition: 0, value }] }))
    const outcomes = await Promise.allSettled(sent)
    const { values } = cluster.state.partition('out', 0)
    return outcomes.every(({ status }) => status === 'fulfilled') && ['A,A', 'B,B'].includes(values.join())
  })

  stillHappens('retry-repartitions', async () => {
    const cluster = await startCluster({ topics: { out: 2 } })
    const producer = await openProducer(cluster, { idempotent: true })
    cluster.nextTime('Produce', doneButHungUp)
    await producer.send({ topic: 'out', messages: [{ key: null, value: 'once' }] })
    return [0, 1].every(index => cluster.state.partition('out', index).values.length === 1)
  })

  stillHappens('quadratic-grouping', () => {
    const group = shipped<Group>('kafkajs/src/producer/groupMessagesPerPartition')
    const grouped = (count: number) => {
      const messages = Array.from({ length: count }, () => ({ value: 'v' }))
      return () => group({ topic: 'out', partitionMetadata: [{}], messages, partitioner: () => 0 })
    }
    const [few, many] = [grouped(500), grouped(10_000)]
    const inPieces = () => {
      for (let piece = 0; piece < 20; piece++) few()
    }
    // The same records: in linear time it would be one, in quadratic time it is twenty.
    return ratio(many, inPieces) > 4
  })

  stillHappens('strangers-topic-stops-producer', async () => {
    const cluster = await startCluster({ topics: { ours: 1, theirs: 1 } })
    const leaderNotAvailable = 5
    cluster.state.partition('theirs', 0).error = leaderNotAvailable
    const client = clientOf(cluster, { retry: { ...quick, retries: 1 } })
    const rejection = await rejectionOf(openProducer(cluster, { idempotent: true }, client))
    return rejection !== undefined
  })
})
