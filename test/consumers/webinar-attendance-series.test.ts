import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Webinar } from '../../schemas/generated.ts'
import { joined, registered, webinarEvent } from '../webinars/events.ts'
import { ada, after, attendance, series, told } from './attending.ts'
import type { Output } from './drive.ts'

const { dates, facts } = series

describe('webinar-attendance: a series', () => {
  const schedule = webinarEvent({ kind: 'CREATED', ...facts, occurrences: dates })
  const inSeries = (event: Webinar, start: string): Webinar => ({ ...event, ...facts, startTime: Date.parse(start) })
  const webinarsOf = (outputs: readonly Output[]): string[] => told(outputs).map(({ webinar }) => webinar.id)

  it('Z7 an event is about the occurrence with the nearest start', () => {
    const consumer = after(schedule)
    const cases = [
      ['2026-10-14T15:04:00Z', 'occ-2026-10-14'],
      ['2026-10-14T14:50:00Z', 'occ-2026-10-14'],
      ['2026-10-18T16:00:00Z', 'occ-2026-10-21'],
      ['2026-12-01T15:00:00Z', 'occ-2026-10-21'],
    ] as const
    for (const [start, occurrence] of cases) {
      const join = { ...inSeries(joined(ada, `s-${start}`, 0), start), instance: `run-${start}` }
      assert.deepEqual(webinarsOf(consumer.when(join)), [`${facts.number}-${occurrence}`])
    }
  })

  it('Z7 a registration for several dates is one for each', () => {
    const consumer = after(schedule)
    const registration = { ...registered(ada), ...facts, occurrences: dates.slice(1) }
    assert.deepEqual(webinarsOf(consumer.when(registration)), [
      `${facts.number}-occ-2026-10-14`,
      `${facts.number}-occ-2026-10-21`,
    ])
    const [first] = told(consumer.outputs)
    assert.equal(first?.webinar.scheduledAt, dates[1]?.startTime)
  })

  it('Z7 without known dates it is the date of the start, in UTC', () => {
    const join = inSeries(joined(ada, 's1', 0), '2026-10-14T23:30:00-04:00')
    assert.deepEqual(webinarsOf(after().when(join)), [`${facts.number}-2026-10-15`])
    assert.deepEqual(webinarsOf(after().when({ ...join, startTime: null })), [`${facts.number}-2026-10-14`])
  })

  it('Z7 one date does not touch another', () => {
    const runs = dates.map((date, index) => ({ ...facts, startTime: date.startTime, instance: `run-${index}` }))
    const consumer = after(
      schedule,
      ...dates.map(date => ({ ...registered(ada), ...facts, occurrences: [date] })),
      ...runs.slice(0, 2).map(run => webinarEvent({ kind: 'STARTED', ...run })),
      { ...joined(ada, 's1', 0), ...runs[0] },
      webinarEvent({ kind: 'ENDED', minute: 60, ...runs[0], endTime: (dates[0]?.startTime ?? 0) + 3_600_000 }),
    )
    const states = dates.map(({ id }) => attendance(consumer.outputs, ada[0], `${facts.number}-${id}`).status)
    assert.deepEqual(states, ['attended', 'registered', 'registered'])
  })

  it('Z7 a moved date stays the same date', () => {
    const [first] = dates
    const moved = { id: first?.id ?? '', startTime: (first?.startTime ?? 0) + 86_400_000 }
    const consumer = after(schedule, webinarEvent({ kind: 'UPDATED', minute: -500, ...facts, occurrences: [moved] }))
    const join = inSeries(joined(ada, 's1', 0), new Date(moved.startTime).toISOString())
    assert.deepEqual(webinarsOf(consumer.when(join)), [`${facts.number}-${moved.id}`])
  })

  it('Z7 a deleted date or a changed schedule is about no webinar', () => {
    const deleted = webinarEvent({ kind: 'DELETED', ...facts, occurrences: dates.slice(0, 1) })
    assert.deepEqual(webinarsOf(after(schedule).when(deleted)), [])
  })
})
