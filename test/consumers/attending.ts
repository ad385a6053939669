import assert from 'node:assert/strict'
import type { Participation, Webinar } from '../../schemas/generated.ts'
import webinarAttendance from '../../services/consumers/webinar-attendance.ts'
import type { Attendance } from '../../services/webinars/attendance.ts'
import { attendancesOf, withParticipation } from '../../services/webinars/history.ts'
import { webinarNumber } from '../webinars/events.ts'
import { drive, type Output } from './drive.ts'

export const ada = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const
export const grace = ['zoom:registrant:r-grace', 'email:grace@example.com'] as const

/** A webinar with three dates. */
export const series = {
  facts: { number: '91122334455', recurring: true, topic: 'Office Hours' },
  dates: ['2026-10-07', '2026-10-14', '2026-10-21'].map(day => ({
    id: `occ-${day}`,
    startTime: Date.parse(`${day}T15:00:00Z`),
  })),
} as const

/** What was told of participants. */
export const told = (outputs: readonly Output[]): Participation[] =>
  outputs.flatMap(output => (output.kind === 'emission' ? [output.value as Participation] : []))
/** Of whom it was told. */
export const whom = (outputs: readonly Output[]): string[] => told(outputs).map(({ person }) => person)

/** What the person did in the webinar after all that was told of them. */
export const attendance = (
  outputs: readonly Output[],
  person: string = ada[0],
  webinar = webinarNumber,
): Attendance => {
  const history = told(outputs)
    .filter(each => each.person === person)
    .reduce(withParticipation, { participations: [] })
  const found = attendancesOf(history).find(each => each.webinar === webinar)
  assert.ok(found, `${person} was told of no ${webinar}`)
  return found
}

/** The consumer after these events. */
export const after = (...events: readonly Webinar[]) => {
  const consumer = drive(webinarAttendance)
  consumer.given(...events)
  return consumer
}

export const minutes = ({ attendedMs }: Attendance): number => attendedMs / 60_000
