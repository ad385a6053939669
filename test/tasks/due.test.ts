import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dayOf, momentOn } from '../../services/tasks/due.ts'

describe('the day on which a task is due', () => {
  for (const [value, timeZone, day] of [
    ['2026-03-10T16:30:00Z', 'UTC', '2026-03-10'],
    ['2026-03-10T23:30:00Z', 'Europe/Berlin', '2026-03-11'],
    ['2026-03-10T03:30:00Z', 'America/New_York', '2026-03-09'],
    [Date.parse('2026-03-10T16:30:00Z'), 'UTC', '2026-03-10'],
    [String(Date.parse('2026-03-10T23:30:00Z')), 'Europe/Berlin', '2026-03-11'],
    ['some day', 'UTC', null],
    [null, 'UTC', null],
  ] as const)
    it(`T1 is ${day} for ${JSON.stringify(value)} in ${timeZone}`, () => assert.equal(dayOf(value, timeZone), day))
})

describe('the moment at which a task is due', () => {
  for (const [what, day, time, timeZone, moment] of [
    ['in UTC', '2026-03-10', '09:00', 'UTC', '2026-03-10T09:00:00.000Z'],
    ['in winter', '2026-01-10', '09:00', 'Europe/Berlin', '2026-01-10T08:00:00.000Z'],
    ['in summer', '2026-07-10', '09:00', 'Europe/Berlin', '2026-07-10T07:00:00.000Z'],
    ['far in the east', '2026-07-10', '00:30', 'Pacific/Auckland', '2026-07-09T12:30:00.000Z'],
    ['hours after summer time began', '2026-03-08', '04:00', 'America/New_York', '2026-03-08T08:00:00.000Z'],
    ['hours after it ended', '2026-11-01', '04:00', 'America/New_York', '2026-11-01T09:00:00.000Z'],
    ['within the hour that it leaves out', '2026-03-08', '02:30', 'America/New_York', '2026-03-08T07:30:00.000Z'],
  ] as const)
    it(`T1 is by the clock there: ${what}`, () =>
      assert.equal(new Date(momentOn(day, time, timeZone)).toISOString(), moment))
})
