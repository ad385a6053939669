import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Participation, Session } from '../../schemas/generated.ts'
import { attendanceOf, averageMinutes, minutesOf } from '../../services/webinars/attendance.ts'

const minute = 60_000
const at = (minutes: number): number => Date.UTC(2026, 9, 14, 15) + minutes * minute

/**
 * A participation in a webinar that runs from minute 0 to minute 60, unless told otherwise. Sessions are [join, leave] in minutes, rows of the report likewise; a run is
 * [start, end, minute of the settlement], with `reports` after its report was read.
 */
const participation = (
  sessions: readonly (readonly [number | null, number | null, string?])[],
  over: Partial<Participation> & {
    readonly runs?: readonly (readonly [number | null, number | null, number?])[]
    readonly rows?: readonly (readonly [number, number, string?])[]
    readonly read?: readonly string[]
  } = {},
): Participation => {
  const { runs = [[0, 60]], rows = [], read = [], ...rest } = over
  const time = (minutes: number | null): number | null => (minutes === null ? null : at(minutes))
  return {
    eventId: 'e1',
    source: 'zoom:default',
    occurredAt: at(0),
    receivedAt: at(0),
    person: 'email:ada@example.com',
    participant: 'email:ada@example.com',
    firstReceivedAt: at(-1000),
    revision: 1,
    webinarRevision: 1,
    webinar: {
      id: '93498765432',
      account: 'default',
      topic: 'Tributary in Production',
      scheduledAt: at(0),
      timezone: 'Europe/Berlin',
      instances: runs.map(([from, to, settledAt], index) => ({
        id: `run-${index}`,
        startedAt: time(from),
        endedAt: time(to),
        settledAt: time(settledAt ?? (read.includes(`run-${index}`) ? 90 : null)),
        reported: read.includes(`run-${index}`),
      })),
    },
    registration: {
      status: 'APPROVED',
      registeredAt: at(-1000),
      stoodAt: at(-1000),
      stoodReceivedAt: at(-1000),
      changedAt: at(-1000),
      joinUrl: null,
    },
    sessions: [
      ...sessions.map(session => ({ session, reported: false })),
      ...rows.map(session => ({ session, reported: true })),
    ].map(
      ({ session: [join, leave, instance], reported }, index): Session => ({
        id: `s${index}`,
        instance: instance ?? 'run-0',
        joinedAt: time(join),
        joinReceivedAt: time(join) ?? 0,
        leftAt: time(leave),
        reported,
      }),
    ),
    ...rest,
  }
}

