import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { attendanceRows } from '../../services/webinars/report.ts'
import type { Person } from '../../topology/define.ts'
import { participation } from './participations.ts'

const person = (...emails: readonly string[]): Person => ({
  id: emails[0] ?? 'nobody',
  aliases: emails.map(email => `email:${email}`),
  emails,
  attributes: {},
})
const history = (...participations: Parameters<typeof participation>) => ({
  participations: participations.map(participation),
})

describe('the attendance report', () => {
  it('Z2 has a row for each person and webinar, by webinar and address', () => {
    const rows = attendanceRows([
      {
        history: history({ webinar: '22', runs: [[0, 60]], sessions: [[0, 45]] }),
        person: person('grace@example.com', 'grace@example.org'),
      },
      {
        history: { participations: [participation({ webinar: '22' }), participation({ webinar: '11' })] },
        person: person('ada@example.com'),
      },
    ])
    assert.deepEqual(
      rows.map(({ webinar, email, status }) => [webinar, email, status]),
      [
        ['11', 'ada@example.com', 'registered'],
        ['22', 'ada@example.com', 'registered'],
        ['22', 'grace@example.com', 'attended'],
      ],
    )
    assert.deepEqual(rows[2], {
      webinar: '22',
      email: 'grace@example.com',
      status: 'attended',
      joinedAt: '2026-10-14T09:00:00.000Z',
      leftAt: '2026-10-14T09:45:00.000Z',
      minutes: 45,
      percent: 75,
    })
  })

  it('Z2 leaves out cancelled registrations and people without an address', () => {
    assert.deepEqual(
      attendanceRows([
        { history: history({ status: 'CANCELLED' }), person: person('ada@example.com') },
        { history: history({}), person: person() },
      ]),
      [],
    )
  })

  it('Z2 has no times and no share for who never came', () => {
    const [row] = attendanceRows([{ history: history({ runs: [[0, 60]] }), person: person('ada@example.com') }])
    assert.deepEqual(
      [row?.status, row?.joinedAt, row?.leftAt, row?.minutes, row?.percent],
      ['missed', null, null, 0, 0],
    )
  })
})
