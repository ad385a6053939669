/*
 * Guard: services/delivery/state/window.ts
 * -     return working < this.#most && this.#marks.length - this.#head < this.#mostMarks
 * +     return working < Number.POSITIVE_INFINITY
 */
import assert from 'node:assert/strict'
import type { SinkWrite } from '../../../schemas/generated.ts'
import { memoryDestination } from '../../../services/delivery/memory.ts'
import { defaultDeliverySettings } from '../../../services/delivery/settings.ts'
import { systemClock as clock } from '../../../services/runtime/clock.ts'
import { hubspotWrites } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openPipeline, type PipelineOnKafka } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'
import { addressesOf, countOf, knowPeople } from '../sink-writes.ts'

const USUAL_MS = 100
const PEOPLE = 3_000
const SESSION_MS = 6_000
/** Far above what the window holds, far below what the backlog would take if it were read on. */
const HEAP_BYTES = 150_000_000

scenario(
  {
    id: 'slow sink',
    sentence:
      'at a vendor ten times slower a sink holds a bounded number of writes, its lag grows, and it keeps its partition',
    faults: 'each request to the vendor takes ten times as long, for longer than a session of the group',
  },
  async context => {
    const cluster = await startTestKafka()
    atEnd(context, () => cluster.stop())
    const vendor = memoryDestination({ clock, name: 'hubspot', batchSize: 100 })
    vendor.latencyMs = 10 * USUAL_MS
    const system = await openPipeline(context, {
      brokers: cluster.brokers,
      destinations: new Map([['hubspot', vendor]]),
      connect: { sessionTimeoutMs: SESSION_MS },
    })
    const sink = await system.start('identity-resolver', 'hubspot')
    const people = await knowPeople(system, addressesOf(PEOPLE))
    const writes = people.map(person => countOf(person, 1))
    const heapAtFirst = process.memoryUsage().heapUsed
    await publish(system, writes.slice(0, 100))
    const slowSince = performance.now()
    const lagAtFirst = await system.waitingFor('hubspot')
    await publish(system, writes.slice(100))

    let most = 0
    const look = async (): Promise<void> => {
      most = Math.max(most, await system.metrics.value('tributary_sink_window', { sink: 'hubspot' }))
      assert.ok(process.memoryUsage().heapUsed < heapAtFirst + HEAP_BYTES)
    }
    await eventually(async () => {
      await look()
      assert.ok(performance.now() - slowSince > SESSION_MS + 1_000)
    })
    const lag = await system.waitingFor('hubspot')
    assert.ok(lag > lagAtFirst, `the lag grows: ${lagAtFirst}, then ${lag}`)
    assert.equal(sink.status().find(({ name }) => name === 'hubspot')?.state, 'running')

    vendor.latencyMs = USUAL_MS / 10
    const wellSince = performance.now()
    await eventually(async () => {
      await look()
      assert.equal(await system.waitingFor('hubspot'), 0)
    })
    const recoverySeconds = (performance.now() - wellSince) / 1_000
    assert.ok(most > 0 && most <= defaultDeliverySettings.window, `the sink held ${most} writes`)
    const counted = { lost: PEOPLE - vendor.records.size, duplicated: vendor.effects.length - PEOPLE }
    assert.deepEqual(counted, { lost: 0, duplicated: 0 }, 'no partition was lost and read again')
    assert.deepEqual([system.fatal, system.log], [[], []])
    return { events: PEOPLE, ...counted, recoverySeconds }
  },
)

const publish = async ({ kafka, codec }: PipelineOnKafka, writes: readonly SinkWrite[]): Promise<void> => {
  const publisher = await kafka.publisher('writes')
  await publisher.publish(
    writes.map(write => ({ topic: hubspotWrites.name, key: write.person, value: codec.encode(hubspotWrites, write) })),
  )
  await publisher.close()
}
