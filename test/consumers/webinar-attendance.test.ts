import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Attendance as Row, Webinar } from '../../schemas/generated.ts'
import webinarAttendance from '../../services/consumers/webinar-attendance.ts'
import { attendanceOf } from '../../services/webinars/attendance.ts'
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
  webinarNumber,
} from '../webinars/events.ts'
import { ada, after, attendance, grace, minutes, series, told, whom } from './attending.ts'
import { checkLaws } from './laws.ts'

const participant = (rows: ReadonlyMap<string, unknown>, key: string): Row['participant'] =>
  (rows.get(key) as Row | undefined)?.participant ?? null

/** A phone leg comes as a guest, and BOUND says whose it is. */
const bound = (minute: number, phone = 'phone', computer = 'laptop'): Webinar =>
  webinarEvent({
    kind: 'BOUND',
    minute,
    eventId: `zoom:BOUND:${computer}:${phone}`,
    instance: 'run-1',
    person: ada[0],
    aliases: [ada[0]],
    participant: { session: computer, boundSession: phone, name: null, host: false, joinedAt: null, leftAt: null },
  })

describe('webinar-attendance: registrations', () => {
  const statuses: { name: string; given: readonly Webinar[]; status: string; registered: boolean }[] = [
    {
      name: 'Z2 a registration is told',
      given: [registered(ada)],
      status: 'registered',
      registered: true,
    },
    {
      name: 'Z2 one that waits for approval counts',
      given: [registered(ada, { status: 'PENDING' })],
      status: 'registered',
      registered: true,
    },
    {
      name: 'Z3 a cancelled one does not',
      given: [registered(ada), registered(ada, { kind: 'CANCELLED', status: 'CANCELLED', minute: -900 })],
      status: 'cancelled',
      registered: false,
    },
    {
      name: 'Z3 a denied one does not',
      given: [
        registered(ada, { status: 'PENDING' }),
        registered(ada, { kind: 'DENIED', status: 'DENIED', minute: -900 }),
      ],
      status: 'cancelled',
      registered: false,
    },
    {
      name: 'Z3 one approved again after a cancellation counts',
      given: [
        registered(ada),
        registered(ada, { kind: 'CANCELLED', status: 'CANCELLED', minute: -900 }),
        registered(ada, { kind: 'APPROVED', minute: -800 }),
      ],
      status: 'registered',
      registered: true,
    },
    {
      name: 'Z3 30 what happened last counts, not what arrived last',
      given: [
        registered(ada, { kind: 'CANCELLED', status: 'CANCELLED', minute: -900 }),
        registered(ada, { minute: -1_000 }),
      ],
      status: 'cancelled',
      registered: false,
    },
  ]
  for (const { name, given, status, registered: stands } of statuses) {
    it(name, () => {
      const { status: found, registered: counts } = attendance(after(...given).outputs)
      assert.deepEqual([found, counts], [status, stands])
    })
  }

  it('Z3 two statuses of one moment end alike in either order', () => {
    const [cancelled, approved] = [
      registered(ada, { kind: 'CANCELLED', status: 'CANCELLED', minute: -900 }),
      registered(ada, { kind: 'APPROVED', minute: -900 }),
    ]
    assert.deepEqual(attendance(after(cancelled, approved).outputs), attendance(after(approved, cancelled).outputs))
  })

  it('Z2 registered is when it happened first, and the join link stays when a later event has none', () => {
    const again = registered(ada, { kind: 'APPROVED', minute: -500 })
    const bare = { ...again, registrant: again.registrant && { ...again.registrant, joinUrl: null } }
    const { registeredAt, joinUrl } = attendance(after(registered(ada), bare).outputs)
    assert.deepEqual([registeredAt, joinUrl], [atMinute(-1_000), 'https://zoom.example/j/1'])
  })
})

