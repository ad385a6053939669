import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { eventsIn } from '../../services/replay/events.ts'
import { locateRange } from '../../services/replay/positions.ts'
import { parseRange, pointAsText } from '../../services/replay/range.ts'
import { manualClock } from '../clock.ts'

const now = Date.UTC(2026, 9, 14, 12)
const hour = 3_600_000

describe('the points of a range', () => {
  const cases = [
    ['120', { kind: 'offset', offset: 120 }],
    ['0', { kind: 'offset', offset: 0 }],
    ['2h', { kind: 'time', time: now - 2 * hour }],
    ['7d', { kind: 'time', time: now - 7 * 24 * hour }],
    ['90s', { kind: 'time', time: now - 90_000 }],
    ['2026-10-14', { kind: 'time', time: Date.UTC(2026, 9, 14) }],
    ['2026-10-14T09:00:00Z', { kind: 'time', time: Date.UTC(2026, 9, 14, 9) }],
    ['2026-10-14T09:00', { kind: 'time', time: Date.UTC(2026, 9, 14, 9) }],
    ['2026-10-14T09:00:00.250+02:00', { kind: 'time', time: Date.UTC(2026, 9, 14, 7, 0, 0, 250) }],
  ] as const
  for (const [text, point] of cases) {
    it(`K5 ${text} is understood`, () => assert.deepEqual(parseRange(text, undefined, now).from, point))
  }

  for (const text of ['', 'yesterday', '-1', '1.5', '2w', '2026-13-40', '14.10.2026', '2026-10-14T25:00']) {
    it(`K5 ${text || 'nothing'} is refused`, () =>
      assert.throws(() => parseRange(text, undefined, now), { code: 'REPLAY_POINT_MALFORMED', message: /--from/ }))
  }

  it('K5 an end before the start is refused', () => {
    assert.throws(() => parseRange('1h', '2h', now), { code: 'REPLAY_RANGE_REVERSED' })
    assert.throws(() => parseRange('10', '10', now), { code: 'REPLAY_RANGE_REVERSED' })
    assert.throws(() => parseRange('0', 'never', now), { code: 'REPLAY_POINT_MALFORMED', message: /--to/ })
  })

  it('K5 can be typed again later with the same meaning', () => {
    const { from } = parseRange('2h', undefined, now)
    assert.deepEqual(parseRange(pointAsText(from), undefined, now + hour).from, from)
  })
})

/** A topic of one partition whose records came at these minutes; `aborted` lie between them. */
const topicWith = async (minutes: readonly number[], aborted = false) => {
  const clock = manualClock(now)
  const kafka = memoryKafka({ clock })
  await kafka.topics.create([{ name: 'events', partitions: 1, config: {} }])
  const publisher = await kafka.publisher('test')
  let at = 0
  for (const minute of minutes) {
    clock.advance((minute - at) * 60_000)
    at = minute
    await publisher.publish([{ topic: 'events', key: 'a', value: Buffer.from('x') }])
    if (aborted) kafka.appendAborted([{ topic: 'events', key: 'a', value: Buffer.from('y') }])
  }
  return kafka
}

describe('the range in a topic', () => {
  it('K5 a time is the first record at it or later, wherever aborted records lie', async () => {
    const gaps = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(gaps, fc.nat({ max: 80 }), fc.boolean(), async (steps, minute, aborted) => {
        let sum = 0
        const minutes = steps.map(step => (sum += step))
        const kafka = await topicWith(minutes, aborted)
        const from = { kind: 'time', time: now + minute * 60_000 } as const
        const expected = minutes.filter(each => each >= minute).length
        if (expected === 0) {
          await assert.rejects(locateRange(kafka, 'events', { from, to: null }), { code: 'REPLAY_RANGE_EMPTY' })
          return
        }
        const { partitions } = await locateRange(kafka, 'events', { from, to: null })
        const [range] = partitions
        const read = await Array.fromAsync(kafka.read('events', 0, range?.from ?? -1, range?.to))
        assert.equal(read.length, expected)
        assert.ok(read.every(({ timestamp }) => timestamp >= from.time))
      }),
      { numRuns: 60 },
    )
  })

  it('K5 says when older records of it are gone', async () => {
    const kafka = await topicWith([0, 1, 2, 3])
    const whole = { from: { kind: 'offset', offset: 0 }, to: null } as const
    assert.equal((await locateRange(kafka, 'events', whole)).cutByRetention, false)
    kafka.truncate('events', 0, 2)
    const { partitions, offsets, cutByRetention } = await locateRange(kafka, 'events', whole)
    assert.deepEqual(
      { partitions, offsets, cutByRetention },
      {
        partitions: [{ partition: 0, from: 2, to: 4 }],
        offsets: 2,
        cutByRetention: true,
      },
    )
    const since = (minute: number) => ({ from: { kind: 'time', time: now + minute * 60_000 }, to: null }) as const
    assert.equal((await locateRange(kafka, 'events', since(1))).cutByRetention, true)
    assert.equal((await locateRange(kafka, 'events', since(2))).cutByRetention, false)
  })
})

describe('the records of a range', () => {
  it('K5 come in the order of their times, those of a partition in their own', async () => {
    const arrivals = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 })), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(arrivals, async steps => {
        const clock = manualClock(now)
        const kafka = memoryKafka({ clock })
        await kafka.topics.create([{ name: 'events', partitions: 3, config: {} }])
        const publisher = await kafka.publisher('test')
        for (const [partition, ms] of steps) {
          clock.advance(ms)
          await publisher.publish([{ topic: 'events', partition, key: null, value: Buffer.from('x') }])
        }
        const { partitions } = await locateRange(kafka, 'events', parseRange('0', undefined, now))
        const read = await Array.fromAsync(eventsIn(kafka, 'events', partitions))
        assert.equal(read.length, steps.length)
        for (const [index, record] of read.entries()) {
          const earlier = read.slice(0, index)
          assert.ok(earlier.every(({ timestamp }) => timestamp <= record.timestamp))
          assert.ok(earlier.every(({ partition, offset }) => partition !== record.partition || offset < record.offset))
        }
      }),
      { numRuns: 60 },
    )
  })
})
