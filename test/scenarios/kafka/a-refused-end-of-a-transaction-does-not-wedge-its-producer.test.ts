/*
 * Guard: services/kafka/groups/group-member.ts
 * -     const producer = await TransactionalProducer.open(
 * +     const producer = (this as { kept?: TransactionalProducer }).kept ??= await TransactionalProducer.open(
 * -           await Promise.race([producer.close(), options.clock.sleep(releasePatienceMs)])
 * +           await (this.isLeaving ? producer.close() : options.clock.sleep(1))
 */
import assert from 'node:assert/strict'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { leadersOf } from '../leaders.ts'
import { openRelay } from '../relay.ts'
import { scenario } from '../scenario.ts'

scenario(
  {
    id: '9',
    sentence:
      'a refused end of a transaction does not wedge its producer: it is made anew, and nothing is lost or twice',
    faults: 'the coordinator of a transaction moves to another broker just before the request to end it arrives',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster)
    const leaders = await leadersOf(context, cluster.brokers)
    const { failures } = await relay.join()
    await relay.tell(50)
    await relay.isThrough()
    const trap = await cluster.trap({ api: 'EndTxn', hold: 'request', containing: relay.transactionalId(0) })
    await relay.tell(50)
    await trap.sprung()
    await leaders.moveCoordinator(relay.transactionalId(0))
    await trap.release()
    const movedAt = performance.now()
    const outcome = await relay.isThrough(40_000)
    assert.deepEqual(failures, ['TASK_FENCED'])
    return { ...outcome, recoverySeconds: (performance.now() - movedAt) / 1_000 }
  },
)