describe('attendance of a webinar of 60 minutes', () => {
  const cases: {
    name: string
    given: Parameters<typeof participation>
    minutes: number
    percent: number | null
    status: string
  }[] = [
    { name: 'Z2 from start to end', given: [[[0, 60]]], minutes: 60, percent: 100, status: 'attended' },
    {
      name: 'Z3 a re-join adds only the time in the room',
      given: [
        [
          [0, 20],
          [30, 60],
        ],
      ],
      minutes: 50,
      percent: 83,
      status: 'attended',
    },
    {
      name: 'Z3 two devices at once count once',
      given: [
        [
          [0, 40],
          [10, 50],
        ],
      ],
      minutes: 50,
      percent: 83,
      status: 'attended',
    },
    {
      name: 'Z3 a repeated session counts once',
      given: [
        [
          [0, 40],
          [0, 40],
        ],
      ],
      minutes: 40,
      percent: 67,
      status: 'attended',
    },
    {
      name: 'Z3 a missing leave is closed by the end',
      given: [[[15, null]]],
      minutes: 45,
      percent: 75,
      status: 'attended',
    },
    {
      name: 'Z3 a leave without its join counts nothing',
      given: [[[null, 30]]],
      minutes: 0,
      percent: 0,
      status: 'missed',
    },
    {
      name: 'Z3 time outside the webinar does not count',
      given: [[[-5, 65]]],
      minutes: 60,
      percent: 100,
      status: 'attended',
    },
    {
      name: 'Z3 a leave before its join counts nothing',
      given: [[[30, 20]]],
      minutes: 0,
      percent: 0,
      status: 'attended',
    },
    { name: 'Z2 registered and never there is missed', given: [[]], minutes: 0, percent: 0, status: 'missed' },
    {
      name: 'Z2 before the start it is registered',
      given: [[], { runs: [] }],
      minutes: 0,
      percent: null,
      status: 'registered',
    },
    {
      name: 'Z2 in the room it is attending',
      given: [[[5, null]], { runs: [[0, null]] }],
      minutes: 0,
      percent: null,
      status: 'attending',
    },
    {
      name: 'Z2 out of the room before the end it is attended',
      given: [[[5, 25]], { runs: [[0, null]] }],
      minutes: 20,
      percent: null,
      status: 'attended',
    },
    {
      name: 'the pause before a restart is not webinar time',
      given: [
        [
          [0, null, 'run-0'],
          [40, 60, 'run-1'],
        ],
        {
          runs: [
            [0, 20],
            [40, 60],
          ],
        },
      ],
      minutes: 40,
      percent: 100,
      status: 'attended',
    },
    {
      name: 'a lost started webhook cuts nothing off',
      given: [[[5, 25]], { runs: [[null, 60]] }],
      minutes: 20,
      percent: 0,
      status: 'attended',
    },
  ]
  const read = ['run-0']
  cases.push(
    {
      name: "Z13 in a run whose report was read, the report's leave stands for a missing one",
      given: [[[5, null]], { rows: [[5, 20]], read }],
      minutes: 15,
      percent: 25,
      status: 'attended',
    },
    {
      name: 'Z13 until it was read, a missing leave is closed by the end',
      given: [[[5, null]], { rows: [[5, 20]] }],
      minutes: 55,
      percent: 92,
      status: 'attended',
    },
    {
      name: "Z13 so it is when the report has no row of the person, and with another run's",
      given: [
        [[5, null]],
        {
          rows: [[70, 80, 'run-1']],
          runs: [
            [0, 60],
            [60, 120],
          ],
          read: ['run-0', 'run-1'],
        },
      ],
      minutes: 65,
      percent: 54,
      status: 'attended',
    },
    {
      name: 'Z13 what the webhooks closed and what the report tells are joined, not added',
      given: [[[5, 30]], { rows: [[20, 45]], read }],
      minutes: 40,
      percent: 67,
      status: 'attended',
    },
    {
      name: 'Z13 of two devices only the one without its leave is superseded',
      given: [
        [
          [5, null],
          [10, 50],
        ],
        { rows: [[5, 20]], read },
      ],
      minutes: 45,
      percent: 75,
      status: 'attended',
    },
    {
      name: 'Z13 the share is at most 100 when both tell the whole webinar, a second apart',
      given: [[[-0.02, 60]], { rows: [[0, 60.02]], read }],
      minutes: 60,
      percent: 100,
      status: 'attended',
    },
    {
      name: 'Z13 a settled run is over, also when nobody told its end',
      given: [[], { runs: [[0, null, 90]] }],
      minutes: 0,
      percent: 0,
      status: 'missed',
    },
  )
  for (const { name, given, minutes, percent, status } of cases) {
    it(name, () => {
      const attendance = attendanceOf([participation(...given)])
      assert.deepEqual(
        { minutes: minutesOf(attendance.attendedMs), percent: attendance.percent, status: attendance.status },
        { minutes, percent, status },
      )
    })
  }

  it('Z14 two participants who are one person are joined, not added', () => {
    const attendance = attendanceOf([
      participation([[0, 30]]),
      participation([[20, 45]], { participant: 'zoom:user:u1', registration: null }),
    ])
    assert.equal(minutesOf(attendance.attendedMs), 45)
  })

  it('Z14 Z13 a missing leave of one of them is superseded by a row of the other', () => {
    const attendance = attendanceOf([
      participation([[0, null]], { read: ['run-0'] }),
      participation([], {
        rows: [[0, 30]],
        read: ['run-0'],
        participant: 'email:ada@home.example',
        registration: null,
      }),
    ])
    assert.equal(minutesOf(attendance.attendedMs), 30)
  })

  it('Z3 a cancelled registration of someone who never came is neither registered nor missed', () => {
    const cancelled = {
      status: 'CANCELLED',
      registeredAt: at(-9),
      stoodAt: at(-9),
      stoodReceivedAt: at(-9),
      changedAt: at(-8),
      joinUrl: null,
    } as const
    const attendance = attendanceOf([participation([], { registration: cancelled })])
    assert.deepEqual([attendance.registered, attendance.status], [false, 'cancelled'])
  })

  it('Z2 joined is the first join and left the last leave', () => {
    const attendance = attendanceOf([
      participation([
        [30, 60],
        [2, 10],
      ]),
    ])
    assert.deepEqual([attendance.joinedAt, attendance.leftAt], [at(2), at(60)])
  })
})

describe('rounding', () => {
  it('Z3 minutes have one decimal, half rounded up', () => {
    assert.deepEqual([2_999, 3_000, 8_999, 9_000, 60_000].map(minutesOf), [0, 0.1, 0.1, 0.2, 1])
  })
  it('Z3 an average is rounded once, at the end', () => {
    assert.equal(averageMinutes([3_000, 3_000, 2_999]), 0)
    assert.equal(averageMinutes([90_000, 60_000]), 1.3)
  })
})
