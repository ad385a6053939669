import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createConnection } from '../../services/kafka/client/client.ts'
import { connectKafka } from '../../services/kafka/connect.ts'
import { TransactionalProducer } from '../../services/kafka/groups/transactional-producer.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { refusedPartitions } from './mock-answers.ts'
import { doneButHungUp, failing, MockCluster, type MockOptions, slowBesideRefusing } from './mock-cluster.ts'
import { expected, notInTributary } from './still-happens.ts'

const open: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of open.reverse()) await close()
})

const startCluster = async (options: MockOptions): Promise<MockCluster> => {
  const cluster = await MockCluster.start(options)
  open.push(() => cluster.stop())
  return cluster
}

const reaching = ({ brokers }: MockCluster) => ({
  brokers,
  clientId: 'upstream',
  logger: silentLogger,
  clock: systemClock,
})

const openPublisher = async (cluster: MockCluster) => {
  const kafka = connectKafka(reaching(cluster))
  open.push(() => kafka.close())
  return await kafka.publisher('upstream')
}

const openTransactional = async (cluster: MockCluster) => {
  const producer = await TransactionalProducer.open(createConnection(reaching(cluster)), 'group-0', 'group')
  open.push(() => producer.close())
  return producer
}

const recordOf = (text: string, partition?: number) => ({
  topic: 'out',
  key: null,
  value: Buffer.from(text),
  ...(partition === undefined ? {} : { partition }),
})
const records = [{ record: recordOf('v', 0), partition: 0 }]
const offsets = [{ topic: 'in', partition: 0, offset: 1 }]
const topics = { in: 1, out: 1 }

describe('Tributary, producing', () => {
  notInTributary('leader-move-loses', async () => {
    const cluster = await startCluster({ brokers: 2, topics: { out: 2 } })
    const publisher = await openPublisher(cluster)
    const moving = cluster.state.partition('out', 1)
    cluster.everyTime('Produce', async ({ node }, usual) => {
      if (node === 2) {
        await expected('an answer of broker 1', () => cluster.state.partition('out', 0).values.length > 0)
        moving.leader = 1
      }
      return usual()
    })
    await assert.rejects(publisher.publish([recordOf('stays', 0), recordOf('moves', 1)]), { code: 'KAFKA_UNAVAILABLE' })
    await publisher.publish([recordOf('moves', 1)])
    assert.deepEqual(moving.values, ['moves'])
  })

  notInTributary('refusal-repeats', async () => {
    const cluster = await startCluster({ brokers: 6, topics: { out: 2 } })
    const publisher = await openPublisher(cluster)
    for (let sends = 1; sends <= 4; sends++) {
      slowBesideRefusing(cluster)
      await publisher.publish([recordOf('slow', 0), recordOf('refused', 1)])
      assert.deepEqual(
        [0, 1].map(index => cluster.state.partition('out', index).values.length),
        [sends, sends],
      )
    }
  })

  notInTributary('concurrent-sends-reuse-sequence', async () => {
    const cluster = await startCluster({ topics })
    const publisher = await openPublisher(cluster)
    cluster.nextTime('Produce', doneButHungUp)
    await Promise.all(['A', 'B'].map(text => publisher.publish([recordOf(text, 0)])))
    assert.deepEqual(cluster.state.partition('out', 0).values, ['A', 'B'])
  })

  notInTributary('strangers-topic-stops-producer', async () => {
    const cluster = await startCluster({ topics: { ...topics, theirs: 1 } })
    const leaderNotAvailable = 5
    cluster.state.partition('theirs', 0).error = leaderNotAvailable
    await (await openPublisher(cluster)).publish([recordOf('A', 0)])
    await (await openTransactional(cluster)).commit(records, offsets)
    assert.deepEqual(cluster.state.partition('out', 0).values, ['A', 'v'])
  })

  notInTributary('retry-repartitions', async () => {
    const publisher = await openPublisher(await startCluster({ topics }))
    await assert.rejects(publisher.publish([recordOf('anywhere')]), { code: 'RECORD_WITHOUT_PLACE' })
  })

  notInTributary('quadratic-grouping', async () => {
    const cluster = await startCluster({ topics })
    const publisher = await openPublisher(cluster)
    await publisher.publish(Array.from({ length: 1_200 }, (_, index) => recordOf(`${index}`, 0)))
    assert.equal(cluster.count('Produce'), 3)
  })
})

