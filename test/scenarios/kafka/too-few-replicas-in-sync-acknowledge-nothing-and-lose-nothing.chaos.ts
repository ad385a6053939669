/*
 * Guard: services/kafka/publishing/publisher.ts
 * - for (const { call } of calls) call.reject(failure)
 * + for (const { call } of calls) call.resolve([])
 */
import assert from 'node:assert/strict'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openRelay, readAll } from '../relay.ts'
import { scenario } from '../scenario.ts'

const AT_ONCE = 60
const ALL_REPLICAS = { 'min.insync.replicas': '3' }

scenario(
  {
    id: '13',
    sentence: 'with too few replicas in sync producers back off, nothing counts as acknowledged, and nothing is lost',
    faults:
      'min.insync.replicas=3 and one of three brokers down: first for what a service writes, then for its input too',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster)
    const { kafka } = relay
    const member = await relay.join()
    await relay.tell(AT_ONCE)
    await relay.isThrough()

    await kafka.topics.configure('out', ALL_REPLICAS)
    await cluster.nodes[0]?.shutDown()
    await relay.tell(AT_ONCE)
    await kafka.topics.configure('in', ALL_REPLICAS)
    const publisher = await kafka.publisher('refused')
    atEnd(context, () => publisher.close())
    const told = await readAll(kafka, 'in')
    assert.equal(told.length, 2 * AT_ONCE, 'what was acknowledged meanwhile is there')
    const refused = { topic: 'in', partition: 0, key: 'refused', value: Buffer.from('record') }
    await assert.rejects(publisher.publish([refused]), { code: 'KAFKA_UNAVAILABLE', errorClass: 'retryable' })
    const waiting = relay.tell(AT_ONCE)
    await eventually(() => assert.notDeepEqual(member.failures, [], 'the service cannot commit either'))
    assert.deepEqual(await readAll(kafka, 'in'), told)
    assert.equal((await readAll(kafka, 'out')).length, AT_ONCE)

    await cluster.nodes[0]?.start()
    const backAt = performance.now()
    await waiting
    const outcome = await relay.isThrough()
    const recoverySeconds = (performance.now() - backAt) / 1_000
    assert.equal((await readAll(kafka, 'in')).length, outcome.events, 'what was tried again is there once')
    const tries = member.failures.length
    assert.ok(tries < AT_ONCE, `the service backs off: it tried ${tries} times`)
    return { ...outcome, recoverySeconds }
  },
)
