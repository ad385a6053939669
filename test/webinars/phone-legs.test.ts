import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Attendance, Webinar } from '../../schemas/generated.ts'
import webinarAttendance from '../../services/consumers/webinar-attendance.ts'
import { drive } from '../consumers/drive.ts'
import { joined, reported, settled, started, webinarEvent } from './events.ts'

/** Rows that count how often they are looked through. */
class CountedRows extends Map<string, Attendance> {
  passes = 0

  override keys(): MapIterator<string> {
    this.passes += 1
    return super.keys()
  }
}

const telephone = (index: number): readonly Webinar[] => {
  const aliases = [`zoom:registrant:r${index}`] as const
  const [session, boundSession] = [`computer-${index}`, `phone-${index}`]
  const participant = { session, boundSession, name: null, host: false, joinedAt: null, leftAt: null }
  const bound = { kind: 'BOUND', minute: 6, instance: 'run-1', person: aliases[0], aliases, participant } as const
  return [joined(aliases, session, 5), joined([], boundSession, 5), webinarEvent(bound)]
}

it('Z13 a guest’s row looks through the rows of the webinar a few times, however many telephones hung up unheard', () => {
  const passes = [2, 40].map(telephones => {
    const consumer = drive(webinarAttendance)
    consumer.given(started(), ...Array.from({ length: telephones }, (_, index) => telephone(index)).flat(), settled())
    const rows = new CountedRows([...consumer.rows] as [string, Attendance][])
    const { writes } = webinarAttendance.handle({ event: reported([], 'u-phone', 5, 30), person: null, rows })
    assert.equal(writes.length, telephones, 'whose telephone it was is not said')
    return rows.passes
  })
  assert.equal(passes[0], passes[1])
  assert.ok((passes[0] ?? 0) <= 4)
})
