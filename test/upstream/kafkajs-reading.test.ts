import { describe } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { consume, openConsumer, startCluster } from './clients.ts'
import { errors } from './mock-state.ts'
import { abortMarker, recordBatch, recordsOf, textRecord } from './record-batches.ts'
import { expected, happens, neverHappens, stillHappens } from './still-happens.ts'
import { Writer } from './wire.ts'

const compressions: readonly { name: string; codec: number; compress: (bytes: Buffer) => Uint8Array }[] = [
  { name: 'snappy', codec: 2, compress: bytes => snappy.compress(bytes) },
  { name: 'lz4', codec: 3, compress: bytes => lz4.compress(bytes) },
  { name: 'zstd', codec: 4, compress: bytes => zstdCompressSync(bytes) },
]

describe('kafkajs, reading', () => {
  stillHappens('empty-batch-stalls', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    cluster.state.store(
      'in',
      0,
      recordBatch({ at: 0, lastDelta: 9 }),
      recordBatch({ at: 10, records: [textRecord('behind')] }),
    )
    const { values } = await consume(cluster, ['in'])
    await expected('a second fetch', () => cluster.count('Fetch') > 3)
    return neverHappens(() => values.length > 0)
  })

  stillHappens('control-batches-untold', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    cluster.state.store(
      'in',
      0,
      recordBatch({ at: 0, records: [textRecord('aborted')], transactional: true }),
      abortMarker(1, 7),
    )
    const { consumer } = await openConsumer(cluster, ['in'])
    const told: string[] = []
    await consumer.run({
      eachBatch: ({ batch }) => {
        told.push(batch.lastOffset())
        return Promise.resolve()
      },
    })
    await expected('the record', () => told.includes('0'))
    await expected('a fetch behind the control batch', () => cluster.count('Fetch') > 4)
    return neverHappens(() => told.includes('1'))
  })

  stillHappens('offset-reset-in-silence', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    cluster.state.store('in', 0, recordBatch({ at: 100, records: [textRecord('after the gap')] }))
    cluster.state.partition('in', 0).beginning = 100
    cluster.state.committed.set('in/0', 5)
    const { values, crashes } = await consume(cluster, ['in'])
    await happens(() => values.length > 0 || crashes.length > 0)
    return values.length > 0 && crashes.length === 0
  })

  stillHappens('topics-by-name', async () => {
    const cluster = await startCluster({ topics: { in: 1 }, offers: { Fetch: 16 } })
    const nothingSinceVersion7 = new Writer().int32(0).int16(errors.none).int32(0).int32(0)
    cluster.everyTime('Fetch', () => delay(20, nothingSinceVersion7))
    await consume(cluster, ['in'])
    await expected('a fetch', () => cluster.count('Fetch') > 0)
    const firstWithTopicIds = 13
    return cluster.requests.some(({ api, version }) => api === 'Fetch' && version < firstWithTopicIds)
  })

  stillHappens('crc-unchecked', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    cluster.state.store('in', 0, recordBatch({ at: 0, records: [textRecord('damaged')], crc: 1 }))
    const { values, crashes } = await consume(cluster, ['in'])
    await happens(() => values.length > 0 || crashes.length > 0)
    return values.length > 0
  })

  stillHappens('codecs-missing', async () => {
    const lacking = compressions.map(async ({ name, codec, compress }) => {
      const cluster = await startCluster({ topics: { [name]: 1 } })
      const records = [textRecord(name)]
      const body = Buffer.from(compress(recordsOf(records)))
      cluster.state.store(name, 0, recordBatch({ at: 0, records, codec, body }))
      const { values, crashes } = await consume(cluster, [name])
      await happens(() => values.length > 0 || crashes.length > 0)
      return crashes.some(({ restart }) => !restart)
    })
    return (await Promise.all(lacking)).every(isLacking => isLacking)
  })

  stillHappens('large-batch-crashes', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    const records = Array.from({ length: 150_000 }, () => ({ key: null, value: null }))
    cluster.state.store('in', 0, recordBatch({ at: 0, records, codec: 1, body: gzipSync(recordsOf(records)) }))
    const { values, crashes } = await consume(cluster, ['in'])
    await happens(() => values.length > 0 || crashes.length > 0)
    return crashes.some(({ restart }) => !restart)
  })

  stillHappens('slow-partition-blocks', async () => {
    const cluster = await startCluster({ topics: { in: 2 } })
    const values = (name: string) => [0, 1, 2].map(at => recordBatch({ at, records: [textRecord(`${name} ${at}`)] }))
    cluster.state.store('in', 0, ...values('slow'))
    cluster.state.store('in', 1, ...values('fast'))
    const { consumer } = await openConsumer(cluster, ['in'])
    const seen: string[] = []
    const released = Promise.withResolvers<void>()
    await consumer.run({
      partitionsConsumedConcurrently: 2,
      eachMessage: async ({ message }) => {
        seen.push(`${message.value}`)
        if (`${message.value}`.startsWith('slow')) await released.promise
      },
    })
    await expected('a record of each', () => seen.includes('slow 0') && seen.includes('fast 0'))
    const isBlocked = await neverHappens(() => seen.includes('fast 1'))
    released.resolve()
    return isBlocked
  })
})
