import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Participation } from '../../schemas/generated.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import { participation } from '../webinars/participations.ts'
import { drive, writesTo } from './drive.ts'

type Facts = NonNullable<Parameters<typeof participation>[0]>
const running = { runs: [[0, null]] } as const
const hour = { runs: [[0, 60]] } as const

const tasksAfter = (...participations: readonly Participation[]) => {
  const consumer = drive(webinarContact)
  consumer.given(...participations.slice(0, -1))
  return writesTo(consumer.when(participations.at(-1)), 'salesforce:task')
}
const task = (facts: Facts) => {
  const [only, ...more] = tasksAfter(participation(facts))
  assert.ok(only && more.length === 0, 'one task')
  return only
}
const lines = (facts: Facts): string[] => String(task(facts).fields['Description']).split('\n')

describe('webinar-contact: the task', () => {
  it('Z12 none for the absent, before the webinar, after it and once it is settled', () => {
    for (const facts of [{}, hour, { ...hour, settled: true }]) assert.deepEqual(tasksAfter(participation(facts)), [])
  })

  it('Z12 is made at the first join, completed, on the day of it', () => {
    const { operation, key, fields } = task({ ...running, sessions: [[5, null]] })
    assert.deepEqual([operation, key], ['SET', 'webinar:93498765432:email:ada@example.com'])
    assert.deepEqual(fields, {
      Subject: 'Attended: Topic of 93498765432',
      Status: 'Completed',
      ActivityDate: '2026-10-14',
      Description: 'Joined: 2026-10-14 11:05 (GMT+2)\nTime zone: Europe/Berlin',
    })
  })

  it('Z12 tells leave and minutes at each leave, and the share once it is known', () => {
    assert.deepEqual(lines({ ...running, sessions: [[5, 20]] }), [
      'Joined: 2026-10-14 11:05 (GMT+2)',
      'Last left: 2026-10-14 11:20 (GMT+2)',
      'Time zone: Europe/Berlin',
      'Minutes attended: 15',
    ])
    assert.equal(lines({ ...hour, sessions: [[5, 20]] }).at(-1), 'Share of the webinar: 25 %')
  })

  it('Z12 a join after the first changes nothing of it', () => {
    const back: Facts = {
      ...running,
      sessions: [
        [5, 20],
        [30, null],
      ],
    }
    assert.deepEqual(task(back).fields, task({ ...running, sessions: [[5, 20]] }).fields)
  })

  it('Z13 is corrected when the report is read', () => {
    const settled = { ...hour, sessions: [[5, 20]] as const, settled: true }
    const read = { ...settled, rows: [[5, 50]] as const, reported: true }
    assert.equal(task(settled).key, task(read).key)
    assert.deepEqual(lines(read).slice(-2), ['Minutes attended: 45', 'Share of the webinar: 75 %'])
  })
})

describe('webinar-contact: the subject of a task', () => {
  const subject = (topic: string | null): string =>
    String(task({ ...running, sessions: [[5, null]], topic }).fields['Subject'])
  const cases: { topic: string; given: string | null; expected: string }[] = [
    { topic: 'no topic', given: null, expected: 'Attended: webinar 93498765432' },
    { topic: 'an empty topic', given: ' ', expected: 'Attended: webinar 93498765432' },
    { topic: 'a topic of two lines', given: 'Tributary\nin Production', expected: 'Attended: Tributary in Production' },
    { topic: 'a topic of 245 characters', given: 'x'.repeat(245), expected: `Attended: ${'x'.repeat(245)}` },
    { topic: 'a topic of 300 characters', given: 'x'.repeat(300), expected: `Attended: ${'x'.repeat(244)}…` },
    {
      topic: 'a topic of 300 characters of two units',
      given: `x${'😀'.repeat(150)}`,
      expected: `Attended: x${'😀'.repeat(121)}…`,
    },
  ]
  for (const { topic, given, expected } of cases) {
    it(`Z12 ${topic}`, () => {
      assert.equal(subject(given), expected)
      assert.ok(subject(given).length <= 255)
      assert.ok(subject(given).isWellFormed())
    })
  }
})

describe("webinar-contact: a task's day and times are those of the webinar's time zone", () => {
  const minuteOf = (time: string): number => (Date.parse(time) - Date.UTC(2026, 9, 14, 9)) / 60_000
  const joinedAt = (time: string, timezone: string | null): Facts => ({
    ...running,
    timezone,
    sessions: [[minuteOf(time), null]],
  })
  const cases: { name: string; time: string; timezone: string | null; day: string; text: string; zone: string }[] = [
    {
      name: 'late in the evening of the west',
      ...{ time: '2026-10-15T02:30:00Z', timezone: 'America/Los_Angeles' },
      ...{ day: '2026-10-14', text: '2026-10-14 19:30 (GMT-7)', zone: 'America/Los_Angeles' },
    },
    {
      name: 'early in the morning of the east',
      ...{ time: '2026-10-14T20:30:00Z', timezone: 'Asia/Tokyo' },
      ...{ day: '2026-10-15', text: '2026-10-15 05:30 (GMT+9)', zone: 'Asia/Tokyo' },
    },
    {
      name: 'an offset of half an hour',
      ...{ time: '2026-10-14T18:29:00Z', timezone: 'Asia/Kolkata' },
      ...{ day: '2026-10-14', text: '2026-10-14 23:59 (GMT+5:30)', zone: 'Asia/Kolkata' },
    },
    {
      name: 'midnight is the hour 00',
      ...{ time: '2026-10-14T22:00:00Z', timezone: 'Europe/Berlin' },
      ...{ day: '2026-10-15', text: '2026-10-15 00:00 (GMT+2)', zone: 'Europe/Berlin' },
    },
    {
      name: 'the last hour of summer time',
      ...{ time: '2026-10-25T00:30:00Z', timezone: 'Europe/Berlin' },
      ...{ day: '2026-10-25', text: '2026-10-25 02:30 (GMT+2)', zone: 'Europe/Berlin' },
    },
    {
      name: 'the same hour again, in winter time',
      ...{ time: '2026-10-25T01:30:00Z', timezone: 'Europe/Berlin' },
      ...{ day: '2026-10-25', text: '2026-10-25 02:30 (GMT+1)', zone: 'Europe/Berlin' },
    },
    {
      name: 'no zone is UTC',
      ...{ time: '2026-10-14T23:59:00Z', timezone: null },
      ...{ day: '2026-10-14', text: '2026-10-14 23:59 (GMT)', zone: 'UTC' },
    },
    {
      name: 'a zone that there is not is UTC',
      ...{ time: '2026-10-14T23:59:00Z', timezone: 'Mars/Olympus_Mons' },
      ...{ day: '2026-10-14', text: '2026-10-14 23:59 (GMT)', zone: 'UTC' },
    },
    {
      name: 'an empty zone is UTC',
      ...{ time: '2026-10-14T23:59:00Z', timezone: '' },
      ...{ day: '2026-10-14', text: '2026-10-14 23:59 (GMT)', zone: 'UTC' },
    },
  ]
  for (const { name, time, timezone, day, text, zone } of cases) {
    it(`Z12 ${name}`, () => {
      const facts = joinedAt(time, timezone)
      assert.equal(task(facts).fields['ActivityDate'], day)
      assert.deepEqual(lines(facts).slice(0, 2), [`Joined: ${text}`, `Time zone: ${zone}`])
    })
  }
})
