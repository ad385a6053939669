/*
 * Guard: services/kafka/publishing/publisher.ts
 * - for (const { call } of calls) call.reject(failure)
 * + for (const { call } of calls) call.resolve([])
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { TestNode } from '../../cluster/cluster.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openRelay, readAll } from '../relay.ts'
import { scenario } from '../scenario.ts'

const PARTITIONS = 3
const AT_ONCE = 300
/** Far above what a test with three connections needs, far below what a queue that nobody empties would take. */
const HEAP_BYTES = 50_000_000

scenario(
  {
    id: '14',
    sentence:
      'with one full disk of three all goes on; with two it waits, holding no more, and goes on when there is room',
    faults: 'no file of a broker can grow, then none of a second one, until both are started with room again',
    skip: spawnSync('prlimit', ['--version']).status === 0 ? false : 'prlimit (util-linux) is not on this machine',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster, { partitions: PARTITIONS })
    const { kafka } = relay
    const member = await relay.join()
    await relay.tell(AT_ONCE)
    await relay.isThrough()

    const first = await cluster.leaderOf(`${relay.options.topicPrefix}in`, 0)
    await first.fillDisk()
    await relay.tell(AT_ONCE)
    await relay.isThrough()

    const second = await leaderOtherThan(first, () => cluster.leaderOf(`${relay.options.topicPrefix}in`, 0))
    const publisher = await kafka.publisher('refused')
    atEnd(context, () => publisher.close())
    const heapBefore = process.memoryUsage().heapUsed
    await second.fillDisk()
    const refused = { topic: 'in', partition: 0, key: '0', value: Buffer.from('told again') }
    const waiting = relay.tell(AT_ONCE)
    await assert.rejects(publisher.publish([refused]), { code: 'KAFKA_UNAVAILABLE', errorClass: 'retryable' })
    assert.ok(process.memoryUsage().heapUsed < heapBefore + HEAP_BYTES, 'nothing piles up meanwhile')

    await Promise.all([first.start(), second.start()])
    const backAt = performance.now()
    await waiting
    const outcome = await relay.isThrough()
    const recoverySeconds = (performance.now() - backAt) / 1_000
    assert.deepEqual(member.membership.owned().toSorted(), [0, 1, 2])
    assert.equal((await readAll(kafka, 'out')).length, (await readAll(kafka, 'in')).length)
    return { ...outcome, recoverySeconds }
  },
)

/** Who leads when another has taken over. */
const leaderOtherThan = (former: TestNode, leader: () => Promise<TestNode>): Promise<TestNode> =>
  eventually(async () => {
    const found = await leader()
    assert.notEqual(found.id, former.id)
    return found
  })
