import { describe } from 'node:test'
import { openAdmin, openProducer, quick, startCluster } from './clients.ts'
import { failing, type MockCluster } from './mock-cluster.ts'
import { rejectionOf, stillHappens } from './still-happens.ts'

const message = { topic: 'out', messages: [{ partition: 0, value: 'v' }] }
const offsets = { consumerGroupId: 'group', topics: [{ topic: 'in', partitions: [{ partition: 0, offset: '1' }] }] }

const openTransactional = (cluster: MockCluster) =>
  openProducer(cluster, { transactionalId: 'group-0', idempotent: true, maxInFlightRequests: 1 })

const start = (options: Parameters<typeof startCluster>[0] = {}) =>
  startCluster({ topics: { in: 1, out: 1 }, ...options })

describe('kafkajs, transactions', () => {
  stillHappens('failed-commit-wedges', async () => {
    const cluster = await start()
    const producer = await openTransactional(cluster)
    const transaction = await producer.transaction()
    await transaction.send(message)
    cluster.nextTime('EndTxn', () => 'hang up')
    const failures = [
      await rejectionOf(transaction.commit()),
      await rejectionOf(transaction.abort()),
      await rejectionOf(producer.transaction()),
    ]
    return failures.every(failure => failure !== undefined)
  })

  stillHappens('commit-tried-once', async () => {
    const cluster = await start()
    const producer = await openTransactional(cluster)
    const transaction = await producer.transaction()
    await transaction.send(message)
    cluster.nextTime('EndTxn', failing('coordinatorNotAvailable'))
    return (await rejectionOf(transaction.commit())) !== undefined && cluster.count('EndTxn') === 1
  })

  stillHappens('offsets-not-retried', async () => {
    const cluster = await start()
    const producer = await openTransactional(cluster)
    const transaction = await producer.transaction()
    cluster.nextTime('AddOffsetsToTxn', failing('concurrentTransactions'))
    return (await rejectionOf(transaction.sendOffsets(offsets))) !== undefined
  })

  stillHappens('coordinator-not-remembered', async () => {
    const cluster = await start()
    const producer = await openTransactional(cluster)
    const once = async () => {
      const transaction = await producer.transaction()
      await transaction.send(message)
      await transaction.sendOffsets(offsets)
      await transaction.commit()
    }
    await once()
    const before = cluster.count('FindCoordinator')
    await once()
    return cluster.count('FindCoordinator') > before
  })

  stillHappens('transaction-ignores-retry', async test => {
    const cluster = await start()
    const producer = await openTransactional(cluster)
    const timers = test.mock.method(globalThis, 'setTimeout')
    cluster.nextTime('InitProducerId', failing('concurrentTransactions'))
    await (await producer.transaction()).abort()
    const pauses = timers.mock.calls.map(({ arguments: [, ms] }) => ms ?? 0)
    const defaultPauses = { least: 240, most: 360 }
    return pauses.some(ms => ms > quick.maxRetryTime && ms >= defaultPauses.least && ms <= defaultPauses.most)
  })

  stillHappens('fences-late', async () => {
    const cluster = await start()
    const fenced: (string | null)[] = []
    cluster.everyTime('InitProducerId', ({ body }, usual) => {
      fenced.push(body.string())
      return usual()
    })
    const producer = await openTransactional(cluster)
    const whenConnected = fenced.includes('group-0')
    await producer.transaction()
    if (!fenced.includes('group-0')) throw new Error('The transactional id was never initialised')
    return !whenConnected
  })

  stillHappens('offsets-without-generation', async () => {
    const cluster = await start({ offers: { TxnOffsetCommit: 5 } })
    const producer = await openTransactional(cluster)
    const transaction = await producer.transaction()
    cluster.everyTime('TxnOffsetCommit', () => 'hang up')
    await rejectionOf(transaction.sendOffsets(offsets))
    const firstWithGeneration = 3
    return cluster.requests.some(({ api, version }) => api === 'TxnOffsetCommit' && version < firstWithGeneration)
  })

  stillHappens('reads-unstable-offsets', async () => {
    const cluster = await start({ offers: { OffsetFetch: 8 } })
    const admin = await openAdmin(cluster)
    cluster.everyTime('OffsetFetch', () => 'hang up')
    await rejectionOf(admin.fetchOffsets({ groupId: 'group', topics: ['in'] }))
    const firstWithRequireStable = 7
    return cluster.requests.some(({ api, version }) => api === 'OffsetFetch' && version < firstWithRequireStable)
  })
})