describe('webinar-attendance: presence', () => {
  const cases: { name: string; given: readonly Webinar[]; minutes: number; status: string }[] = [
    {
      name: 'Z2 who joined attends',
      given: [started(), joined(ada, 's1', 5)],
      minutes: 0,
      status: 'attending',
    },
    {
      name: 'Z2 who left attended',
      given: [started(), joined(ada, 's1', 5), left(ada, 's1', 25)],
      minutes: 20,
      status: 'attended',
    },
    {
      name: 'Z3 a re-join adds its own time only',
      given: [started(), joined(ada, 's1', 5), left(ada, 's1', 25), joined(ada, 's2', 40), left(ada, 's2', 50)],
      minutes: 30,
      status: 'attended',
    },
    {
      name: 'Z3 two devices at once count once',
      given: [started(), joined(ada, 's1', 5), joined(ada, 's2', 10), left(ada, 's1', 25), left(ada, 's2', 30)],
      minutes: 25,
      status: 'attended',
    },
    {
      name: 'Z3 one of two devices gone is still in the room',
      given: [started(), joined(ada, 's1', 5), joined(ada, 's2', 10), left(ada, 's1', 25)],
      minutes: 20,
      status: 'attending',
    },
    {
      name: 'Z3 30 a leave that arrives before its join closes it',
      given: [started(), left(ada, 's1', 25), joined(ada, 's1', 5)],
      minutes: 20,
      status: 'attended',
    },
    {
      name: 'Z3 30 a repeated join and leave count once',
      given: [started(), joined(ada, 's1', 5), joined(ada, 's1', 5), left(ada, 's1', 25), left(ada, 's1', 25)],
      minutes: 20,
      status: 'attended',
    },
    {
      name: 'Z3 a missing leave is closed by the end',
      given: [started(), joined(ada, 's1', 5), ended(60)],
      minutes: 55,
      status: 'attended',
    },
    {
      name: 'Z3 30 an end that arrives before the join closes it too',
      given: [started(), ended(60), joined(ada, 's1', 5)],
      minutes: 55,
      status: 'attended',
    },
    {
      name: 'Z3 a lost start leaves no hole: every event of a run tells its start',
      given: [joined(ada, 's1', -5), left(ada, 's1', 25), ended(60)],
      minutes: 25,
      status: 'attended',
    },
  ]
  for (const { name, given, minutes: expected, status } of cases) {
    it(name, () => {
      const found = attendance(after(...given).outputs)
      assert.deepEqual([minutes(found), found.status], [expected, status])
    })
  }

  it('Z2 a leave whose join was never seen is no attendance', () => {
    assert.equal(attendance(after(started(), registered(ada), left(ada, 's1', 25)).outputs).status, 'registered')
  })

  it('Z3 the share is of the webinar as it really was, also when its start was lost', () => {
    assert.equal(attendance(after(joined(ada, 's1', 0), left(ada, 's1', 15), ended(60)).outputs).percent, 25)
  })

  it('Z3 after a restart the webinar runs again, and both runs count', () => {
    const second = { instance: 'run-2', startTime: atMinute(70) }
    const consumer = after(
      started(),
      registered(grace),
      joined(ada, 's1', 5),
      ended(60),
      webinarEvent({ kind: 'STARTED', minute: 70, ...second }),
    )
    assert.equal(attendance(consumer.outputs, grace[0]).status, 'registered')
    consumer.given({ ...joined(ada, 's2', 70), ...second })
    assert.equal(attendance(consumer.outputs).status, 'attending')
    consumer.given(webinarEvent({ kind: 'ENDED', minute: 90, endTime: atMinute(90), ...second }))
    const both = attendance(consumer.outputs)
    assert.deepEqual([minutes(both), both.percent, both.status], [75, 94, 'attended'])
  })

  it('Z3 the host is no attendee', () => {
    const join = joined(ada, 's1', 0)
    const host = {
      ...join,
      person: null,
      aliases: [],
      participant: join.participant && { ...join.participant, host: true },
    }
    const consumer = after(started(), host, ended(60))
    assert.deepEqual(whom(consumer.outputs), [])
    assert.deepEqual([...consumer.rows.keys()], [`${webinarNumber}|`])
  })

  it('Z2 a guest of whom no alias is known is kept and told to nobody', () => {
    const consumer = after(started(), joined([], 's-guest', 5), left([], 's-guest', 9), ended(60))
    assert.deepEqual(whom(consumer.outputs), [])
    assert.equal(
      participant(consumer.rows, `${webinarNumber}|session:s-guest`)?.sessions['s-guest']?.leftAt,
      atMinute(9),
    )
  })
})

describe('webinar-attendance: a phone leg', () => {
  const phone = [joined([], 'phone', 10), left([], 'phone', 40)] as const
  const [laptopIn, laptopOut] = [joined(ada, 'laptop', 5), left(ada, 'laptop', 20)]
  const orders: Readonly<Record<string, readonly Webinar[]>> = {
    'before its sessions': [started(), laptopIn, bound(9), ...phone, laptopOut],
    'between its join and its leave': [started(), laptopIn, phone[0], bound(12), phone[1], laptopOut],
    'after its sessions': [started(), laptopIn, laptopOut, ...phone, bound(45)],
    'before everything': [bound(9), started(), ...phone, laptopIn, laptopOut],
    'after everything of its own': [started(), laptopIn, laptopOut, bound(9), ...phone],
  }
  for (const [when, events] of Object.entries(orders)) {
    it(`Z3 counts for the person when it is bound ${when}`, () => {
      const consumer = after(...events)
      assert.deepEqual(new Set(whom(consumer.outputs)), new Set([ada[0]]))
      const found = attendance(consumer.outputs)
      assert.deepEqual([minutes(found), found.status], [35, 'attended'])
    })
  }

  it('Z3 still in the room by phone is attending', () => {
    const consumer = after(started(), laptopIn, bound(9), phone[0], laptopOut)
    assert.equal(attendance(consumer.outputs).status, 'attending')
  })

  it('what is told of it later replaces what was told before, whatever the events are called', () => {
    for (const prefix of ['a', 'z']) {
      const join = { ...phone[0], eventId: `${prefix}-phone-in` }
      const leave = { ...phone[1], eventId: 'm-phone-out' }
      assert.equal(minutes(attendance(after(started(), laptopIn, laptopOut, bound(9), join, leave).outputs)), 35)
    }
  })
})

