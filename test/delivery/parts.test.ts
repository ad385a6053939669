import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { DeliveredField, SinkWrite, WriteVersion } from '../../schemas/generated.ts'
import { Backlog } from '../../services/delivery/backlog.ts'
import { joinSets, mergeDelivered, standingValues } from '../../services/delivery/lanes/joining.ts'
import { compareVersions, hashOf, unknownHash } from '../../services/delivery/lanes/versions.ts'
import { healthOf } from '../../services/delivery/requests/failures.ts'
import { Pause, type PauseReason } from '../../services/delivery/requests/pause.ts'
import { createRateLimit } from '../../services/delivery/requests/rate-limit.ts'
import { Window } from '../../services/delivery/state/window.ts'
import { VirtualClock, type WriteFacts, writeOf } from './delivering.ts'

const set = (facts: Omit<WriteFacts, 'person'>): SinkWrite => writeOf('memory', { person: 'p1', ...facts })
const held = (value: string | number, version: Partial<WriteVersion>): DeliveredField => ({
  ...{ revision: null, time: 0, eventId: '' },
  ...version,
  hash: hashOf(value),
})

describe('versions', () => {
  const older: [string, Partial<WriteVersion>, Partial<WriteVersion>][] = [
    ['the lower revision, whatever the times', { revision: 1, time: 9 }, { revision: 2, time: 1 }],
    ['the earlier time when one has no revision', { revision: 9, time: 1 }, { time: 2 }],
    ['the earlier time without revisions', { time: 1, eventId: 'b' }, { time: 2, eventId: 'a' }],
    ['of equal times the lower event id', { time: 1, eventId: 'a' }, { time: 1, eventId: 'b' }],
  ]
  for (const [name, a, b] of older) {
    it(`older is ${name}`, () => {
      const whole = (version: Partial<WriteVersion>) => ({ revision: null, time: 0, eventId: '', ...version })
      assert.ok(compareVersions(whole(a), whole(b)) < 0)
      assert.ok(compareVersions(whole(b), whole(a)) > 0)
      assert.equal(compareVersions(whole(a), whole(a)), 0)
    })
  }

  it('hashes tell values of different types apart', () => {
    const values = [null, 'null', true, 'true', 1, '1', 0, '', false]
    assert.equal(new Set(values.map(hashOf)).size, values.length)
    assert.ok(!values.map(hashOf).includes(unknownHash))
  })
})

