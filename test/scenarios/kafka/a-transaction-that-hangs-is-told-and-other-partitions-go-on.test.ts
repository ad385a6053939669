/*
 * Guard: services/kafka/reading/fetcher.ts
 * -       this.stalls.see(topic, partition, fetched.stable, fetched.high)
 * +
 */
import assert from 'node:assert/strict'
import type { Stall } from '../../../services/kafka/reading/stalls.ts'
import { tracks } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { brokerPowers } from '../broker-powers.ts'
import { eventually } from '../eventually.ts'
import { openPipeline, trackEvents } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'

const STALLED_AFTER_MS = 2_000
const TOLD_PATIENCE_MS = 30_000

scenario(
  {
    id: '12',
    sentence: 'a transaction of somebody else that stays open is told with its partition, and other partitions go on',
    faults: 'a third producer begins a transaction in a partition of an input topic and does not end it',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const powers = brokerPowers(cluster.brokers)
    const told: Stall[] = []
    const system = await openPipeline(context, {
      brokers: cluster.brokers,
      // On a busy machine transactions of ours may stay open for as long, in topics of their own.
      connect: { stalledAfterMs: STALLED_AFTER_MS, onStall: stall => stall.topic === tracks.name && told.push(stall) },
    })
    await system.start('identity-resolver', 'last-track')
    const events = trackEvents(20, 2)
    await system.publish(events.slice(0, 20))
    await system.through(events.slice(0, 20))
    const places = new Map(
      (await system.records(tracks.name)).map(({ key, partition }) => [key?.toString(), partition]),
    )
    const hanging = places.get(events[0]?.person) ?? 0
    const transaction = await powers.hangingTransaction(system.prefix + tracks.name, hanging, 300_000)
    await system.publish(events.slice(20))
    const behind = events.slice(20).filter(({ person }) => places.get(person) === hanging)
    const others = events.filter(event => !behind.includes(event))
    assert.ok(behind.length > 0 && others.length > 20)
    await system.through(others)
    assert.equal((await system.written(behind)).lost, behind.length, 'what is behind the transaction cannot be read')
    await eventually(() => assert.equal(told.length, 1), TOLD_PATIENCE_MS)
    // The record of the transaction stands before those that it holds back.
    const stall = { topic: tracks.name, partition: hanging, records: behind.length + 1 }
    assert.deepEqual({ ...told[0], ms: 0 }, { ...stall, ms: 0 })
    assert.match(system.log.join(), /Records cannot be read because a transaction before them stays open/)

    const abortedAt = performance.now()
    await transaction.abort()
    await system.through(events)
    await eventually(() => assert.deepEqual({ ...told[1], ms: 0 }, { ...stall, records: 0, ms: 0 }), TOLD_PATIENCE_MS)
    const recoverySeconds = (performance.now() - abortedAt) / 1_000
    return { events: events.length, ...(await system.written(events)), recoverySeconds }
  },
)
