import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { emailEventsIn } from '../../../services/producers/hubspot/marketing/email-events.ts'
import { emailEvent, marketingTold, submissionEvent } from '../../../services/producers/hubspot/marketing/told.ts'
import type { EmailEvent, EmailEventQuery, Submission } from '../../../services/producers/hubspot/rest/marketing.ts'

const { signal } = new AbortController()
const event = (id: string, created: number, more: Partial<EmailEvent> = {}): EmailEvent => ({
  ...{ id, created, recipient: 'ada@example.com', campaign: null, sentBy: null, subject: null, url: null },
  ...{ isFiltered: false, isObsolete: false, ...more },
})

/** HubSpot's answers: the latest first, in pages. @param endsInclusive as it says that it counts the end */
const modelOf = (all: readonly EmailEvent[], pageSize: number, endsInclusive: boolean) => ({
  emailEvents: ({ from, until, offset }: EmailEventQuery) => {
    const found = all
      .filter(({ created }) => created >= from && (endsInclusive ? created <= until : created < until))
      .toSorted((a, b) => b.created - a.created)
    const start = Number(offset ?? 0)
    const next = start + pageSize < found.length ? String(start + pageSize) : null
    return Promise.resolve({ items: found.slice(start, start + pageSize), next })
  },
})

describe('events of e-mails in a time', () => {
  it('T3 are all given, the earliest first, however many share a time and wherever slices and pages end', async () => {
    const times = fc.array(fc.oneof(fc.integer({ min: 1, max: 90_000_000 }), fc.constantFrom(5, 6, 7, 3_600_000)))
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (at, size, most) => {
          const all = at.map((created, index) => event(`event-${index}`, created))
          const given: EmailEvent[] = []
          const slices: number[] = []
          const range = { from: 2, until: 86_400_007, most }
          for await (const { events, reached } of emailEventsIn(modelOf(all, size, true), 'OPEN', range, signal)) {
            given.push(...events)
            slices.push(reached)
          }
          const wanted = all.filter(({ created }) => created >= range.from && created <= range.until)
          assert.deepEqual(new Set(given.map(({ id }) => id)), new Set(wanted.map(({ id }) => id)))
          const order = given.map(({ created }) => created)
          assert.deepEqual(
            order,
            order.toSorted((a, b) => a - b),
          )
          assert.equal(slices.at(-1), range.until)
        },
      ),
    )
  })

  it('T3 lose none between slices where HubSpot does not count the end of a time', async () => {
    const all = [1, 3_600_001, 10_800_001].map((created, index) => event(`event-${index}`, created))
    const given: string[] = []
    const range = { from: 1, until: 20_000_000 }
    for await (const { events } of emailEventsIn(modelOf(all, 2, false), 'OPEN', range, signal))
      given.push(...events.map(({ id }) => id))
    assert.deepEqual(new Set(given), new Set(all.map(({ id }) => id)))
  })
})

describe('a marketing event', () => {
  const form = { id: '0b1d6b5e-52f1-4a36-9a7e-1c0f6a4a1d01', name: 'Contact us' }
  const submission: Submission = {
    ...{ conversionId: null, submittedAt: 1_790_000_000_000, email: 'Ada@Example.com' },
    pageUrl: 'https://acme.example.com/contact?email=ada%40example.com',
  }

  it('T3 without an id of its own is known by its form, time and address, none of which can be read in it', () => {
    const one = submissionEvent(submission, form)
    assert.match(one?.id ?? '', /^[0-9a-f]{32}$/)
    assert.equal(submissionEvent({ ...submission, email: 'ada@example.com ' }, form)?.id, one?.id)
    for (const other of [{ email: 'bob@example.com' }, { submittedAt: 1_790_000_000_001 }])
      assert.notEqual(submissionEvent({ ...submission, ...other }, form)?.id, one?.id)
    assert.equal(one?.url, 'https://acme.example.com/contact')
  })

  const cases: readonly (readonly [what: string, a: Partial<EmailEvent>, b: Partial<EmailEvent>, isOne: boolean])[] = [
    ['two opens of one message', { sentBy: 'message-one' }, { sentBy: 'message-one' }, true],
    ['opens of two messages', { sentBy: 'message-one' }, { sentBy: 'message-two' }, false],
    ['opens of messages that are not told', {}, {}, false],
  ]
  for (const [what, a, b, isOne] of cases)
    it(`T3 ${what} are ${isOne ? 'one task' : 'two tasks'}`, () => {
      const [first, second] = [event('aaaaaaaa-1', 1, a), event('bbbbbbbb-2', 2, b)].map(one =>
        emailEvent(one, 'opened', { subject: 'News', repeats: 'first' }),
      )
      assert.equal(first?.id === second?.id, isOne)
      assert.notEqual(first?.eventId, second?.eventId)
    })

  it('T4 has the subject that the e-mail was sent with, else that of the campaign', () => {
    const subject = (of: Partial<EmailEvent>) =>
      emailEvent(event('aaaaaaaa', 1, of), 'sent', { subject: 'Campaign', repeats: 'first' })?.title
    assert.deepEqual([subject({ subject: 'Dear Ada' }), subject({})], ['Dear Ada', 'Campaign'])
  })

  it('T3 is not later than it was taken', () => {
    const one = submissionEvent(submission, form)
    assert.ok(one)
    const told = marketingTold(one, { person: 'email:ada@example.com', recordOwner: null }, 1_780_000_000_000)
    assert.equal(told.occurredAt, 1_780_000_000_000)
  })
})
