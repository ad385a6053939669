import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Stall, StallWatch } from '../../services/kafka/reading/stalls.ts'
import { manualClock } from '../clock.ts'

it('12 a transaction that stays open is told once, and its end once; one that ends in time is not', () => {
  const clock = manualClock()
  const told: Stall[] = []
  const watch = new StallWatch(clock, 1_000, stall => told.push(stall))
  watch.see('topic', 0, 5, 9)
  clock.advance(900)
  watch.see('topic', 0, 9, 12)
  clock.advance(900)
  watch.see('topic', 0, 9, 14)
  assert.deepEqual(told, [])
  clock.advance(200)
  watch.see('topic', 1, 3, 3)
  watch.see('topic', 0, 9, 15)
  watch.see('topic', 0, 9, 16)
  assert.deepEqual(told, [{ topic: 'topic', partition: 0, records: 6, ms: 1_100 }])
  clock.advance(100)
  watch.see('topic', 0, 17, 17)
  watch.see('topic', 0, 17, 17)
  assert.deepEqual(told.slice(1), [{ topic: 'topic', partition: 0, records: 0, ms: 1_200 }])
})
