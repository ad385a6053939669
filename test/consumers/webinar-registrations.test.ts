import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Registrant, Webinar } from '../../schemas/generated.ts'
import webinarRegistrations from '../../services/consumers/webinar-registrations.ts'
import { standardQuestions } from '../../services/producers/zoom/fields.ts'
import { ended, joined, left, registered, started, webinarEvent } from '../webinars/events.ts'
import { ada, drive, fieldsOf, type Output } from './drive.ts'
import { checkLaws } from './laws.ts'

const aliases = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const

const registration = (over: Partial<Registrant>, event: Partial<Webinar> = {}): Webinar => {
  const base = registered(aliases)
  return { ...base, ...event, registrant: base.registrant && { ...base.registrant, ...over } }
}
const when = (event: Webinar): readonly Output[] => drive(webinarRegistrations).when(event, event.person ? ada : null)
const names = { firstname: 'Ada', lastname: 'Lindgren' }

const answers: { question: (typeof standardQuestions)[number]; answer: string; property: string }[] = [
  { question: 'address', answer: '1 Example Street', property: 'address' },
  { question: 'city', answer: 'Berlin', property: 'city' },
  { question: 'country', answer: 'DE', property: 'country' },
  { question: 'zip', answer: '10115', property: 'zip' },
  { question: 'state', answer: 'BE', property: 'state' },
  { question: 'phone', answer: '+49 30 5550100', property: 'phone' },
  { question: 'industry', answer: 'Software', property: 'industry' },
  { question: 'org', answer: 'Example Analytics', property: 'company' },
  { question: 'job_title', answer: 'Head of Data', property: 'jobtitle' },
  { question: 'no_of_employees', answer: '51-100', property: 'zoom_webinar_no_of_employees' },
  { question: 'purchasing_time_frame', answer: '1-3 months', property: 'zoom_webinar_purchasing_time_frame' },
  { question: 'role_in_purchase_process', answer: 'Influencer', property: 'zoom_webinar_role_in_purchase_process' },
  { question: 'comments', answer: 'Looking forward', property: 'zoom_webinar_comments' },
]

describe('webinar-registrations: fields', () => {
  it('Z1 the names', () => assert.deepEqual(fieldsOf(when(registration({}))), names))

  for (const { question, answer, property } of answers) {
    it(`Z1 the standard question ${question} becomes ${property}`, () => {
      assert.deepEqual(fieldsOf(when(registration({ answers: { [question]: answer } }))), {
        ...names,
        [property]: answer,
      })
    })
  }

  it('Z1 every standard question of the form has a row here', () => {
    assert.deepEqual(answers.map(({ question }) => question).toSorted(), [...standardQuestions].sort())
  })

  it('Z1 custom questions share one property, a line each, in one order', () => {
    const customAnswers = { 'Your team?': 'Data', 'How did you hear of us?': 'A friend', 'Anything else?': '' }
    const lines = 'How did you hear of us?: A friend\nYour team?: Data'
    assert.deepEqual(fieldsOf(when(registration({ customAnswers }))), { ...names, zoom_webinar_custom_answers: lines })
  })

  const unanswered: { name: string; over: Partial<Registrant>; fields: object }[] = [
    { name: 'an empty answer', over: { answers: { org: '', city: 'Berlin' } }, fields: { ...names, city: 'Berlin' } },
    { name: 'no last name', over: { lastName: null }, fields: { firstname: 'Ada' } },
    { name: 'an empty last name', over: { lastName: '' }, fields: { firstname: 'Ada' } },
    { name: 'only empty custom answers', over: { customAnswers: { Why: '' } }, fields: names },
    { name: 'a question that Zoom may add', over: { answers: { shoe_size: '42' } }, fields: names },
    { name: 'a question named like an object method', over: { answers: { constructor: 'x' } }, fields: names },
  ]
  for (const { name, over, fields } of unanswered) {
    it(`Z1 ${name} clears nothing`, () => assert.deepEqual(fieldsOf(when(registration(over))), fields))
  }

  it('Z1 nothing known is no write at all', () => {
    assert.deepEqual(when(registration({ firstName: null, lastName: null })), [])
  })
})

describe('webinar-registrations: when', () => {
  const cases: { name: string; event: Webinar; writes: number }[] = [
    { name: 'a registration', event: registration({}), writes: 1 },
    { name: 'one that waits for approval', event: registration({ status: 'PENDING' }), writes: 1 },
    { name: 'an approval', event: registration({}, { kind: 'APPROVED' }), writes: 1 },
    { name: 'a cancellation', event: registration({ status: 'CANCELLED' }, { kind: 'CANCELLED' }), writes: 0 },
    { name: 'a refusal', event: registration({ status: 'DENIED' }, { kind: 'DENIED' }), writes: 0 },
    { name: 'a join', event: joined(aliases, 's1', 1), writes: 0 },
    { name: 'a leave', event: left(aliases, 's1', 2), writes: 0 },
    { name: 'the start', event: started(), writes: 0 },
    { name: 'the end', event: ended(), writes: 0 },
    { name: 'a registration that names nobody', event: registration({}, { person: null, aliases: [] }), writes: 0 },
  ]
  for (const { name, event, writes } of cases) {
    it(`Z1 ${name}: ${writes === 1 ? 'one write' : 'none'}`, () => assert.equal(when(event).length, writes))
  }

  it('Z10 creates the contact when there is none, and says then where it came from', () => {
    const [write] = when(registration({}))
    assert.ok(write?.kind === 'write')
    assert.deepEqual(
      [write.target, write.operation, write.createIfMissing, write.fieldsOnCreate],
      ['hubspot:contact', 'SET', true, { tributary_source: 'zoom' }],
    )
  })
})

checkLaws(webinarRegistrations, [
  registered(aliases),
  registration({ answers: { org: 'Example Analytics' }, customAnswers: { b: '2', a: '1' } }, { eventId: 'zoom:again' }),
  started(),
  joined(aliases, 's1', 1),
  registration({ status: 'CANCELLED' }, { kind: 'CANCELLED', eventId: 'zoom:cancelled' }),
  registered(['zoom:registrant:r-grace', 'email:grace@example.com']),
  webinarEvent({ kind: 'UPDATED', minute: -5 }),
])
