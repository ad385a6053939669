import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Webinar } from '../../schemas/generated.ts'
import { ended, joined, registered, started, webinarEvent } from '../webinars/events.ts'
import { ada, after, attendance, grace, told, whom } from './attending.ts'

describe('webinar-attendance: who is told', () => {
  it('Z2 only whom the event is about', () => {
    const consumer = after(started(), registered(ada), registered(grace))
    assert.deepEqual(whom(consumer.when(joined(grace, 's1', 5))), [grace[0]])
  })

  it('Z2 by an id that holds no address, since ids reach headers and logs', () => {
    const guest = ['email:guest@example.com'] as const
    const { outputs } = after(started(), joined(guest, 's1', 5))
    assert.equal(attendance(outputs, guest[0]).status, 'attending')
    for (const { eventId } of told(outputs)) assert.doesNotMatch(eventId, /@/)
  })

  it('Z2 nobody of a first start', () => {
    assert.deepEqual(whom(after(registered(ada)).when(started())), [])
  })

  it('Z2 everybody of the end, so that the absent are missed', () => {
    const consumer = after(started(), registered(ada), registered(grace), joined(ada, 's1', 5))
    assert.deepEqual(whom(consumer.when(ended(60))).toSorted(), [ada[0], grace[0]])
    assert.equal(attendance(consumer.outputs, grace[0]).status, 'missed')
  })

  it('Z2 everybody of a new title', () => {
    const consumer = after(registered(ada), registered(grace))
    const renamed = webinarEvent({ kind: 'UPDATED', minute: -500, topic: 'Tributary for Teams' })
    assert.deepEqual(whom(consumer.when(renamed)).toSorted(), [ada[0], grace[0]])
    assert.equal(attendance(consumer.outputs).topic, 'Tributary for Teams')
  })

  it('Z2 everybody of a title that came back, not of the one between when that arrives last', () => {
    const title = (topic: string, minute: number): Webinar => webinarEvent({ kind: 'UPDATED', minute, topic })
    const consumer = after(title('Old', -900), registered(ada, { topic: 'Old', minute: -850 }), title('Old', -700))
    assert.deepEqual(whom(consumer.when(title('New', -800))), [])
    consumer.given({ ...ended(60), topic: null })
    assert.equal(attendance(consumer.outputs).topic, 'Old')
  })

  it('Z2 nobody else of a registration, though many were made in the second of the first', () => {
    const consumer = after(registered(grace))
    assert.deepEqual(whom(consumer.when(registered(ada))), [ada[0]])
  })

  it('Z2 nobody of an old title that arrives late', () => {
    const consumer = after(registered(ada, { topic: 'New', minute: -10 }))
    const late = webinarEvent({ kind: 'UPDATED', minute: -500, topic: 'Old' })
    assert.deepEqual(whom(consumer.when(late)), [])
    consumer.given(ended(60))
    assert.equal(attendance(consumer.outputs).topic, 'Tributary in Production')
  })
})
