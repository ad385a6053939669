import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Participation } from '../../schemas/generated.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import { hubspotWebinarEvents } from '../../services/sinks/hubspot/objects.ts'
import { atMinute } from '../webinars/events.ts'
import { participation } from '../webinars/participations.ts'
import { ada, drive, type Output, writesTo } from './drive.ts'

const iso = (minute: number): string => new Date(atMinute(minute)).toISOString()
const hour = { runs: [[0, 60]] } as const
const running = { runs: [[0, null]] } as const

const asked = (outputs: readonly Output[]) => hubspotWebinarEvents.flatMap(({ target }) => writesTo(outputs, target))
const eventsAfter = (...participations: readonly Participation[]) => {
  const consumer = drive(webinarContact)
  consumer.given(...participations.slice(0, -1))
  return asked(consumer.when(participations.at(-1)))
}
/** The events' names, without the part that all have. */
const names = (events: ReturnType<typeof asked>): string[] =>
  events.map(({ target }) => target.replace('hubspot:zoom_webinar_', ''))

describe('webinar-contact: which custom events are asked for', () => {
  const cases: { when: string; given: readonly Participation[]; events: readonly string[] }[] = [
    { when: 'a registration stands', given: [participation()], events: ['registered'] },
    { when: 'it waits for approval', given: [participation({ status: 'PENDING' })], events: ['registered'] },
    {
      when: 'it stood and was cancelled: who cancelled had registered',
      given: [participation({ status: 'CANCELLED', changedAt: -500 })],
      events: ['registered'],
    },
    {
      when: 'only its cancellation was ever seen: nobody knows when it was made',
      given: [participation({ status: 'CANCELLED', stoodAt: null })],
      events: [],
    },
    {
      when: 'somebody joins who never registered',
      given: [participation({ registeredAt: null, ...running, sessions: [[5, null]] })],
      events: ['joined'],
    },
    {
      when: 'a leave was seen, but no join',
      given: [participation({ registeredAt: null, ...running, sessions: [[null, 20]] })],
      events: [],
    },
    {
      when: 'the webinar ended and its report is awaited',
      given: [participation({ ...hour, sessions: [[5, 60]] })],
      events: ['registered', 'joined'],
    },
    {
      when: 'it is settled and they came',
      given: [participation({ ...hour, sessions: [[5, 60]], settled: true })],
      events: ['registered', 'joined', 'attended'],
    },
    {
      when: 'it is settled and they did not come',
      given: [participation({ ...hour, settled: true })],
      events: ['registered', 'missed'],
    },
    {
      when: 'it is settled, and who did not come had cancelled',
      given: [participation({ ...hour, settled: true, status: 'CANCELLED', changedAt: -500 })],
      events: ['registered'],
    },
    {
      when: 'it is settled, and who had cancelled came after all',
      given: [participation({ ...hour, sessions: [[5, 60]], settled: true, status: 'CANCELLED', changedAt: -500 })],
      events: ['registered', 'joined', 'attended'],
    },
    {
      when: 'nobody but the report knows of the attendance',
      given: [participation({ ...hour, rows: [[5, 60]], reported: true })],
      events: ['registered', 'joined', 'attended'],
    },
  ]
  for (const { when, given, events } of cases) {
    it(`Z4 ${when}: ${events.join(', ') || 'none'}`, () => assert.deepEqual(names(eventsAfter(...given)), events))
  }

  it('Z4 after a restart the outcome waits for the settlement of the new run', () => {
    const settledRun = {
      id: 'run-0',
      startedAt: atMinute(0),
      endedAt: atMinute(60),
      settledAt: atMinute(90),
      reported: true,
    }
    const restarted = (over: object): Participation => {
      const known = participation()
      const again = { ...settledRun, id: 'run-1', startedAt: atMinute(70), endedAt: atMinute(80), ...over }
      return { ...known, webinar: { ...known.webinar, instances: [settledRun, again] } }
    }
    assert.deepEqual(names(eventsAfter(restarted({ settledAt: null }))), ['registered'])
    assert.deepEqual(names(eventsAfter(restarted({}))), ['registered', 'missed'])
    assert.equal(eventsAfter(restarted({})).at(-1)?.at, atMinute(80))
  })
})

