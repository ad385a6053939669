import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Webinar } from '../../../schemas/generated.ts'
import type { KnownRegistration, KnownWebinar } from '../../../services/producers/zoom/reports/known.ts'
import { untoldPlan } from '../../../services/producers/zoom/reports/plans.ts'
import { reportedSessions } from '../../../services/producers/zoom/reports/records.ts'
import { type ListedFor, untoldRegistrations } from '../../../services/producers/zoom/reports/registrations.ts'
import { type RunFacts, WaitingRuns } from '../../../services/producers/zoom/reports/runs.ts'
import { ended } from '../../webinars/events.ts'

const day = Date.UTC(2026, 9, 14)
const hour = 3_600_000
const minute = 60_000
const facts: RunFacts = {
  ...{ account: 'default', number: '93498765432', recurring: true, instance: 'run==', topic: 'Series' },
  ...{ startTime: day + 15 * hour, endTime: day + 16 * hour, timezone: 'UTC' },
}
const nobody = { name: null, user_email: null, registrant_id: null, participant_user_id: null, id: null }
const row = {
  ...{ ...nobody, user_id: '16778240', join_time: '2026-10-14T15:05:00.250Z', leave_time: '2026-10-14T15:25:00.750Z' },
  status: 'in_meeting',
}
const noHosts = { hostId: null, addresses: new Set<string>() }

describe('a row of a report', () => {
  test('of the waiting room, or without both times, is no attendance', () => {
    const rows = [
      { ...row, status: 'in_waiting_room' },
      { ...row, leave_time: '' },
      { ...row, join_time: null },
    ]
    assert.deepEqual(reportedSessions(facts, rows, noHosts, day + 17 * hour), { records: [], claims: [] })
  })

  test('has an id of the run, the presence and the join, whenever it is read', () => {
    const id = (change: object, run = facts, at = day + 17 * hour): string | undefined =>
      reportedSessions(run, [{ ...row, ...change }], noHosts, at).records[0]?.eventId
    assert.equal(id({}), id({ name: 'Renamed', leave_time: '2026-10-14T15:30:00Z' }, facts, day + 20 * hour))
    const others = [
      id({ user_id: '2' }),
      id({ join_time: '2026-10-14T15:06:00Z' }),
      id({}, { ...facts, instance: 'b' }),
    ]
    assert.equal(new Set([id({}), ...others]).size, 4)
  })

  test('is the host’s by Zoom user id or address; nothing is claimed of a host', () => {
    const hosting = { hostId: 'host-id', addresses: new Set(['panel@example.com']) }
    const rows = [
      { ...row, id: 'host-id', user_email: 'nadia@example.com' },
      { ...row, participant_user_id: 'host-id' },
      { ...row, user_email: 'panel@example.com' },
    ]
    const { records, claims } = reportedSessions(facts, rows, hosting, day + 17 * hour)
    assert.ok(records.every(({ participant, aliases }) => participant?.host === true && aliases.length === 0))
    assert.deepEqual(claims, [])
  })

  test('never ends before it began or after it was read', () => {
    const times = fc.integer({ min: day - 400 * hour, max: day + 400 * hour })
    fc.assert(
      fc.property(times, times, times, (join, leave, readAt) => {
        const one = { ...row, join_time: new Date(join).toISOString(), leave_time: new Date(leave).toISOString() }
        const [record] = reportedSessions(facts, [one], noHosts, readAt).records
        const { joinedAt, leftAt } = record?.participant ?? {}
        assert.ok(record && joinedAt != null && leftAt != null)
        assert.ok(joinedAt <= leftAt && leftAt <= readAt && record.occurredAt <= readAt)
      }),
    )
  })
})

const answers = Object.fromEntries(
  ['address', 'city', 'country', 'zip', 'state', 'phone', 'industry', 'org', 'job_title'].map(name => [name, null]),
) as Record<string, null>
const listed = (status: 'approved' | 'pending' | 'denied', id = 'r1') =>
  ({
    ...answers,
    ...{ purchasing_time_frame: null, role_in_purchase_process: null, no_of_employees: null, comments: null },
    ...{ id, email: 'ada@example.com', first_name: 'Ada', last_name: null, status, join_url: null },
    ...{ custom_questions: [], create_time: '2026-10-01T10:00:00Z' },
  }) as unknown as Parameters<typeof untoldRegistrations>[1][number]