describe('joining SETs', () => {
  const before = { count: held(1, { revision: 5 }) }
  const rows: [string, Omit<WriteFacts, 'person'>, object, string][] = [
    ['an older version is dropped', { revision: 4, fields: { count: 9 } }, {}, 'STALE'],
    [
      'the same version and value is not sent',
      { revision: 5, eventId: '', time: 0, fields: { count: 1 } },
      {},
      'UNCHANGED',
    ],
    [
      'the same version with another value is sent: a mapping was fixed',
      { revision: 5, fields: { count: 2 } },
      { count: 2 },
      'APPLIED',
    ],
    ['a newer version of the same value is not sent', { revision: 6, fields: { count: 1 } }, {}, 'UNCHANGED'],
    ['a newer version of another value is sent', { revision: 6, fields: { count: 2 } }, { count: 2 }, 'APPLIED'],
    ['a number and its text are two values', { revision: 6, fields: { count: '1' } }, { count: '1' }, 'APPLIED'],
    ['only what is news is sent', { revision: 4, fields: { count: 9, status: 'a' } }, { status: 'a' }, 'APPLIED'],
    ['null is a value', { revision: 6, fields: { count: null } }, { count: null }, 'APPLIED'],
    ['no fields need no request', { revision: 6, fields: {} }, {}, 'UNCHANGED'],
  ]
  for (const [name, facts, fields, outcome] of rows) {
    it(name, () => {
      const joined = joinSets([set(facts)], before)
      assert.deepEqual(joined.fields, fields)
      assert.deepEqual(joined.outcomes, [outcome])
    })
  }

  it('moves the version on without a request', () => {
    const { delivered } = joinSets([set({ revision: 8, fields: { count: 1 } })], before)
    assert.equal(delivered['count']?.revision, 8)
  })

  it('keeps delivered fields as they are when nothing is news', () => {
    assert.equal(joinSets([set({ revision: 4, fields: { count: 9 } })], before).delivered, before)
  })

  it('gives each write its own outcome', () => {
    const writes = [
      set({ revision: 6, fields: { count: 2, status: 'a' } }),
      set({ revision: 8, fields: { count: 4 } }),
      set({ revision: 7, fields: { count: 3 } }),
      set({ revision: 8, fields: { count: 4 } }),
    ]
    const joined = joinSets(writes, before)
    assert.deepEqual(joined.fields, { count: 4, status: 'a' })
    assert.equal(joined.outcomes[0], 'APPLIED')
    assert.equal(joined.outcomes[1], 'APPLIED')
    assert.equal(joined.outcomes[2], 'STALE')
  })

  it('sends a value that stands when another came in between, which may have been sent before', () => {
    const back = [set({ revision: 6, fields: { count: 2 } }), set({ revision: 7, fields: { count: 1, status: 'a' } })]
    for (const writes of [back, back.toReversed()]) assert.equal(joinSets(writes, before).fields['count'], 1)
    const older = [set({ revision: 3, fields: { count: 2 } }), set({ revision: 7, fields: { count: 1 } })]
    assert.deepEqual(joinSets(older, before).fields, {})
  })

  it('P7 sends a newer version of a field that somebody else sets too, though an equal value was delivered, and each version once', () => {
    const again = { fields: { count: 1 }, shared: true }
    assert.deepEqual(joinSets([set({ ...again, revision: 6 })], before).fields, { count: 1 })
    assert.deepEqual(joinSets([set({ ...again, shared: false, revision: 6 })], before).fields, {})
    const { delivered, outcomes } = joinSets([set({ ...again, revision: 6 })], before)
    assert.deepEqual(outcomes, ['APPLIED'])
    assert.deepEqual(joinSets([set({ ...again, revision: 6 })], delivered).fields, {})
    assert.deepEqual(joinSets([set({ ...again, revision: 5 })], delivered).fields, {})
  })

  it('takes fields for new records only from writes that may create, and never over a field that is set', () => {
    const writes = [
      set({ revision: 1, fields: { status: 'a' }, createIfMissing: false, fieldsOnCreate: { source: 'no' } }),
      set({ revision: 2, fields: { note: 'b' }, fieldsOnCreate: { source: 'zoom', note: 'never' } }),
    ]
    assert.deepEqual(joinSets(writes, {}).fieldsOnCreate, { source: 'zoom' })
  })

  it('the order of writes with different versions does not matter', () => {
    const revisions = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        revisions.chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const write = (revision: number): SinkWrite =>
            set({ revision, eventId: '', time: 0, fields: { count: revision % 3, [`f${revision % 2}`]: revision } })
          const [one, other] = [all, shuffled].map(order => joinSets(order.map(write), before))
          assert.deepEqual(one?.fields, other?.fields)
          assert.deepEqual(one?.delivered, other?.delivered)
        },
      ),
    )
  })

  it('records that became one keep the higher version per field, and forget what they cannot know', () => {
    const merged = mergeDelivered(
      { count: held(1, { revision: 5 }), status: held('a', { revision: 5 }) },
      { count: held(2, { revision: 6 }), status: held('b', { revision: 4 }), note: held('c', { revision: 1 }) },
    )
    assert.deepEqual([merged['count']?.revision, merged['count']?.hash], [6, unknownHash])
    assert.deepEqual(merged['status'], held('a', { revision: 5 }))
    assert.equal(merged['note']?.hash, unknownHash)
  })
})