describe('webinar-contact: what a custom event says', () => {
  const facts = { webinar_id: '93498765432', topic: 'Topic of 93498765432', start_time: iso(0) }
  const unknown = { joined_at: null, left_at: null, attended_minutes: null, attended_percent: null }
  const came = participation({
    ...hour,
    sessions: [
      [5, 20],
      [30, 45],
    ],
    settled: true,
  })
  const [registered, joined, attended] = eventsAfter(came)
  const [, missed] = eventsAfter(participation({ ...hour, settled: true }))
  const key = '93498765432:email:ada@example.com'

  const rows = [
    ['registered', registered, -1_000, { ...facts, ...unknown }],
    ['joined, the first time', joined, 5, { ...facts, ...unknown, joined_at: iso(5) }],
    [
      'attended, at the end',
      attended,
      60,
      { ...facts, joined_at: iso(5), left_at: iso(45), attended_minutes: 30, attended_percent: 50 },
    ],
    ['missed, at the end', missed, 60, { ...facts, ...unknown, attended_minutes: 0, attended_percent: 0 }],
  ] as const
  for (const [name, event, minute, fields] of rows) {
    it(`Z4 ${name}`, () => {
      assert.deepEqual(
        [event?.operation, event?.once, event?.at, event?.fields],
        ['APPEND', `${name.split(',')[0]}:${key}`, atMinute(minute), fields],
      )
    })
  }

  it('Z4 without a schedule the start is the actual one', () => {
    const [event] = eventsAfter(participation({ runs: [[2, null]], scheduledAt: null }))
    assert.equal(event?.fields['start_time'], iso(2))
    assert.equal(eventsAfter(participation({ scheduledAt: null }))[0]?.fields['start_time'], null)
  })

  it('Z4 the share is at most 100, also when report and webhooks differ by a second', () => {
    const events = eventsAfter(
      participation({ ...hour, sessions: [[-0.02, 60.01]], rows: [[0.01, 60.02]], reported: true }),
    )
    assert.equal(events.at(-1)?.fields['attended_percent'], 100)
  })

  it('Z4 the registration is dated when it first stood, not by a cancellation before it', () => {
    const [event] = eventsAfter(participation({ registeredAt: -900, stoodAt: -800 }))
    assert.equal(event?.at, atMinute(-800))
  })

  it('Z13 a report that comes after the settlement asks for the same occurrences, whose properties are corrected', () => {
    const late = participation({ ...hour, rows: [[5, 60]], sessions: [[5, 20]], reported: true, webinarRevision: 2 })
    const first = participation({ ...hour, sessions: [[5, 20]], settled: true })
    const consumer = drive(webinarContact)
    const [before, after] = [consumer.when(first), consumer.when(late)]
    const keys = (outputs: readonly Output[]) => asked(outputs).map(({ once }) => once)
    assert.deepEqual(keys(after), keys(before))
    const minutes = (outputs: readonly Output[]) =>
      writesTo(outputs, 'hubspot:contact').map(({ fields }) => fields['zoom_webinar_last_attended_minutes'])
    assert.deepEqual([minutes(before), minutes(after)], [[15], [55]])
  })
})

