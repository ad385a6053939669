/*
 * Guard: services/kafka/groups/seat.ts
 * -       if (!this.leaving.signal.aborted) await this.rest(failure)
 * +       if (failure !== undefined) this.leaving.abort()
 */
import assert from 'node:assert/strict'
import type { TestCluster } from '../../cluster/cluster.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { openRelay, type Relay } from '../relay.ts'
import { scenario } from '../scenario.ts'

scenario(
  {
    id: '11',
    sentence: 'a coordinator that dies, of a transaction that is about to end or of the group, is followed by another',
    faults: 'kill -9 of the broker that coordinates an open transaction, then of the one that coordinates the group',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster, { partitions: 2 })
    const members = [await relay.join(), await relay.join()]
    await relay.tell(100)
    await relay.isThrough()
    const ofTransaction = await afterKilling(cluster, relay, 'transaction', relay.transactionalId(0))
    assert.ok(members.some(({ failures }) => failures.includes('TASK_FENCED')))
    await cluster.heal()
    const ofGroup = await afterKilling(cluster, relay, 'group', relay.group)
    await cluster.heal()
    const outcome = await relay.isThrough()
    return { ...outcome, recoverySeconds: Math.max(ofTransaction, ofGroup) }
  },
)

/** Kills the coordinator while a transaction waits to be ended. Gives the seconds until everything is through, with the broker still down. */
const afterKilling = async (
  cluster: TestCluster,
  relay: Relay,
  kind: 'transaction' | 'group',
  name: string,
): Promise<number> => {
  const trap = await cluster.trap({ api: 'EndTxn', hold: 'request', containing: relay.transactionalId(0) })
  await relay.tell(100)
  await trap.sprung()
  const coordinator = await cluster.coordinatorOf(kind, name)
  await coordinator.kill()
  await trap.release()
  const killedAt = performance.now()
  await relay.tell(100)
  await relay.isThrough(120_000)
  return (performance.now() - killedAt) / 1_000
}
