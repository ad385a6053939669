import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mostAwaiting } from '../../services/backfill/awaiting.ts'
import { parked } from '../../topology/topics.ts'
import { startTelling } from './telling.ts'

describe('a backfill of tasks that will wait for their people', () => {
  it('T2 tells no more of them than there is room for beside those that wait already, and says how many it left', async context => {
    const { backfill, told, kafka, org, addSalesforceTasks } = await startTelling(context)
    const publisher = await kafka.publisher('test')
    const waiting = Array.from({ length: mostAwaiting - 1 }, (_, n) => ({
      ...{ topic: parked.name, partition: 0, key: `task-links|${n}`, value: Buffer.from('x') },
    }))
    await publisher.publish(waiting)
    await addSalesforceTasks(3, { WhoId: await org.add('Contact', { LastName: 'Lovelace' }) })
    await addSalesforceTasks(2)
    const { parts, awaiting } = await backfill({ from: 'salesforce' })
    assert.deepEqual([parts[0]?.told, parts[0]?.passedOver], [3, { strangers: 2 }])
    assert.deepEqual([(await told()).length, awaiting], [3, mostAwaiting - 1])
  })

  it('T2 waits at its end for who reads what it told, to say how many wait, but not for ever', async context => {
    for (const [reads, leastMs, mostMs] of [
      [true, 0, 5_000],
      [false, 30_000, 35_000],
    ] as const) {
      const { backfill, clock, addSalesforceTasks } = await startTelling(context, { reads })
      await addSalesforceTasks(2)
      const began = clock.now()
      assert.equal((await backfill({ from: 'salesforce' })).interrupted, false)
      const tookMs = clock.now() - began
      assert.ok(tookMs >= leastMs && tookMs <= mostMs, `${tookMs} ms`)
    }
  })
})