describe('webinar-contact: once per person and webinar', () => {
  const registrant = { participant: 'zoom:registrant:r1', firstReceivedAt: -1_000 }
  const other = { participant: 'email:ada@home.example', registeredAt: null, firstReceivedAt: 5 }

  it('Z14 of two participants who are one person each event is named after whose it was first, whichever is handled first', () => {
    const two = [
      participation({ ...registrant, ...running }),
      participation({ ...other, ...running, sessions: [[5, null]] }),
    ]
    for (const order of [two, two.toReversed()]) {
      assert.deepEqual(
        eventsAfter(...order).map(({ once }) => once),
        ['registered:93498765432:zoom:registrant:r1', 'joined:93498765432:email:ada@home.example'],
      )
    }
  })

  it('Z14 two told of at the same moment: the lesser key, in either order', () => {
    const two = ['zoom:registrant:r2', 'zoom:registrant:r1'].map(participant => participation({ participant }))
    for (const order of [two, two.toReversed()]) {
      assert.equal(eventsAfter(...order)[0]?.once, 'registered:93498765432:zoom:registrant:r1')
    }
  })

  it('Z14 a merge asks again for all webinars of both, each event once', () => {
    const { keepsPerPerson } = webinarContact
    assert.ok(keepsPerPerson)
    const one = { participations: [participation({ ...registrant, ...running }), participation({ webinar: '22' })] }
    const two = { participations: [participation({ ...other, ...running, sessions: [[5, null]] })] }
    for (const [a, b] of [
      [one, two],
      [two, one],
    ]) {
      const row = keepsPerPerson.merge(a as never, b as never)
      const keys: readonly (string | null)[] = asked(
        keepsPerPerson.restate({ row, person: ada }) as readonly Output[],
      ).map(({ once }) => once)
      assert.deepEqual(keys.toSorted(), [
        'joined:93498765432:email:ada@home.example',
        'registered:22:email:ada@example.com',
        'registered:93498765432:zoom:registrant:r1',
      ])
    }
  })

  it('Z4 only the webinar of the event is told', () => {
    const events = eventsAfter(participation({ webinar: '11' }), participation({ webinar: '22' }))
    assert.deepEqual(
      events.map(({ once }) => once),
      ['registered:22:email:ada@example.com'],
    )
  })

  it('Z4 without an address the contact is not made, but what belongs to one is asked for', () => {
    const nobody = { ...ada, aliases: ['zoom:user:u1'], emails: [] }
    const outputs = drive(webinarContact).when(participation({ ...hour, sessions: [[5, 60]], settled: true }), nobody)
    assert.ok(writesTo(outputs, 'hubspot:contact').every(({ createIfMissing }) => !createIfMissing))
    assert.deepEqual(names(asked(outputs)), ['registered', 'joined', 'attended'])
    assert.equal(writesTo(outputs, 'salesforce:task').length, 1)
  })

  it('Z4 keys keep to 255 plain characters, and differ where the ids do', () => {
    const ids = [
      'zoom:registrant:a/b+c==',
      `email:${'a'.repeat(300)}@example.com`,
      "email:o'neil@example.com",
      'user:ü',
    ]
    const keys = ids.map(participant => eventsAfter(participation({ participant }))[0]?.once ?? '')
    for (const key of keys) assert.match(key, /^registered:93498765432:[\w:.@|-]{1,230}$/)
    assert.equal(new Set(keys).size, ids.length)
    const series = eventsAfter(participation({ webinar: `93498765432-${'ö'.repeat(300)}` }))[0]?.once ?? ''
    assert.match(series, /^[\w:.@|-]{1,255}$/)
  })
})

describe('webinar-contact: participation in the marketing event', () => {
  const writesAfter = (last: Participation) =>
    writesTo(drive(webinarContact).when(last), 'hubspot:marketing_participation')
  const cases: { when: string; given: Parameters<typeof participation>[0]; fields: Record<string, unknown> }[] = [
    {
      when: 'a registration stands: registered',
      given: {},
      fields: { state: 'registered', interaction_at: iso(-1_000), joined_at: null, left_at: null, end_time: null },
    },
    {
      when: 'it was cancelled: cancelled',
      given: { status: 'CANCELLED', changedAt: -500 },
      fields: { state: 'cancelled', interaction_at: iso(-500) },
    },
    {
      when: 'it was denied: cancelled',
      given: { status: 'DENIED', changedAt: -500, stoodAt: null },
      fields: { state: 'cancelled', interaction_at: iso(-500) },
    },
    {
      when: 'after the first join: attended',
      given: { ...running, sessions: [[5, null]] },
      fields: { state: 'attended', interaction_at: iso(5), joined_at: iso(5), left_at: null, end_time: null },
    },
    {
      when: 'who cancelled came after all: attended',
      given: { ...hour, sessions: [[5, 20]], status: 'CANCELLED' },
      fields: { state: 'attended', interaction_at: iso(5), left_at: iso(20), end_time: iso(60) },
    },
  ]
  for (const { when, given, fields } of cases) {
    it(`Z4 ${when}`, () => {
      const [write, ...more] = writesAfter(participation(given))
      assert.equal(more.length, 0)
      assert.equal(write?.key, '93498765432:email:ada@example.com')
      const found = write?.fields ?? {}
      assert.deepEqual(Object.fromEntries(Object.keys(fields).map(name => [name, found[name]])), fields)
      assert.deepEqual(
        [found['webinar_id'], found['account'], found['topic'], found['start_time']],
        ['93498765432', 'default', 'Topic of 93498765432', iso(0)],
      )
    })
  }

  it('Z4 none for whom only a leave is known', () => {
    assert.deepEqual(writesAfter(participation({ registeredAt: null, sessions: [[null, 20]] })), [])
  })
})
