import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReadingPace } from '../../../services/producers/salesforce/change-events/pace.ts'
import { manualClock } from '../../clock.ts'
import { eventually } from '../../scenarios/eventually.ts'
import { startSweeping } from './sweeping.ts'

/** Of 10,000 requests in 24 hours a quarter: one in so many milliseconds. */
const everyMs = 34_560
const limit = 10_000

describe('reading what change events name', () => {
  it('T1 takes 60 requests at once and then a quarter of those of the org, and none is saved up beyond 60', () => {
    const clock = manualClock()
    const pace = new ReadingPace(clock)
    const usage = { used: 0, limit }
    for (const pauseMs of [0, 1_000 * everyMs]) {
      clock.advance(pauseMs)
      for (let n = 0; n < 60; n++) {
        assert.equal(pace.waitMs(usage), 0)
        pace.take(1)
      }
      assert.equal(pace.waitMs(usage), everyMs)
    }
    clock.advance(everyMs)
    assert.equal(pace.waitMs(usage), 0)
    assert.equal(pace.waitMs(undefined), 0)
  })

  it('T1 waits for its turn once it has read often, and loses nothing', async context => {
    const sweeping = await startSweeping(context, { dailyCalls: limit })
    await sweeping.start(undefined, { follows: true })
    const began = sweeping.clock.now()
    const spent = (): number => sweeping.clock.now() - began
    for (let n = 1; n <= 62; n++) {
      await sweeping.edit({ object: 'Task', fields: { Subject: `Call ${n}` } })
      await eventually(async () => assert.equal((await sweeping.tasks()).length, n))
      if (n === 60) assert.ok(spent() < everyMs, `${spent()} ms`)
    }
    assert.ok(spent() >= 2 * everyMs - 1_000, `${spent()} ms`)
  })
})