const first = { id: 'occurrence-1', startTime: day + 15 * hour }
const second = { id: 'occurrence-2', startTime: day + 7 * 24 * hour }
const listedFor: ListedFor = {
  ...{ account: 'default', number: '93498765432', recurring: true, topic: 'Series', timezone: 'UTC' },
  ...{ startTime: first.startTime, occurrence: first, decidedBy: facts.startTime ?? 0, receivedAt: day + 17 * hour },
}
const knownWith = (
  status: 'APPROVED' | 'PENDING' | 'CANCELLED' | 'DENIED',
  occurrence: string,
  receivedAt = day,
): KnownWebinar => {
  const registrant = { id: 'r1', email: 'ada@example.com', firstName: 'Ada', lastName: null, status, joinUrl: null }
  const registration: KnownRegistration = {
    ...{ registrant: { ...registrant, answers: {}, customAnswers: {} }, aliases: ['zoom:registrant:r1'] },
    ...{ changedAt: day, receivedAt },
  }
  return {
    ...{ topic: 'Series', startTime: null, occurrences: new Map(), ended: new Set(), settled: new Map() },
    registrations: new Map([['r1', new Map([[occurrence, registration]])]]),
  }
}
const kinds = (told: { readonly records: readonly Webinar[] }): readonly string[] =>
  told.records.map(({ kind }) => kind)

describe('a list of registrations', () => {
  test('of one date of a series names the date', () => {
    const { records, claims } = untoldRegistrations(listedFor, [listed('approved')], undefined)
    assert.deepEqual(records[0]?.occurrences, [first])
    assert.equal(records[0]?.occurredAt, Date.parse('2026-10-01T10:00:00Z'))
    assert.deepEqual(claims[0]?.aliases, ['zoom:registrant:r1', 'email:ada@example.com'])
  })

  test('tells nothing of what is known for that date, or for all of them', () => {
    for (const occurrence of [first.id, ''])
      assert.deepEqual(
        kinds(untoldRegistrations(listedFor, [listed('approved')], knownWith('APPROVED', occurrence))),
        [],
      )
    const other = knownWith('APPROVED', second.id)
    assert.deepEqual(kinds(untoldRegistrations(listedFor, [listed('approved')], other)), ['REGISTERED'])
  })

  test('tells decisions: after the last change that is known, and not later than they can have been made', () => {
    for (const [before, now, kind] of [
      ['PENDING', 'approved', ['APPROVED']],
      ['PENDING', 'denied', ['DENIED']],
      ['APPROVED', 'denied', ['DENIED']],
      ['DENIED', 'approved', ['APPROVED']],
      ['CANCELLED', 'denied', []],
      ['APPROVED', 'pending', []],
    ] as const) {
      const told = untoldRegistrations(listedFor, [listed(now)], knownWith(before, first.id))
      assert.deepEqual(kinds(told), kind, `${before} → ${now}`)
      for (const { occurredAt } of told.records) assert.ok(occurredAt > day && occurredAt <= listedFor.decidedBy)
    }
  })

  test('may be older than what a webhook told a moment ago, which then stands', () => {
    const moment = listedFor.receivedAt - minute
    for (const [before, now] of [
      ['CANCELLED', 'approved'],
      ['DENIED', 'approved'],
      ['APPROVED', 'denied'],
    ] as const)
      assert.deepEqual(
        kinds(untoldRegistrations(listedFor, [listed(now)], knownWith(before, first.id, moment))),
        [],
        `${before} → ${now}`,
      )
  })

  test('of a denied registration nobody heard of tells both, the registration as one that waited', () => {
    const { records } = untoldRegistrations(listedFor, [listed('denied')], undefined)
    assert.deepEqual(
      records.map(({ kind, registrant }) => [kind, registrant?.status]),
      [
        ['REGISTERED', 'PENDING'],
        ['DENIED', 'DENIED'],
      ],
    )
    assert.equal(new Set(records.map(({ eventId }) => eventId)).size, 2)
  })

  test('on which a registration is missing means that it was cancelled, unless it is new or of a series', () => {
    const single = { ...listedFor, recurring: false, occurrence: null }
    assert.deepEqual(kinds(untoldRegistrations(single, [], knownWith('APPROVED', ''))), ['CANCELLED'])
    const fresh = knownWith('APPROVED', '', single.receivedAt - minute)
    assert.deepEqual(kinds(untoldRegistrations(single, [], fresh)), [])
    assert.deepEqual(kinds(untoldRegistrations(listedFor, [], knownWith('APPROVED', first.id))), [])
    assert.deepEqual(kinds(untoldRegistrations(single, [], knownWith('CANCELLED', ''))), [])
  })
})