describe('the rate limit', () => {
  for (const requests of [1, 2, 7, 30, 100, 190, 250]) {
    it(`gives out at most ${requests} in any window, and most of them when many wait`, () => {
      const clock = new VirtualClock()
      const limit = createRateLimit({ requests, windowMs: 10_000 }, clock)
      const taken: number[] = []
      for (const end = clock.now() + 60_000; clock.now() < end; clock.advance(Math.max(1, limit.waitMs())))
        while (limit.waitMs() === 0) {
          limit.take()
          taken.push(clock.now())
        }
      for (const at of taken) {
        const within = taken.filter(time => time > at - 10_000 && time <= at).length
        assert.ok(within <= requests, `${within} within ten seconds`)
      }
      const share = requests < 10 ? 0.3 : 0.65
      assert.ok(taken.length > 6 * requests * share, `${taken.length} in a minute`)
    })
  }

  it('believes a vendor that says fewer requests are left, and waits as told after a refusal', () => {
    const clock = new VirtualClock()
    const limit = createRateLimit({ requests: 100, windowMs: 10_000 }, clock)
    limit.remaining(1)
    limit.take()
    assert.ok(limit.waitMs() > 0)
    limit.refused(3_000)
    clock.advance(2_999)
    assert.ok(limit.waitMs() > 0)
    clock.advance(200)
    assert.equal(limit.waitMs(), 0)
  })
})

describe('the pause', () => {
  const opened = () => {
    const clock = new VirtualClock()
    const changes: (PauseReason | undefined)[] = []
    const settings = { failuresToOpen: 3, firstPauseMs: 1_000, longestPauseMs: 5_000 }
    return { clock, changes, pause: new Pause(clock, settings, reason => changes.push(reason)) }
  }
  const failed = { kind: 'failed', code: 'DOWN', message: 'down' } as const

  it('opens after failures in a row, not after scattered ones', () => {
    const { pause } = opened()
    for (const outcome of [failed, failed, { kind: 'well' } as const, failed, failed]) pause.admit().end(outcome)
    assert.equal(pause.waitMs(), 0)
    pause.admit().end(failed)
    assert.equal(pause.reason?.code, 'DOWN')
  })

  it('lets one probe through, waits longer after each failure up to the longest pause, and closes after a success', () => {
    const { pause, clock, changes } = opened()
    pause.admit().end({ kind: 'needs-person', code: 'TOKEN', message: 'token' })
    const waits: number[] = []
    for (let probe = 0; probe < 4; probe++) {
      waits.push(pause.waitMs())
      clock.advance(pause.waitMs())
      const admission = pause.admit()
      assert.equal(pause.waitMs(), Number.POSITIVE_INFINITY)
      admission.end(failed)
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 5_000])
    clock.advance(pause.waitMs())
    pause.admit().end({ kind: 'well' })
    assert.equal(pause.waitMs(), 0)
    assert.deepEqual(
      changes.map(reason => reason?.code),
      ['TOKEN', 'DOWN', undefined],
    )
  })

  it('a request from before the pause ends nothing, and its clock stands still meanwhile', () => {
    const { pause, clock } = opened()
    const early = pause.admit()
    pause.admit().end({ kind: 'needs-person', code: 'TOKEN', message: 'token' })
    const active = pause.activeMs()
    clock.advance(500)
    early.end({ kind: 'well' })
    assert.equal(pause.reason?.code, 'TOKEN')
    assert.equal(pause.activeMs(), active)
  })
})

