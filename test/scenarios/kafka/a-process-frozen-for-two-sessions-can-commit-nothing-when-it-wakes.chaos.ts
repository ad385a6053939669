/*
 * Guard: services/kafka/groups/group-member.ts
 * -       physical(`${group}-${partition}`),
 * +       physical(`${group}-${partition}-${process.hrtime.bigint()}`),
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openRelay, readAll } from '../relay.ts'
import { launchRelay } from '../relay-process.ts'
import { scenario } from '../scenario.ts'

const SESSION_MS = 2_000

scenario(
  {
    id: '3',
    sentence: 'a process that was frozen for two sessions in the middle of a transaction commits nothing when it wakes',
    faults:
      'SIGSTOP of a process for twice its session timeout while its transaction is open, another takes over, SIGCONT',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster, { sessionTimeoutMs: SESSION_MS })
    const zombie = await launchRelay(context, relay)
    // Its records are written when this is held; what moves its offsets and ends the transaction follows when it wakes.
    const trap = await cluster.trap({
      api: 'TxnOffsetCommit',
      hold: 'request',
      containing: relay.transactionalId(0),
    })
    await relay.tell(100)
    await trap.sprung()
    zombie.signal('SIGSTOP')
    const frozenAt = performance.now()
    const heir = await relay.join()
    await eventually(() => assert.deepEqual(heir.membership.owned(), [0]))
    await eventually(async () => assert.notDeepEqual(await readAll(relay.kafka, 'out'), []))
    const recoverySeconds = (performance.now() - frozenAt) / 1_000
    await delay(Math.max(0, 2 * SESSION_MS - 1_000 * recoverySeconds))
    zombie.signal('SIGCONT')
    await trap.release()
    await eventually(() => assert.deepEqual(zombie.failures, ['TASK_FENCED']))
    await relay.tell(100)
    return { ...(await relay.isThrough()), recoverySeconds }
  },
)