describe('Tributary, transactions', () => {
  it('a coordinator that refuses the partitions of one broker leaves nothing twice with another', async () => {
    const cluster = await startCluster({ brokers: 6, topics: { in: 1, out: 2 } })
    const producer = await openTransactional(cluster)
    for (let commits = 1; commits <= 4; commits++) {
      let asked = 0
      cluster.everyTime('Produce', async ({ node }, usual) => {
        const reply = await usual()
        if (node === 1) await delay(500)
        return reply
      })
      cluster.everyTime('AddPartitionsToTxn', (request, usual) =>
        ++asked === 2 ? refusedPartitions(request, cluster.state, {}) : usual(),
      )
      const both = [0, 1].map(partition => ({ record: recordOf('v', partition), partition }))
      await producer.commit(both, offsets)
      const counts = [0, 1].map(index => cluster.state.partition('out', index).values.length)
      assert.deepEqual(counts, [commits, commits])
    }
  })

  notInTributary('leader-move-repeats', async () => {
    const cluster = await startCluster({ brokers: 3, topics: { in: 1, out: 2 } })
    const producer = await openTransactional(cluster)
    const [taken, refused] = [0, 1].map(index => cluster.state.partition('out', index))
    cluster.everyTime('Produce', async ({ node }, usual) => {
      if (node === 2) {
        await expected('an answer of broker 1', () => taken?.values.length === 1)
        for (const partition of [taken, refused]) if (partition) partition.leader = 3
      }
      return usual()
    })
    const both = [0, 1].map(partition => ({ record: recordOf('v', partition), partition }))
    await assert.rejects(producer.commit(both, offsets), { code: 'ACKNOWLEDGED_TWICE' })
    assert.equal(cluster.state.committed.has('in/0'), false)
  })

  notInTributary('failed-commit-wedges', async () => {
    const cluster = await startCluster({ topics })
    const failed = await openTransactional(cluster)
    cluster.nextTime('EndTxn', () => 'hang up')
    await assert.rejects(failed.commit(records, offsets))
    await failed.close()
    await (await openTransactional(cluster)).commit(records, offsets)
    assert.equal(cluster.state.committed.get('in/0'), 1)
  })

  notInTributary('offsets-not-retried', async () => {
    const cluster = await startCluster({ topics })
    const producer = await openTransactional(cluster)
    for (let times = 0; times < 3; times++) cluster.nextTime('AddOffsetsToTxn', failing('concurrentTransactions'))
    await producer.commit([], offsets)
    assert.equal(cluster.state.committed.get('in/0'), 1)
  })

  notInTributary('coordinator-not-remembered', async () => {
    const cluster = await startCluster({ topics })
    const producer = await openTransactional(cluster)
    const before = cluster.count('FindCoordinator')
    await producer.commit(records, offsets)
    // Of the transaction and of the group: once each at most.
    assert.ok(cluster.count('FindCoordinator') - before <= 2)
  })

  notInTributary('transaction-ignores-retry', async test => {
    const cluster = await startCluster({ topics })
    const timers = test.mock.method(globalThis, 'setTimeout')
    cluster.nextTime('InitProducerId', (_request, usual) => usual())
    cluster.nextTime('InitProducerId', failing('concurrentTransactions'))
    await openTransactional(cluster)
    const pauses = timers.mock.calls.map(({ arguments: [, ms = 0] }) => ms)
    assert.deepEqual(
      pauses.filter(ms => ms >= 200 && ms < 1_000),
      [],
    )
  })

  notInTributary('fences-late', async () => {
    const cluster = await startCluster({ topics })
    const fenced: (string | null)[] = []
    cluster.everyTime('InitProducerId', ({ body }, usual) => {
      fenced.push(body.string())
      return usual()
    })
    await openTransactional(cluster)
    assert.ok(fenced.includes('group-0'))
  })
})
