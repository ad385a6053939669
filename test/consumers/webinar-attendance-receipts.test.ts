import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Webinar } from '../../schemas/generated.ts'
import { atMinute, joined, left, registered, reported, webinarEvent } from '../webinars/events.ts'
import { ada, after, told } from './attending.ts'

/** The event as it was taken in this minute. */
const taken = (event: Webinar, minute: number): Webinar => ({ ...event, receivedAt: atMinute(minute) })

/** When the joins and the registration of the last thing told were first taken, in minutes; null for not yet. */
const receipts = (...events: readonly Webinar[]) => {
  const last = told(after(...events).outputs).at(-1)
  const minuteOf = (time: number | undefined) => (time ? (time - atMinute(0)) / 60_000 : null)
  return {
    joins: last?.sessions.map(({ joinReceivedAt }) => minuteOf(joinReceivedAt)),
    registration: minuteOf(last?.registration?.stoodReceivedAt),
  }
}

const bound = (minute: number): Webinar =>
  webinarEvent({
    kind: 'BOUND',
    minute,
    receivedAt: atMinute(minute),
    instance: 'run-1',
    person: ada[0],
    aliases: [ada[0]],
    participant: { session: 'ada-1', boundSession: 'phone', name: null, host: false, joinedAt: null, leftAt: null },
  })

describe('webinar-attendance: when something was first taken', () => {
  const cases: { what: string; events: readonly Webinar[]; expected: ReturnType<typeof receipts> }[] = [
    {
      what: 'a join that was taken twice, from the earlier',
      events: [taken(joined(ada, 'ada-1', 2), 3), taken(joined(ada, 'ada-1', 2), 9)],
      expected: { joins: [3], registration: null },
    },
    {
      what: 'a join of which only the leave is known, not at all',
      events: [taken(left(ada, 'ada-1', 20), 21)],
      expected: { joins: [null], registration: null },
    },
    {
      what: 'a join whose leave was taken before it, from the join',
      events: [taken(left(ada, 'ada-1', 20), 21), taken(joined(ada, 'ada-1', 2), 30)],
      expected: { joins: [30], registration: null },
    },
    {
      what: 'a join that the report tells, from when it was read',
      events: [reported(ada, 'u-ada', 2, 20)],
      expected: { joins: [90], registration: null },
    },
    {
      what: 'a telephone that rang before it was bound, from when it was bound',
      events: [taken(joined([], 'phone', 4), 4), bound(6)],
      expected: { joins: [6], registration: null },
    },
    {
      what: 'a registration whose cancellation was taken before it, from the registration',
      events: [
        taken(registered(ada, { kind: 'CANCELLED', status: 'CANCELLED', minute: -800 }), -799),
        taken(registered(ada, { minute: -900 }), -700),
      ],
      expected: { joins: [], registration: -700 },
    },
    {
      what: 'a registration that was only ever seen cancelled, not at all',
      events: [registered(ada, { kind: 'CANCELLED', status: 'CANCELLED' })],
      expected: { joins: [], registration: null },
    },
  ]
  for (const { what, events, expected } of cases) {
    it(`Z14 ${what}`, () => {
      assert.deepEqual(receipts(...events), expected)
      if (events.every(({ kind }) => kind !== 'BOUND')) assert.deepEqual(receipts(...events.toReversed()), expected)
    })
  }

  it('Z14 a telephone that is bound before it is heard of counts from when it is', () => {
    assert.deepEqual(receipts(bound(6), taken(joined([], 'phone', 4), 8)).joins, [8])
  })
})