describe('a listed webinar', () => {
  const plan = {
    ...{ id: '93498765432', host_id: null, topic: 'Series', type: 9, start_time: '2026-10-14T15:00:00Z', duration: 60 },
    ...{ timezone: 'UTC', created_at: '2026-09-01T08:00:00Z' },
  }
  const known = { ...knownWith('APPROVED', ''), occurrences: new Map([[first.id, first.startTime]]) }

  test('is told with its dates when it is unknown, as of its making', () => {
    const [record] = untoldPlan('default', plan, [first, second], undefined, day).records
    assert.deepEqual([record?.kind, record?.recurring, record?.occurrences], ['CREATED', true, [first, second]])
    assert.equal(record?.occurredAt, Date.parse('2026-09-01T08:00:00Z'))
  })

  test('is told again only when title, time or dates differ', () => {
    assert.deepEqual(kinds(untoldPlan('default', plan, [first], known, day)), [])
    assert.deepEqual(kinds(untoldPlan('default', plan, [first, second], known, day)), ['UPDATED'])
    assert.deepEqual(kinds(untoldPlan('default', { ...plan, topic: 'New' }, [first], known, day)), ['UPDATED'])
    const single = { ...known, occurrences: new Map(), startTime: Date.parse(plan.start_time) }
    assert.deepEqual(kinds(untoldPlan('default', { ...plan, type: 5 }, [], single, day)), [])
    assert.deepEqual(kinds(untoldPlan('default', { ...plan, type: 5 }, [], { ...single, startTime: day }, day)), [
      'UPDATED',
    ])
  })
})

describe('the runs that wait', () => {
  const at = (instance: string): Webinar => ({ ...ended(), instance, receivedAt: day })

  test('hold the offset at the earliest of them, in whatever order they are settled', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 })
    fc.assert(
      fc.property(order, settling => {
        const runs = new WaitingRuns(0, { afterMs: minute, waitMs: hour })
        const offsets = [3, 8, 9, 20, 31]
        for (const [index, offset] of offsets.entries()) {
          runs.observe(at(`run-${index}`), offset, day)
          runs.read(offset + 1)
        }
        const left = new Set(offsets.keys())
        for (const index of settling) {
          runs.observe({ ...at(`run-${index}`), kind: 'SETTLED' }, 31, day)
          left.delete(index)
          const expected = Math.min(32, ...[...left].map(each => offsets[each] ?? 0))
          assert.equal(runs.offset(), expected)
        }
      }),
    )
  })

  test('are looked for after ZOOM_REPORT_AFTER, then each minute, and a last time at the end of the wait', () => {
    const runs = new WaitingRuns(0, { afterMs: 2 * minute, waitMs: 10 * minute })
    runs.observe(at('run'), 5, day)
    const looks: number[] = []
    for (let run = runs.next(); run && run.dueAt <= run.deadline && looks.length < 50; run = runs.next()) {
      looks.push((run.dueAt - day) / 1000)
      runs.postpone(run, run.dueAt)
    }
    assert.deepEqual(looks.slice(0, 5), [120, 135, 165, 225, 285])
    assert.equal(looks.at(-1), 600)
  })

  test('are looked for no later than ZOOM_REPORT_WAIT, and soon when their end was learned of late', () => {
    const runs = new WaitingRuns(0, { afterMs: hour, waitMs: 10 * minute })
    runs.observe(at('run'), 5, day)
    assert.equal(runs.next()?.dueAt, day + 10 * minute)
    const late = new WaitingRuns(0, { afterMs: 5 * minute, waitMs: 10 * minute })
    late.observe(at('run'), 5, day + hour)
    assert.equal(late.next()?.dueAt, day + hour + 1_000)
  })

  test('wait as they did when the webinar is started again', () => {
    const runs = new WaitingRuns(0, { afterMs: 5 * minute, waitMs: hour })
    runs.observe(at('first'), 5, day)
    runs.observe({ ...at('second'), kind: 'STARTED' }, 6, day + minute)
    assert.deepEqual([runs.size, runs.next()?.dueAt], [1, day + 5 * minute])
    runs.observe({ ...at('second'), receivedAt: day + hour }, 7, day + hour)
    assert.deepEqual([runs.size, runs.next()?.facts.instance], [2, 'first'])
  })
})
