import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { after, before, describe } from 'node:test'
import '../../services/kafka/client/internals.ts'
import kafkajs from 'kafkajs'
import { MockCluster } from './mock-cluster.ts'
import { expected, happens, neverHappens, notInTributary } from './still-happens.ts'

interface Connection {
  readonly socket: Socket
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
}

const load = createRequire(import.meta.url)
const KafkajsConnection: new (options: object) => Connection = load('kafkajs/src/network/connection')
const socketFactory: () => unknown = load('kafkajs/src/network/socketFactory')

let cluster: MockCluster
before(async () => {
  cluster = await MockCluster.start({ topics: { out: 1 } })
})
after(() => cluster.stop())

const warnings: string[] = []
process.on('warning', ({ name }) => warnings.push(name))

const client = () =>
  new kafkajs.Kafka({ clientId: 'upstream', brokers: cluster.brokers, logLevel: kafkajs.logLevel.NOTHING })

const connectionTo = (): Connection => {
  const [host, port] = (cluster.brokers[0] ?? '').split(':')
  const patience = { connectionTimeout: 2_000, requestTimeout: 30_000 }
  return new KafkajsConnection({
    host,
    port: Number(port),
    logger: client().logger(),
    socketFactory: socketFactory(),
    ...patience,
  })
}

const withProducer = async (use: () => Promise<void>): Promise<void> => {
  const producer = client().producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic: 'out', messages: [{ partition: 0, value: 'v' }] })
  await use().finally(() => producer.disconnect())
}

describe('Tributary, connections', () => {
  notInTributary('idle-timer-loop', test =>
    withProducer(async () => {
      const timers = test.mock.method(globalThis, 'setTimeout')
      assert.ok(await neverHappens(() => timers.mock.callCount() > 0))
    }),
  )

  notInTributary('negative-timeout-warning', () =>
    withProducer(async () => {
      assert.ok(await neverHappens(() => warnings.length > 0))
    }),
  )

  notInTributary('connect-twice', async () => {
    const opened = cluster.connections
    const connection = connectionTo()
    await Promise.all([connection.connect(), connection.connect()])
    await happens(() => cluster.connections > opened)
    assert.ok(await neverHappens(() => cluster.connections > opened + 1))
    await connection.disconnect()
  })

  notInTributary('disconnect-leaves-listeners', async () => {
    const connection = connectionTo()
    await connection.connect()
    await connection.disconnect()
    const { socket } = connection
    const left = () => socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0)
    await expected('the end of the socket', () => socket.destroyed)
    const afterwards = left()
    for (let times = 0; times < 5; times++) await connection.disconnect()
    assert.equal(left(), afterwards)
  })
})