describe('webinar-attendance: foreign ids', () => {
  it('sessions, runs and dates may be called like anything', () => {
    for (const id of ['constructor', '__proto__', 'toString', 'a|b', '']) {
      const join = { ...joined(ada, id, 5), instance: id }
      const leave = { ...left(ada, id, 25), instance: id }
      const end = { ...ended(60), instance: id }
      assert.equal(minutes(attendance(after(join, leave, end).outputs)), 20, id)
    }
  })
})

describe('webinar-attendance: rows', () => {
  it('Z14 the same participant keeps one row when a later event knows more aliases', () => {
    const consumer = after(registered(ada), joined([ada[0], 'zoom:user:u1'], 's1', 5))
    assert.deepEqual([...consumer.rows.keys()].sort(), [`${webinarNumber}|`, `${webinarNumber}|${ada[0]}`])
    assert.deepEqual(participant(consumer.rows, `${webinarNumber}|${ada[0]}`)?.aliases, [
      'email:ada@example.com',
      'zoom:registrant:r-ada',
      'zoom:user:u1',
    ])
  })

  it('a row key leads to the webinar number that keys the input', () => {
    const keys = [
      '93498765432|',
      '93498765432|email:a-b@example.com',
      '91122334455-occ-1|',
      '91122334455-occ-1|user:4|2',
    ]
    assert.deepEqual(
      keys.map(key => webinarAttendance.keepsPerKey?.inputKeyOf(key)),
      ['93498765432', '93498765432', '91122334455', '91122334455'],
    )
  })

  it('K9 a row tells whose it is, so that an erasure finds it', () => {
    const { rows } = after(registered(ada), joined([...ada, 'zoom:user:u1'], 's1', 1), joined([], 's2', 1))
    const aliases = [...rows].map(([key, row]) => [key, webinarAttendance.keepsPerKey?.aliasesOf(row)])
    assert.deepEqual(aliases, [
      [`${webinarNumber}|`, []],
      [`${webinarNumber}|${ada[0]}`, ['email:ada@example.com', 'zoom:registrant:r-ada', 'zoom:user:u1']],
      [`${webinarNumber}|session:s2`, []],
    ])
  })

  it('a participation says all that is known, with revisions of both rows', () => {
    const consumer = after(started(), registered(ada))
    const [participation] = told(consumer.when(joined(ada, 's1', 5)))
    assert.ok(participation)
    const { revision, webinarRevision, participant: key, registration, sessions } = participation
    assert.deepEqual([revision, webinarRevision, key], [2, 2, ada[0]])
    assert.deepEqual([registration?.status, sessions.map(({ id }) => id)], ['APPROVED', ['s1']])
    assert.equal(attendanceOf([participation]).status, 'attending')
  })
})

checkLaws(webinarAttendance, [
  registered(ada),
  registered(grace),
  webinarEvent({ kind: 'UPDATED', minute: -400, topic: 'Tributary for Teams' }),
  started(),
  ...[joined(ada, 'laptop', 5), bound(9), joined([], 'phone', 10), left(ada, 'laptop', 20), left([], 'phone', 40)],
  joined(grace, 's3', 12),
  registered(grace, { kind: 'CANCELLED', status: 'CANCELLED', minute: 13 }),
  ended(60),
  webinarEvent({ kind: 'STARTED', minute: 70, instance: 'run-2', startTime: atMinute(70) }),
  { ...joined(ada, 's4', 71), instance: 'run-2', startTime: atMinute(70) },
  webinarEvent({ kind: 'ENDED', minute: 80, instance: 'run-2', startTime: atMinute(70), endTime: atMinute(80) }),
  ...[reported(ada, 'u-laptop', 5, 20), reported([], 'u-phone', 10, 40), reported(grace, 'u-grace', 12, 30)],
  ...[settled({ reported: false }), settled({ minute: 120 })],
  webinarEvent({ kind: 'CREATED', ...series.facts, occurrences: series.dates }),
  { ...registered(ada), ...series.facts, occurrences: series.dates },
])
