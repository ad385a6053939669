/*
 * Guard: services/kafka/groups/transactional-producer.ts
 * -     await transaction.commit()
 * +     await transaction.commit().catch(() => undefined)
 */
import assert from 'node:assert/strict'
import { hubspotWrites } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openPipeline, trackEvents } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'

scenario(
  {
    id: '10',
    sentence: 'a transaction that exceeds its time is aborted as a whole, shows no half output, and is done again',
    faults: 'the request that ends a transaction is held for longer than transaction.timeout.ms (10 s)',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const system = await openPipeline(context, { brokers: cluster.brokers })
    const events = trackEvents(1, 60)
    await system.publish(events.slice(0, 1))
    await system.start('identity-resolver', 'last-track')
    await system.through(events.slice(0, 1))
    const stable = async (): Promise<number> => (await system.kafka.topics.offsets(hubspotWrites.name))[0]?.stable ?? 0
    const stoodAt = await stable()
    const trap = await cluster.trap({ api: 'EndTxn', hold: 'request', containing: `${system.prefix}last-track-` })
    await system.publish(events.slice(1))
    await trap.sprung()
    const heldAt = performance.now()
    // Readers wait behind the open transaction until the coordinator, or the producer's successor, has aborted it.
    await eventually(async () => {
      const visible = (await system.records(hubspotWrites.name)).length
      assert.ok((await stable()) > stoodAt)
      assert.ok(visible === 1 || visible === events.length, `${visible} of ${events.length} writes are visible`)
    })
    await trap.release()
    await system.through(events)
    const recoverySeconds = (performance.now() - heldAt) / 1_000
    assert.match(system.log.join(), /A task has failed/)
    const { lost, duplicated } = await system.written(events)
    assert.deepEqual({ lost, duplicated }, { lost: 0, duplicated: 0 })
    return { events: events.length, lost, duplicated, recoverySeconds }
  },
)
