/*
 * Guard: services/kafka/groups/transactional-producer.ts
 * -     if (offsets.length > 0) await this.sendOffsets(transaction, offsets)
 * +
 */
import assert from 'node:assert/strict'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openRelay, readAll } from '../relay.ts'
import { launchRelay } from '../relay-process.ts'
import { scenario } from '../scenario.ts'

scenario(
  {
    id: '2',
    sentence:
      'a process killed before it hears that its transaction was committed is followed by one that goes on behind it',
    faults: 'kill -9 between the request to end a transaction and its answer',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster)
    const doomed = await launchRelay(context, relay)
    const trap = await cluster.trap({ api: 'EndTxn', hold: 'answer', containing: relay.transactionalId(0) })
    await relay.tell(100)
    await trap.sprung()
    await doomed.kill()
    await trap.release()
    const killedAt = performance.now()
    // It was committed, though nobody was told.
    await eventually(async () => assert.notEqual((await readAll(relay.kafka, 'out')).length, 0))
    await relay.join()
    const outcome = await relay.isThrough()
    return { ...outcome, recoverySeconds: (performance.now() - killedAt) / 1_000 }
  },
)
