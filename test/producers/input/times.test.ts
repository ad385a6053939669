import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { happenedAt, instantOf } from '../../../services/producers/input/times.ts'

const at = Date.UTC(2026, 10, 22, 1, 16, 17, 397)
const whole = Date.UTC(2026, 10, 22, 1, 16, 17)
const receivedAt = Date.UTC(2026, 10, 22, 1, 17)

describe('S5 a time is read as SDKs spell it', () => {
  const rows: [unknown, number | null][] = [
    ['2026-11-22T01:16:17.397Z', at],
    ['2026-11-22T01:16:17.397z', at],
    ['2026-11-22T01:16:17.397+00:00', at],
    ['2026-11-22T01:16:17.397123+00:00', at],
    ['2026-11-22T01:16:17.397123456Z', at],
    ['2026-11-22T02:46:17.397+0130', at],
    ['2026-11-21T20:16:17.397-05', at],
    ['2026-11-22 01:16:17.397 +00:00', at],
    ['2026-11-22T01:16:17,397Z', at],
    [' 2026-11-22T01:16:17.397Z ', at],
    ['2026-11-22T01:16:17', whole],
    ['2026-11-22T01:16:17.4Z', whole + 400],
    ['2026-11-22T01:16Z', Date.UTC(2026, 10, 22, 1, 16)],
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    [at, at],
    [at + 0.9, at],
    [whole / 1_000, whole],
    [String(at), at],
    [String(whole / 1_000), whole],
    ['2026-13-22T01:16:17Z', null],
    ['2026-13-22T01:16:17.000Z', null],
    ['2026-11-22T25:16:17Z', null],
    ['yesterday', null],
    ['', null],
    ['12', null],
    [0, null],
    [-1, null],
    [Number.NaN, null],
    [null, null],
    [undefined, null],
    [{}, null],
    [true, null],
  ]
  for (const [value, expected] of rows) {
    it(`${JSON.stringify(value)} ${typeof value}`, () => assert.equal(instantOf(value), expected))
  }
})

describe('S5 the time of an event is the receipt − (sent − original)', () => {
  const minute = 60_000
  const rows: [string, unknown, unknown, number, boolean][] = [
    ['a right clock', receivedAt - 5_000, receivedAt - 1_000, receivedAt - 4_000, false],
    ['a clock an hour slow', receivedAt - 61 * minute, receivedAt - 60 * minute, receivedAt - minute, false],
    ['a clock an hour fast', receivedAt + 59 * minute, receivedAt + 60 * minute, receivedAt - minute, false],
    ['a clock that was never set', 1_000_000_000, 1_000_000_060, receivedAt - minute, false],
    [
      'an event that was kept offline for a week',
      receivedAt - 10_080 * minute,
      receivedAt,
      receivedAt - 10_080 * minute,
      false,
    ],
    ['nothing says when it was sent', receivedAt - minute, undefined, receivedAt - minute, false],
    ['a time of sending that is none', receivedAt - minute, 'soon', receivedAt - minute, false],
    ['nothing says when it happened', undefined, receivedAt - minute, receivedAt, false],
    ['nothing at all', null, null, receivedAt, false],
    ['later than it was sent', receivedAt + minute, receivedAt, receivedAt, false],
    ['later than the receipt, and not sent', receivedAt + minute, undefined, receivedAt, false],
    ['a time that is none', 'yesterday', receivedAt, receivedAt, true],
    ['1970', '1970-01-01T00:00:00Z', undefined, receivedAt, true],
    ['1970 sent by a right clock', '1970-01-01T00:00:00Z', receivedAt, receivedAt, true],
    ['beyond every date', 8.7e15, receivedAt, receivedAt, false],
  ]
  for (const [given, original, sent, expected, replaced] of rows) {
    it(given, () => assert.deepEqual(happenedAt(original, sent, receivedAt), { at: expected, replaced }))
  }

  const anything = fc.oneof(
    fc.date({ noInvalidDate: false }).map(date => (Number.isNaN(date.getTime()) ? 'x' : date.toISOString())),
    fc.double(),
    fc.string(),
    fc.constant(null),
    fc.constant(undefined),
  )

  it('is a whole number, never later than the receipt and never before 2000, whatever a client says', () =>
    fc.assert(
      fc.property(anything, anything, (original, sent) => {
        const { at } = happenedAt(original, sent, receivedAt)
        assert.ok(Number.isSafeInteger(at) && at <= receivedAt && at >= Date.UTC(2000, 0), String(at))
      }),
      { numRuns: 2_000 },
    ))

  it('does not depend on how wrong the clock of the client is', () => {
    const past = fc.integer({ min: 0, max: 86_400_000 })
    const wrong = fc.integer({ min: -500_000_000_000, max: 500_000_000_000 })
    fc.assert(
      fc.property(past, past, wrong, (before, transit, skew) => {
        const sent = receivedAt - transit
        const original = sent - before
        const expected = happenedAt(original, sent, receivedAt)
        assert.deepEqual(happenedAt(original + skew, sent + skew, receivedAt), expected)
      }),
    )
  })
})
