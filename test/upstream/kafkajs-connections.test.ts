import type { Socket } from 'node:net'
import { describe } from 'node:test'
import type { Logger } from 'kafkajs'
import { clientOf, kafkajs, openProducer, startCluster } from './clients.ts'
import { failing, type MockCluster } from './mock-cluster.ts'
import { shipped } from './shipped.ts'
import { expected, happens, neverHappens, rejectionOf, stillHappens } from './still-happens.ts'

interface Connection {
  readonly socket: Socket
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
}

type ConnectionClass = new (options: object) => Connection

interface ErrorTable {
  createErrorFromCode(code: number): { readonly code: number }
}
const unknownErrorCode = -99

const warnings: string[] = []
process.on('warning', ({ name }) => warnings.push(name))

const connectionTo = (cluster: MockCluster): Connection => {
  const Connection = shipped<ConnectionClass>('kafkajs/src/network/connection')
  const socketFactory = shipped<() => unknown>('kafkajs/src/network/socketFactory')()
  const logger: Logger = clientOf(cluster).logger()
  const [host, port] = (cluster.brokers[0] ?? '').split(':')
  const patience = { connectionTimeout: 2_000, requestTimeout: 30_000 }
  return new Connection({ host, port: Number(port), logger, socketFactory, ...patience })
}

describe('kafkajs, connections', () => {
  stillHappens('idle-timer-loop', async test => {
    const cluster = await startCluster({ topics: { out: 1 } })
    const producer = await openProducer(cluster)
    await producer.send({ topic: 'out', messages: [{ partition: 0, value: 'v' }] })
    const timers = test.mock.method(globalThis, 'setTimeout')
    const armed = () => timers.mock.calls.filter(({ arguments: [, ms = 0] }) => ms <= 1).length
    const manyTimes = 50
    return happens(() => armed() >= manyTimes, 1_000)
  })

  stillHappens('negative-timeout-warning', async () => {
    const cluster = await startCluster({ topics: { out: 1 } })
    const producer = await openProducer(cluster)
    await producer.send({ topic: 'out', messages: [{ partition: 0, value: 'v' }] })
    return happens(() => warnings.includes('TimeoutNegativeWarning'), 1_000)
  })

  stillHappens('connect-twice', async () => {
    const cluster = await startCluster()
    const connection = connectionTo(cluster)
    await Promise.all([connection.connect(), connection.connect()])
    const opened = await happens(() => cluster.connections > 1, 500)
    await connection.disconnect()
    return opened
  })

  stillHappens('disconnect-leaves-listeners', async () => {
    const cluster = await startCluster()
    const connection = connectionTo(cluster)
    await connection.connect()
    await connection.disconnect()
    const { socket } = connection
    const left = () => socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0)
    await expected('the end of the socket', () => socket.destroyed)
    const before = left()
    for (let times = 0; times < 5; times++) await connection.disconnect()
    return left() > before
  })

  stillHappens('disconnect-waits', async () => {
    const cluster = await startCluster({ topics: { out: 1 } })
    const producer = await openProducer(cluster, { retry: { retries: 0 } })
    cluster.everyTime('Produce', () => 'silence')
    void rejectionOf(producer.send({ topic: 'out', messages: [{ partition: 0, value: 'v' }] }))
    await expected('the request', () => cluster.count('Produce') > 0)
    let isDone = false
    const disconnecting = producer.disconnect().then(() => {
      isDone = true
    })
    const waits = await neverHappens(() => isDone)
    await cluster.stop()
    await disconnecting
    return waits
  })

  stillHappens('error-codes-end', () => {
    const { createErrorFromCode } = shipped<ErrorTable>('kafkajs/src/protocol/error')
    const producerFenced = 90
    const unknownTopicId = 100
    return [producerFenced, unknownTopicId].every(code => createErrorFromCode(code).code === unknownErrorCode)
  })

  stillHappens('errors-for-retries', async () => {
    const cluster = await startCluster({ topics: { out: 1 } })
    const errors: string[] = []
    const logCreator = () => (entry: { log: { message: string } }) => errors.push(entry.log.message)
    cluster.nextTime('InitProducerId', failing('concurrentTransactions'))
    const client = clientOf(cluster, { logLevel: kafkajs.logLevel.ERROR, logCreator })
    await openProducer(cluster, { idempotent: true }, client)
    return errors.length > 0
  })
})