describe('the window', () => {
  it('gives the offset after the highest record before which all are committed, over holes in the offsets', () => {
    const window = new Window('writes', 10)
    const [a, b, c] = [window.take(3), window.take(7), window.take(8)]
    assert.equal(window.offsetWith(new Set([b])), undefined)
    window.commit([b])
    assert.equal(window.offsetWith(new Set([a])), 8)
    window.commit([a])
    assert.equal(window.offsetWith(new Set([c])), 9)
    assert.equal(window.held, 1)
  })

  it('has no room while it is full', () => {
    const window = new Window('writes', 1)
    const mark = window.take(0)
    assert.equal(window.hasRoom, false)
    window.commit([mark])
    assert.equal(window.hasRoom, true)
  })

  it('gives the place of one that rests to another, as far as its bound', () => {
    const window = new Window('writes', 1, 100, 2)
    for (let offset = 0; offset < 3; offset++) window.rest(window.take(offset))
    assert.equal(window.held, 3)
    assert.equal(window.hasRoom, false)
    const other = new Window('writes', 1, 100, 2)
    const mark = other.take(0)
    assert.equal(other.hasRoom, false)
    other.rest(mark)
    assert.equal(other.hasRoom, true)
    other.wake(mark)
    assert.equal(other.hasRoom, false)
    other.commit([mark])
    assert.deepEqual([other.held, other.hasRoom], [0, true])
  })

  it('bounds the marks behind a record that takes long', () => {
    const window = new Window('writes', 2, 3)
    window.take(0)
    window.commit([window.take(1)])
    window.commit([window.take(2)])
    assert.equal(window.hasRoom, false)
  })
})

describe('a backlog', () => {
  it('holds the topic up until the last record is taken', () => {
    const calls: string[] = []
    const context = { pause: (topic: string) => calls.push(`pause ${topic}`), resume: () => calls.push('resume') }
    const backlog = new Backlog(context, 'replay')
    const record = { topic: 'replay', partition: 0, timestamp: 0, key: null, value: null, headers: {} }
    backlog.add([
      { ...record, offset: 0 },
      { ...record, offset: 1 },
    ])
    assert.equal(backlog.take()?.offset, 0)
    assert.deepEqual([calls, backlog.size], [['pause replay'], 1])
    assert.equal(backlog.take()?.offset, 1)
    assert.deepEqual([calls, backlog.size], [['pause replay', 'resume'], 0])
    assert.equal(backlog.take(), undefined)
  })
})

describe('values that stand', () => {
  const before = { count: held(1, { revision: 5 }), status: held('a', { revision: 5 }) }
  const standing = (...writes: readonly Omit<WriteFacts, 'person'>[]) => {
    const all = writes.map(set)
    return standingValues(all, joinSets(all, before).delivered)
  }

  it('are those of the newest version, news or not', () => {
    assert.deepEqual(standing({ revision: 6, fields: { count: 2, status: 'a' } }), { count: 2, status: 'a' })
  })

  it('leave out what a newer version replaced', () => {
    assert.deepEqual(standing({ revision: 4, fields: { count: 9, note: 'n' } }), { note: 'n' })
    assert.deepEqual(
      standing({ revision: 7, fields: { count: 3 } }, { revision: 6, fields: { count: 2, status: 'b' } }),
      { count: 3, status: 'b' },
    )
  })
})

describe('what answers say of the vendor', () => {
  const answer = { status: 200, correlationId: null }
  const unasked = { status: null, correlationId: null }
  const retry = { kind: 'retry', code: 'UNREACHABLE', message: 'No answer.' } as const
  const table: readonly (readonly [string, Parameters<typeof healthOf>[0], string | undefined])[] = [
    ['answers, whatever they say', [{ kind: 'missing', ...answer }], 'well'],
    ['nothing was asked, since what was known sufficed', [{ kind: 'missing', ...unasked }], undefined],
    ['no answer', [{ ...retry, ...unasked }], 'failed'],
    [
      'one answer among what was known',
      [
        { kind: 'missing', ...unasked },
        { kind: 'missing', ...answer },
      ],
      'well',
    ],
  ]
  for (const [name, results, health] of table) it(name, () => assert.equal(healthOf(results)?.kind, health))
})
