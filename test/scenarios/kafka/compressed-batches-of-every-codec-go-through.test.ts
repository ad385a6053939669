/*
 * Guard: services/kafka/reading/compression.ts
 * -   bytes => unlz4(bytes),
 * +
 */
import assert from 'node:assert/strict'
import { createConnection } from '../../../services/kafka/client/client.ts'
import { ClusterReader } from '../../../services/kafka/reading/cluster-reader.ts'
import { decodeRecords } from '../../../services/kafka/reading/record-batch.ts'
import { systemClock } from '../../../services/runtime/clock.ts'
import { silentLogger } from '../../../services/runtime/log.ts'
import { hubspotWrites, identityClaims, tracks } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { openPipeline, trackEvents } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'

/** Where a batch says how it is compressed: the low bits of its attributes, a two-byte number at byte 21. */
const ATTRIBUTES_END = 22
const UNKNOWN_CODEC = 5

scenario(
  {
    id: '19',
    sentence: 'batches packed with lz4, zstd and snappy are read like any other, and an unknown codec is named',
    faults:
      'input topics whose batches the broker packs with lz4, zstd and snappy; a batch of a codec that does not exist',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const { brokers } = cluster
    const system = await openPipeline(context, {
      brokers,
      config: {
        [tracks.name]: { 'compression.type': 'lz4' },
        [identityClaims.name]: { 'compression.type': 'zstd' },
        [hubspotWrites.name]: { 'compression.type': 'snappy' },
      },
    })
    const events = trackEvents(10, 5)
    await system.publish(events)
    await system.start('identity-resolver', 'last-track')
    await system.through(events)

    const options = {
      brokers,
      clientId: 'scenario',
      topicPrefix: system.prefix,
      logger: silentLogger,
      clock: systemClock,
    }
    const reader = new ClusterReader(createConnection(options))
    atEnd(context, () => reader.close())
    const stored = await reader.fetch(identityClaims.name, 0, 0)
    const bytes = Buffer.from(stored.bytes)
    const packed = bytes.readUInt8(ATTRIBUTES_END) & 7
    assert.notEqual(packed, 0, 'the broker has packed the batch')
    bytes.writeUInt8((bytes.readUInt8(ATTRIBUTES_END) & ~7) | UNKNOWN_CODEC, ATTRIBUTES_END)
    assert.throws(() => decodeRecords({ ...stored, bytes }, identityClaims.name, 0), {
      code: 'UNKNOWN_COMPRESSION',
      message: /codec 5/,
    })
    assert.deepEqual(system.fatal, [])
    return { events: events.length, ...(await system.written(events)) }
  },
)
