import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Participation } from '../../schemas/generated.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import type { contactProperties } from '../../services/sinks/hubspot/contact-properties.ts'
import type { Person } from '../../topology/define.ts'
import { atMinute } from '../webinars/events.ts'
import { participation } from '../webinars/participations.ts'
import { ada, drive, fieldsOf, type Output, writesTo } from './drive.ts'
import { checkLaws } from './laws.ts'

/** What is asked for the contact after the last of these. */
const after = (...participations: readonly Participation[]): readonly Output[] => {
  const consumer = drive(webinarContact)
  consumer.given(...participations.slice(0, -1))
  return writesTo(consumer.when(participations.at(-1)), 'hubspot:contact')
}
const iso = (minute: number): string => new Date(atMinute(minute)).toISOString()

const hour = { runs: [[0, 60]] } as const
const running = { runs: [[0, null]] } as const
const later = { runs: [[1_000, 1_060]] } as const
const half = (webinar: string, from: number, seconds: number): Participation =>
  participation({ webinar, runs: [[from, from + 60]], sessions: [[from, from + seconds / 60]] })

type Property = keyof typeof contactProperties
const rows: { property: Property; when: string; given: readonly Participation[]; value: unknown }[] = [
  {
    property: 'zoom_webinar_registration_count',
    when: 'two webinars are registered for',
    given: [participation({ webinar: '11' }), participation({ webinar: '22', status: 'PENDING' })],
    value: 2,
  },
  {
    property: 'zoom_webinar_registration_count',
    when: 'one registration is cancelled and one denied',
    given: [
      participation({ webinar: '11' }),
      participation({ webinar: '22', status: 'CANCELLED' }),
      participation({ webinar: '33', status: 'DENIED' }),
    ],
    value: 1,
  },
  {
    property: 'zoom_webinar_registration_count',
    when: 'somebody joins who never registered',
    given: [participation({ registeredAt: null, ...running, sessions: [[5, null]] })],
    value: 0,
  },
  {
    property: 'zoom_webinar_registration_count',
    when: 'two participants of one webinar are this person',
    given: [participation({ participant: 'zoom:registrant:r1' }), participation({ participant: 'zoom:registrant:r2' })],
    value: 1,
  },
  {
    property: 'zoom_webinar_attendance_count',
    when: 'nobody joined yet',
    given: [participation(running)],
    value: 0,
  },
  {
    property: 'zoom_webinar_attendance_count',
    when: 'the first join is seen, while the webinar runs',
    given: [participation({ ...running, sessions: [[5, null]] })],
    value: 1,
  },
  {
    property: 'zoom_webinar_attendance_count',
    when: 'of two webinars one was joined twice and one missed',
    given: [
      participation({
        webinar: '11',
        ...hour,
        sessions: [
          [0, 10],
          [20, 60],
        ],
      }),
      participation({ webinar: '22', ...hour }),
    ],
    value: 1,
  },
  {
    property: 'zoom_webinar_attendance_average_duration',
    when: 'nothing was left yet',
    given: [participation({ ...running, sessions: [[5, null]] })],
    value: null,
  },
  {
    property: 'zoom_webinar_attendance_average_duration',
    when: 'one webinar was left and another is still on',
    given: [half('11', 0, 30 * 60), participation({ webinar: '22', ...running, sessions: [[5, null]] })],
    value: 30,
  },
  {
    property: 'zoom_webinar_attendance_average_duration',
    when: 'a half is rounded up: 90 and 60 seconds are 1.25 minutes',
    given: [half('11', 0, 90), half('22', 100, 60)],
    value: 1.3,
  },
  {
    property: 'zoom_webinar_attendance_average_duration',
    when: 'a missed webinar does not count',
    given: [half('11', 0, 20 * 60), participation({ webinar: '22', ...later })],
    value: 20,
  },
  {
    property: 'zoom_webinar_last_registered',
    when: 'two are registered for, the later one first told',
    given: [
      participation({ webinar: '22', topic: 'Later', registeredAt: -10 }),
      participation({ webinar: '11', topic: 'Earlier', registeredAt: -20 }),
    ],
    value: 'Later',
  },
  {
    property: 'zoom_webinar_last_registered',
    when: 'the later one is cancelled',
    given: [
      participation({ webinar: '11', topic: 'Earlier', registeredAt: -20 }),
      participation({ webinar: '22', topic: 'Later', registeredAt: -10, status: 'CANCELLED' }),
    ],
    value: 'Earlier',
  },
  {
    property: 'zoom_webinar_last_registered',
    when: 'none stands',
    given: [participation({ status: 'CANCELLED' })],
    value: null,
  },
  {
    property: 'zoom_webinar_joinlink',
    when: 'two are registered for',
    given: [
      participation({ webinar: '11', joinUrl: 'https://zoom.example/1', registeredAt: -20 }),
      participation({ webinar: '22', joinUrl: 'https://zoom.example/2', registeredAt: -10 }),
    ],
    value: 'https://zoom.example/2',
  },
  {
    property: 'zoom_webinar_joinlink',
    when: 'Zoom sent none',
    given: [participation({ joinUrl: null })],
    value: null,
  },
  {
    property: 'zoom_webinar_last_attended',
    when: 'two were attended',
    given: [half('22', 1_000, 60), half('11', 0, 60)],
    value: 'Topic of 22',
  },
  {
    property: 'zoom_webinar_last_attended',
    when: 'a later one is only registered for',
    given: [half('11', 0, 60), participation({ webinar: '22', registeredAt: 500 })],
    value: 'Topic of 11',
  },
  { property: 'zoom_webinar_last_attended', when: 'none was', given: [participation(hour)], value: null },
  { property: 'zoom_webinar_last_status', when: 'registered', given: [participation()], value: 'registered' },
  {
    property: 'zoom_webinar_last_status',
    when: 'in the room',
    given: [participation({ ...running, sessions: [[5, null]] })],
    value: 'attending',
  },
  {
    property: 'zoom_webinar_last_status',
    when: 'out of the room before the end',
    given: [participation({ ...running, sessions: [[5, 20]] })],
    value: 'attended',
  },
  { property: 'zoom_webinar_last_status', when: 'never there', given: [participation(hour)], value: 'missed' },
  {
    property: 'zoom_webinar_last_status',
    when: 'a registration for another webinar follows the attendance',
    given: [half('11', 0, 60), participation({ webinar: '22', registeredAt: 500 })],
    value: 'registered',
  },
  {
    property: 'zoom_webinar_last_status',
    when: 'that registration is cancelled again',
    given: [
      half('11', 0, 60),
      participation({ webinar: '22', registeredAt: 500, status: 'CANCELLED', changedAt: 600 }),
    ],
    value: 'attended',
  },
  {
    property: 'zoom_webinar_last_status',
    when: 'all registrations are cancelled',
    given: [participation({ status: 'CANCELLED' })],
    value: null,
  },
  {
    property: 'zoom_webinar_last_joined_at',
    when: 'joined twice: the first join',
    given: [
      participation({
        ...hour,
        sessions: [
          [5, 10],
          [20, 30],
        ],
      }),
    ],
    value: iso(5),
  },
  {
    property: 'zoom_webinar_last_joined_at',
    when: 'two were attended: of the later one',
    given: [half('11', 0, 60), half('22', 1_000, 60)],
    value: iso(1_000),
  },
  { property: 'zoom_webinar_last_joined_at', when: 'none was', given: [participation()], value: null },
  {
    property: 'zoom_webinar_last_left_at',
    when: 'left twice: the last leave',
    given: [
      participation({
        ...hour,
        sessions: [
          [5, 10],
          [20, 30],
        ],
      }),
    ],
    value: iso(30),
  },
  {
    property: 'zoom_webinar_last_left_at',
    when: 'back in the room',
    given: [
      participation({
        ...running,
        sessions: [
          [5, 10],
          [20, null],
        ],
      }),
    ],
    value: null,
  },
  {
    property: 'zoom_webinar_last_left_at',
    when: 'the leave is missing: the end of the webinar',
    given: [participation({ ...hour, sessions: [[5, null]] })],
    value: iso(60),
  },
  {
    property: 'zoom_webinar_last_attended_minutes',
    when: 'left: with one decimal',
    given: [half('11', 0, 75)],
    value: 1.3,
  },
  {
    property: 'zoom_webinar_last_attended_minutes',
    when: 'back in the room: what was closed so far',
    given: [
      participation({
        ...running,
        sessions: [
          [5, 10],
          [20, null],
        ],
      }),
    ],
    value: 5,
  },
  {
    property: 'zoom_webinar_last_attended_minutes',
    when: 'not left yet',
    given: [participation({ ...running, sessions: [[5, null]] })],
    value: null,
  },
]

