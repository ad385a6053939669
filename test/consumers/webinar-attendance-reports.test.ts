import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Webinar } from '../../schemas/generated.ts'
import {
  atMinute,
  ended,
  joined,
  left,
  registered,
  reported,
  settled,
  started,
  webinarEvent,
} from '../webinars/events.ts'
import { ada, after, attendance, grace, minutes, told, whom } from './attending.ts'

const bound = webinarEvent({
  kind: 'BOUND',
  minute: 9,
  eventId: 'zoom:BOUND:laptop:phone',
  instance: 'run-1',
  person: ada[0],
  aliases: [ada[0]],
  participant: { session: 'laptop', boundSession: 'phone', name: null, host: false, joinedAt: null, leftAt: null },
})

/** Both orders: the report before the webhooks and after them. */
const inBothOrders = (webhooks: readonly Webinar[], report: readonly Webinar[]): readonly (readonly Webinar[])[] => [
  [...webhooks, ...report],
  [...report, ...webhooks],
]

describe('webinar-attendance: the report and the webhooks of a webinar of 60 minutes', () => {
  const second = 1 / 60
  const cases: { name: string; webhooks: readonly Webinar[]; report: readonly Webinar[]; minutes: number }[] = [
    {
      name: 'Z13 both tell the same',
      webhooks: [started(), joined(ada, 's1', 5), left(ada, 's1', 25), ended()],
      report: [reported(ada, 'u1', 5, 25), settled()],
      minutes: 20,
    },
    {
      name: 'Z13 both tell the same a second apart: only that second more',
      webhooks: [started(), joined(ada, 's1', 5), left(ada, 's1', 25), ended()],
      report: [reported(ada, 'u1', 5 - second, 25 - second), settled()],
      minutes: 20 + second,
    },
    {
      name: 'Z13 a lost leave is the one of the report, not the end of the webinar',
      webhooks: [started(), joined(ada, 's1', 5), ended()],
      report: [reported(ada, 'u1', 5, 25), settled()],
      minutes: 20,
    },
    {
      name: 'Z13 a lost join',
      webhooks: [started(), left(ada, 's1', 25), ended()],
      report: [reported(ada, 'u1', 5, 25), settled()],
      minutes: 20,
    },
    {
      name: 'Z13 a lost end',
      webhooks: [started(), joined(ada, 's1', 5), left(ada, 's1', 25)],
      report: [reported(ada, 'u1', 5, 25), settled()],
      minutes: 20,
    },
    {
      name: 'Z13 both webhooks of one of two presences were lost',
      webhooks: [started(), joined(ada, 's1', 5), left(ada, 's1', 25), ended()],
      report: [reported(ada, 'u1', 5, 25), reported(ada, 'u2', 40, 50), settled()],
      minutes: 30,
    },
    {
      name: 'Z13 every webhook was lost',
      webhooks: [],
      report: [reported(ada, 'u1', 5, 25), settled()],
      minutes: 20,
    },
    {
      name: 'Z3 Z13 two devices at once, of one the leave was lost',
      webhooks: [started(), joined(ada, 's1', 5), joined(ada, 's2', 10), left(ada, 's1', 25), ended()],
      report: [reported(ada, 'u1', 5, 25), reported(ada, 'u2', 10, 30), settled()],
      minutes: 25,
    },
    {
      name: 'Z13 a leave that the report does not know stands',
      webhooks: [started(), joined(ada, 's1', 5), left(ada, 's1', 25), ended()],
      report: [reported(grace, 'u1', 0, 60), settled()],
      minutes: 20,
    },
    {
      name: 'Z13 a missing leave of whom the report does not name is closed by the end',
      webhooks: [started(), joined(ada, 's1', 5), ended()],
      report: [reported(grace, 'u1', 0, 60), settled()],
      minutes: 55,
    },
    {
      name: 'Z13 no report came: a missing leave is closed by the end',
      webhooks: [started(), joined(ada, 's1', 5), ended()],
      report: [settled({ reported: false })],
      minutes: 55,
    },
    {
      name: 'Z14 Z13 a telephone counts, though the report does not say whose it is',
      webhooks: [
        started(),
        ...[joined(ada, 'laptop', 5), bound, joined([], 'phone', 10), left(ada, 'laptop', 20), left([], 'phone', 40)],
        ended(),
      ],
      report: [reported(ada, 'u1', 5, 20), reported([], 'u-phone', 10, 40), settled()],
      minutes: 35,
    },
    {
      name: "Z14 Z13 a telephone's lost leave is that of the report's row that began with it",
      webhooks: [
        started(),
        ...[joined(ada, 'laptop', 5), bound, joined([], 'phone', 10), left(ada, 'laptop', 20)],
        ended(),
      ],
      report: [
        reported(ada, 'u1', 5, 20),
        ...[reported([], 'u-before', 9, 55), reported([], 'u-phone', 10 + second, 40), reported([], 'u-after', 11, 58)],
        settled(),
      ],
      minutes: 35,
    },
    {
      name: "Z14 Z13 a telephone's lost join is that of the report's row that ended with it",
      webhooks: [
        started(),
        ...[joined(ada, 'laptop', 15), bound, left([], 'phone', 40), left(ada, 'laptop', 20)],
        ended(),
      ],
      report: [reported(ada, 'u1', 15, 20), reported([], 'u-phone', 10, 40 - second), settled()],
      minutes: 30 - second,
    },
    {
      name: "Z14 Z13 a telephone without a row of the report ends with the report's rows of its person",
      webhooks: [started(), joined(ada, 'laptop', 5), bound, joined([], 'phone', 10), left(ada, 'laptop', 20), ended()],
      report: [reported(ada, 'u1', 5, 20), settled()],
      minutes: 15,
    },
  ]
  for (const { name, webhooks, report, minutes: expected } of cases) {
    it(name, () => {
      for (const order of inBothOrders(webhooks, report)) {
        const found = attendance(after(...order).outputs)
        const [seconds, wanted] = [minutes(found) * 60, expected * 60].map(Math.round)
        assert.deepEqual([seconds, found.status, found.settled], [wanted, 'attended', true])
      }
    })
  }

  it('Z13 the host of the report is no attendee', () => {
    const row = reported([], 'u-host', 0, 60)
    const host = { ...row, participant: row.participant && { ...row.participant, host: true } }
    assert.deepEqual(whom(after(host, settled()).outputs), [])
  })
})

