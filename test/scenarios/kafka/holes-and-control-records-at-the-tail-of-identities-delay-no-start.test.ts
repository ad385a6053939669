/*
 * Guard: services/kafka/reading/record-batch.ts
 * -     next = Math.max(next, batch.last + 1)
 * +     next = (records.at(-1)?.offset ?? next - 1) + 1
 */
import assert from 'node:assert/strict'
import { identities } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { brokerPowers } from '../broker-powers.ts'
import { eventually } from '../eventually.ts'
import { openPipeline, trackEvents } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'

/** Segments that the cleaner may have at once. */
const cleanedSoon = { 'segment.ms': '10', 'min.cleanable.dirty.ratio': '0.001', 'delete.retention.ms': '0' }

scenario(
  {
    id: '17',
    sentence: 'services start although the identities end in compaction holes, emptied batches and control records',
    faults: 'superseded rows removed by the cleaner, then an aborted transaction as the last that the topic holds',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const powers = brokerPowers(cluster.brokers)
    await powers.cleanOften()
    const system = await openPipeline(context, {
      brokers: cluster.brokers,
      config: { [identities.name]: cleanedSoon },
    })
    const events = trackEvents(10, 4)
    const [before, after] = [events.slice(0, 20), events.slice(20)]
    await system.publish(before)
    const first = await system.start('identity-resolver', 'last-track')
    await system.through(before)
    await first.close()

    const holes = async (): Promise<number> => {
      const [{ earliest = 0, stable = 0 } = {}] = await system.kafka.topics.offsets(identities.name)
      return stable - earliest - (await system.records(identities.name)).length
    }
    const rows = await system.records(identities.name)
    const holesAtFirst = await holes()
    const publisher = await system.kafka.publisher('again')
    await eventually(async () => {
      // Only a closed segment is cleaned, and one is closed by the next record that comes after its time.
      for (const { key, value } of rows.slice(-5))
        await publisher.publish([{ topic: identities.name, partition: 0, key, value }])
      assert.ok((await holes()) >= holesAtFirst + 10)
    })
    await publisher.close()
    const transaction = await powers.hangingTransaction(system.prefix + identities.name, 0, 60_000)
    await transaction.abort()

    const startedAt = performance.now()
    await system.start('identity-resolver', 'last-track')
    await system.publish(after)
    await system.through(after)
    const recoverySeconds = (performance.now() - startedAt) / 1_000
    return { events: events.length, ...(await system.written(events)), recoverySeconds }
  },
)