describe('webinar-contact: properties of the contact', () => {
  for (const { property, when, given, value } of rows) {
    it(`Z3 ${property}: ${when}`, () => assert.deepEqual(fieldsOf(after(...given))[property], value))
  }

  it('Z3 every property that it sets has a row here', () => {
    const inRows = new Set<string>(rows.map(({ property }) => property))
    assert.deepEqual(Object.keys(fieldsOf(after(participation()))).sort(), [...inRows].sort())
  })
})

describe('webinar-contact: the write', () => {
  const write = (person: Person): Output => {
    const [only, ...more] = writesTo(drive(webinarContact).when(participation(), person), 'hubspot:contact')
    assert.ok(only && more.length === 0, 'one write to the contact an event')
    return only
  }

  it('Z10 may create the contact of somebody with an address, and says then where it came from', () => {
    const output = write(ada)
    assert.ok(output.kind === 'write')
    assert.deepEqual(
      [output.target, output.operation, output.createIfMissing, output.fieldsOnCreate],
      ['hubspot:contact', 'SET', true, { tributary_source: 'zoom' }],
    )
  })

  it('Z10 creates no contact without an address', () => {
    const output = write({ ...ada, aliases: ['zoom:user:u1'], emails: [] })
    assert.ok(output.kind === 'write' && !output.createIfMissing)
  })

  it('Z3 a merge of two people asks for the properties of both webinars', () => {
    const { keepsPerPerson } = webinarContact
    assert.ok(keepsPerPerson)
    const [one, other] = [half('11', 0, 60), half('22', 1_000, 60)].map(each => ({ participations: [each] }))
    const row = keepsPerPerson.merge(one as never, other as never)
    const restated = writesTo(keepsPerPerson.restate({ row, person: ada }) as readonly Output[], 'hubspot:contact')
    assert.equal(fieldsOf(restated)['zoom_webinar_attendance_count'], 2)
    assert.deepEqual(fieldsOf(restated), fieldsOf(after(half('22', 1_000, 60), half('11', 0, 60))))
  })

  it('Z3 30 a participation that is older than the known one changes nothing', () => {
    const newer = participation({ revision: 2, ...hour, sessions: [[0, 30]] })
    assert.deepEqual(after(newer, participation({ revision: 1 })), after(newer))
  })
})

checkLaws(webinarContact, [
  participation({ webinar: '11' }),
  participation({ webinar: '22', registeredAt: -10 }),
  participation({ webinar: '11', revision: 2, ...running, sessions: [[5, null]] }),
  { ...participation({ webinar: '11', participant: 'email:grace@example.com' }), person: 'email:grace@example.com' },
  participation({ webinar: '11', revision: 3, ...running, sessions: [[5, 20]] }),
  participation({ webinar: '11', revision: 3, webinarRevision: 2, ...hour, sessions: [[5, 20]] }),
  participation({ webinar: '22', revision: 2, status: 'CANCELLED' }),
  participation({ webinar: '11', revision: 3, webinarRevision: 3, ...hour, sessions: [[5, 20]], settled: true }),
  participation({
    webinar: '11',
    revision: 4,
    webinarRevision: 4,
    ...hour,
    sessions: [[5, 20]],
    rows: [[5, 31]],
    reported: true,
  }),
])