describe('webinar-attendance: a settlement', () => {
  it('Z13 of a run that no webhook told creates the run: start, end and topic', () => {
    const consumer = after(registered(ada, { topic: 'As announced' }))
    consumer.given(settled({ topic: 'Tributary, renamed' }))
    const { topic, endedAt, status, settled: isSettled } = attendance(consumer.outputs)
    assert.deepEqual([topic, endedAt, status, isSettled], ['Tributary, renamed', atMinute(60), 'missed', true])
    assert.equal(attendance(after(reported(ada, 'u1', 0, 15), settled()).outputs).percent, 25)
  })

  it('Z13 concerns everybody, so that the absent are missed', () => {
    const consumer = after(started(), registered(ada), registered(grace), joined(ada, 's1', 5))
    assert.deepEqual(whom(consumer.when(settled())).toSorted(), [ada[0], grace[0]])
    assert.equal(attendance(consumer.outputs, grace[0]).status, 'missed')
  })

  it('Z13 a row of a report concerns only whom it is about, also when it is the first to tell the topic', () => {
    const consumer = after(registered(ada), registered(grace))
    const row = { ...reported(ada, 'u1', 5, 25), topic: 'Never told before' }
    assert.deepEqual(whom(consumer.when(row)), [ada[0]])
  })

  it('Z13 a webinar whose end nobody told is over when it is settled', () => {
    const found = attendance(after(started(), registered(ada), settled({ endTime: null })).outputs)
    assert.deepEqual([found.status, found.endedAt], ['missed', atMinute(90) + 500])
  })

  it('Z13 the later of two ends stands, in either order', () => {
    for (const order of inBothOrders([started(), ended(60), registered(ada)], [settled({ endTime: atMinute(61) })])) {
      assert.equal(attendance(after(...order).outputs).endedAt, atMinute(61))
    }
  })

  it('Z13 the start that it tells goes before that of joins, in either order', () => {
    const early = { ...joined(ada, 's1', 5), startTime: atMinute(-3) }
    for (const order of inBothOrders([early], [settled({ startTime: atMinute(0) })])) {
      const [run] = told(after(...order).outputs).at(-1)?.webinar.instances ?? []
      assert.equal(run?.startedAt, atMinute(0))
    }
  })

  it('Z13 a report that comes after it was waited for in vain is read all the same', () => {
    const consumer = after(started(), joined(ada, 's1', 5), ended(), settled({ reported: false }))
    assert.equal(minutes(attendance(consumer.outputs)), 55)
    consumer.given(reported(ada, 'u1', 5, 25), settled({ minute: 200 }))
    const found = attendance(consumer.outputs)
    assert.deepEqual([minutes(found), found.settled], [20, true])
  })

  it('Z13 a vain wait told after the report takes nothing back', () => {
    const consumer = after(started(), joined(ada, 's1', 5), ended(), reported(ada, 'u1', 5, 25), settled())
    consumer.given(settled({ minute: 95, reported: false }))
    assert.equal(minutes(attendance(consumer.outputs)), 20)
  })

  it('Z13 a repeated one changes no row and tells the same again', () => {
    const consumer = after(started(), registered(ada), joined(grace, 's1', 5), reported(grace, 'u1', 5, 25))
    const settlement = settled()
    const first = consumer.when(settlement)
    const rows = structuredClone([...consumer.rows])
    assert.deepEqual(consumer.when(settlement), first)
    assert.deepEqual([...consumer.rows], rows)
  })

  it('Z13 a restart unsettles the webinar until the new run is settled', () => {
    const second = { instance: 'run-2', startTime: atMinute(100) }
    const consumer = after(started(), registered(ada), joined(grace, 's1', 5), ended(), settled({ reported: false }))
    assert.equal(attendance(consumer.outputs).settled, true)
    const states = [
      webinarEvent({ kind: 'STARTED', minute: 100, ...second }),
      webinarEvent({ kind: 'ENDED', minute: 130, endTime: atMinute(130), ...second }),
      settled({ minute: 160, endTime: atMinute(130), ...second }),
    ].map(event => {
      consumer.given(event)
      const { settled: isSettled, status } = attendance(consumer.outputs)
      return [isSettled, status]
    })
    assert.deepEqual(states, [
      [false, 'registered'],
      [false, 'missed'],
      [true, 'missed'],
    ])
  })

  it('Z13 the report of one run leaves the other one as the webhooks told it', () => {
    const second = { instance: 'run-2', startTime: atMinute(70) }
    const consumer = after(
      ...[started(), joined(ada, 's1', 5), ended(60)],
      { ...joined(ada, 's2', 70), ...second },
      webinarEvent({ kind: 'ENDED', minute: 90, endTime: atMinute(90), ...second }),
      ...[reported(ada, 'u1', 5, 25), settled()],
    )
    // 5 to 25 by the report, 70 to the end at 90 by the webhook.
    assert.equal(minutes(attendance(consumer.outputs)), 40)
    assert.equal(attendance(consumer.outputs).settled, false)
  })

  it('Z7 Z13 of a date of a series settles that date', () => {
    const dates = ['2026-10-07', '2026-10-14'].map(day => ({
      id: `occ-${day}`,
      startTime: Date.parse(`${day}T09:00Z`),
    }))
    const facts = { number: '91122334455', recurring: true } as const
    const consumer = after(
      { ...registered(ada), ...facts, occurrences: dates },
      { ...reported(ada, 'u1', 5, 25), ...facts },
      { ...settled(), ...facts },
    )
    const states = dates.map(({ id }) => attendance(consumer.outputs, ada[0], `${facts.number}-${id}`).settled)
    assert.deepEqual(states, [false, true])
  })
})

describe('webinar-attendance: the first mention of a participant', () => {
  it('Z14 is when the first of their events was received, in any order', () => {
    const events = [registered(ada), joined(ada, 's1', 5), left(ada, 's1', 25)]
    for (const order of [events, events.toReversed()]) {
      const last = told(after(...order).outputs).at(-1)
      assert.equal(last?.firstReceivedAt, atMinute(-1_000) + 500)
    }
  })

  it('Z14 the registration stood when it was first approved or pending, also when its cancellation arrives first', () => {
    const cancelled = registered(ada, { kind: 'CANCELLED', status: 'CANCELLED', minute: -900 })
    const stood = (...events: readonly Webinar[]) => attendance(after(...events).outputs).stoodAt
    assert.equal(stood(cancelled), null)
    assert.equal(stood(cancelled, registered(ada)), atMinute(-1_000))
    assert.equal(stood(registered(ada), cancelled), atMinute(-1_000))
  })
})
