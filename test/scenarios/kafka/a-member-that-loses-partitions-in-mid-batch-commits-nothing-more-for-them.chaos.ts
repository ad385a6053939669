/*
 * Either of these two keeps the former owner from committing; without both it does.
 * Guard: services/kafka/groups/group-member.ts
 * -       physical(`${group}-${partition}`),
 * +       physical(`${group}-${partition}-${process.hrtime.bigint()}`),
 * Guard: services/kafka/groups/tenure.ts
 * -       if (this.signal.aborted) throw fenced(this.group, this.partition)
 * +
 */
import assert from 'node:assert/strict'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openRelay, type Relay, readAll } from '../relay.ts'
import { scenario } from '../scenario.ts'

const PARTITIONS = 3

scenario(
  {
    id: '4',
    sentence:
      'a member that loses partitions in the middle of a batch commits nothing more for them, and no record is lost or twice',
    faults:
      'a group of one member grows to three while it is in the middle of a batch, and shrinks to one while records come',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster, { partitions: PARTITIONS })
    const lost = PARTITIONS - 1
    const gate = Promise.withResolvers<void>()
    const first = await relay.join(async partition => {
      if (partition === lost && (await stepsOf(relay, lost)) > 0) await gate.promise
    })
    // Before its member is closed, which waits for it.
    atEnd(context, () => gate.resolve())
    await relay.tell(300)
    await eventually(async () => assert.notEqual(await stepsOf(relay, lost), 0))
    const others = [await relay.join(), await relay.join()]
    await eventually(() => assert.deepEqual(first.membership.owned(), [0]))
    await eventually(() => assert.deepEqual(others.flatMap(({ membership }) => membership.owned()).sort(), [1, lost]))
    await relay.tell(300)
    await relay.isThrough()
    const refused = first.failures.length
    gate.resolve()
    await eventually(() => assert.ok(first.failures.length > refused))
    assert.deepEqual([...new Set(first.failures)], ['TASK_FENCED'])
    const shrunkAt = performance.now()
    await Promise.all([relay.tell(300), ...others.map(({ membership }) => membership.leave())])
    await eventually(() => assert.deepEqual(first.membership.owned(), [0, 1, lost]))
    const outcome = await relay.isThrough()
    return { ...outcome, recoverySeconds: (performance.now() - shrunkAt) / 1_000 }
  },
)

/** How many records of a partition are through. */
const stepsOf = async ({ kafka }: Relay, partition: number): Promise<number> =>
  (await readAll(kafka, 'out')).filter(record => record.partition === partition).length
