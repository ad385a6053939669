import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { IdentityClaim, Webinar } from '../../../schemas/generated.ts'
import { mapWebhook } from '../../../services/producers/zoom/events.ts'
import { type RecordedEvent, readWebhook } from '../../../services/producers/zoom/webhook.ts'
import { changed, receivedAt, sample } from './receiver.ts'

interface Mapped {
  readonly record: Webinar
  readonly claim: IdentityClaim | undefined
}

const mapped = (body: string, at = receivedAt): Mapped => {
  const parsed = JSON.parse(body)
  const webhook = readWebhook(parsed.event as RecordedEvent, parsed)
  assert.ok(!('broken' in webhook), JSON.stringify(webhook))
  const { records, claims } = mapWebhook(webhook, { name: 'default', panelists: new Set() }, at)
  assert.equal(records.length, 1)
  return { record: records[0] as Webinar, claim: claims[0] }
}

/** A sample whose participant, registrant, object or body has other fields. */
const withParticipant = (fields: object, event = 'webinar.participant_joined') =>
  mapped(changed(event, body => Object.assign(body.payload.object.participant, fields)))
const withRegistrant = (fields: object, event = 'webinar.registration_created') =>
  mapped(changed(event, body => Object.assign(body.payload.object.registrant, fields)))
const withObject = (event: string, fields: object) =>
  mapped(changed(event, body => Object.assign(body.payload.object, fields)))

describe('webinar numbers', () => {
  for (const id of [93498765432, '93498765432', ' 93498765432 ']) {
    it(`${JSON.stringify(id)} has one spelling`, () =>
      assert.equal(withObject('webinar.created', { id }).record.number, '93498765432'))
  }

  it('twelve digits are kept', () =>
    assert.equal(withObject('webinar.started', { id: 934987654321 }).record.number, '934987654321'))

  for (const [type, recurring] of [
    [5, false],
    [6, true],
    [9, true],
  ] as const) {
    it(`type ${type} is ${recurring ? 'a series' : 'a single webinar'}`, () => {
      assert.equal(withObject('webinar.created', { type, occurrences: [] }).record.recurring, recurring)
    })
  }
})

describe('Z14 who it is', () => {
  const nobody = { registrant_id: '', email: '', id: '', participant_user_id: '' }
  for (const [what, fields, aliases] of [
    [
      'all of it',
      { registrant_id: 'R1', email: 'A@Example.com', participant_user_id: 'U1' },
      ['zoom:registrant:R1', 'email:a@example.com', 'zoom:user:U1'],
    ],
    ['an address only', { email: 'Åsa@Example.COM' }, ['email:åsa@example.com']],
    ['a Zoom user only', { participant_user_id: 'U1' }, ['zoom:user:U1']],
    ['a Zoom user under its other name', { id: 'U1' }, ['zoom:user:U1']],
    ['a registration only', { registrant_id: 'R1' }, ['zoom:registrant:R1']],
    ['nothing: a guest', {}, []],
    ['nothing, as null', { registrant_id: null, email: null, id: null }, []],
    ['an address that is none', { email: '8615250064084' }, []],
    ['a placeholder', { registrant_id: '0', participant_user_id: 'null' }, []],
  ] as [string, object, string[]][]) {
    it(`told by ${what}`, () => {
      const { record, claim } = withParticipant({ ...nobody, ...fields })
      assert.deepEqual(record.aliases, aliases)
      assert.equal(record.person, aliases[0] ?? null)
      assert.deepEqual(claim?.aliases ?? [], aliases)
    })
  }

  for (const field of ['id', 'participant_user_id']) {
    it(`the host, recognised by ${field}, is nobody and claims nothing`, () => {
      const { record, claim } = withParticipant({ id: '', participant_user_id: '', [field]: 'x1yCzABCDEfg23HiJKl4mN' })
      assert.equal(record.participant?.host, true)
      assert.equal(record.person, null)
      assert.deepEqual(record.aliases, [])
      assert.equal(claim, undefined)
    })
  }

  it('an unknown host does not make a host of a participant who is not signed in', () => {
    const { record } = mapped(
      changed('webinar.participant_joined', body => {
        body.payload.object.host_id = ''
        Object.assign(body.payload.object.participant, nobody)
      }),
    )
    assert.equal(record.participant?.host, false)
  })

  it('the address of a registrant is in lower case and ties to the same person', () => {
    const { record } = withRegistrant({ email: ' Tomas.Oliveira@Brightwater.Example.com' })
    assert.equal(record.registrant?.email, 'tomas.oliveira@brightwater.example.com')
    assert.equal(record.aliases[1], 'email:tomas.oliveira@brightwater.example.com')
  })
})

describe('registrations', () => {
  it('one that waits for the host has no link', () => {
    const { record } = withRegistrant({ status: 'pending', join_url: undefined })
    assert.equal(record.registrant?.status, 'PENDING')
    assert.equal(record.registrant?.joinUrl, null)
  })

  it('questions left open are no answers, and no attributes that would clear what is known', () => {
    const { record, claim } = withRegistrant({
      org: '',
      phone: null,
      city: '  ',
      custom_questions: [{ title: 'Why?', value: '' }, null, 7],
    })
    for (const name of ['org', 'phone', 'city']) assert.ok(!(name in (record.registrant?.answers ?? {})), name)
    assert.deepEqual(record.registrant?.customAnswers, {})
    for (const name of ['company', 'phone', 'city']) assert.ok(!(name in (claim?.attributes ?? {})), name)
  })

  it('a cancellation tells the name and nothing more', () => {
    assert.deepEqual(mapped(sample('webinar.registration_cancelled')).claim?.attributes, {
      firstName: 'Jill',
      lastName: 'Chill',
    })
  })
})

describe('changes of a webinar', () => {
  it('an update may name only what changed', () => {
    const { record } = mapped(
      changed('webinar.updated', body => {
        body.payload.object = { id: 1234567890, topic: 'New' }
      }),
    )
    assert.equal(record.topic, 'New')
    assert.equal(record.startTime, null)
    assert.equal(record.timezone, null)
    assert.equal(record.instance, null)
    assert.deepEqual(record.occurrences, [])
  })

  it('an update has the time of the change, or else of the webhook', () => {
    assert.equal(mapped(sample('webinar.updated')).record.occurredAt, 1617628463664)
    const without = changed('webinar.updated', body => delete body.payload.time_stamp)
    assert.equal(mapped(without).record.occurredAt, 1626230691572)
  })

  it('a deletion of one occurrence names it, one of all names none', () => {
    assert.equal(mapped(sample('webinar.deleted')).record.occurrences.length, 1)
    const all = changed('webinar.deleted', body => {
      body.payload.operation = 'all'
    })
    assert.deepEqual(mapped(all).record.occurrences, [])
  })

  it('a planned start may lie ahead, a start that happened may not', () => {
    const start_time = '2031-01-01T00:00:00Z'
    assert.equal(withObject('webinar.created', { start_time }).record.startTime, Date.parse(start_time))
    assert.equal(withObject('webinar.started', { start_time }).record.startTime, receivedAt)
    assert.equal(withObject('webinar.participant_joined', { start_time }).record.startTime, receivedAt)
  })

  it('a phone leg is tied to the other session', () => {
    const { participant } = mapped(sample('webinar.participant_bind')).record
    assert.deepEqual(
      [participant?.session, participant?.boundSession],
      ['55555AAAiAAAAAiAiAiiAii', 'B8E2844F-F162-4808-A997-F267BCE8B0BB'],
    )
  })
})

describe('31 times that cannot be are clamped', () => {
  const eventTime = 1626230691572
  for (const [what, join_time, joinedAt] of [
    ['unparsable', 'yesterday', eventTime],
    ['absent', undefined, eventTime],
    ['without a zone', '2021-07-13T21:44:51', eventTime],
    ['of the year 1970', '1970-01-01T00:00:01Z', eventTime],
    ['a day ahead', '2021-07-16T12:00:00Z', receivedAt],
    ['of the year 9999', '9999-12-31T23:59:59Z', receivedAt],
    ['with fractions', '2021-07-13T21:44:51.660Z', Date.parse('2021-07-13T21:44:51.660Z')],
    ['in another zone', '2021-07-13T23:44:51+02:00', Date.parse('2021-07-13T21:44:51Z')],
  ] as [string, unknown, number][]) {
    it(`a join time ${what}`, () => assert.equal(withParticipant({ join_time }).record.participant?.joinedAt, joinedAt))
  }

  for (const [what, event_ts, occurredAt] of [
    ['in seconds', 1626230691, Date.parse('2021-07-13T21:44:51Z')],
    ['absent', undefined, Date.parse('2021-07-13T21:44:51Z')],
    ['before the epoch', -5, Date.parse('2021-07-13T21:44:51Z')],
    ['as a text', '1626230691572', eventTime],
    ['far ahead', 9e15, receivedAt],
    ['beyond all numbers', 1e300, receivedAt],
  ] as [string, unknown, number][]) {
    it(`an event time ${what}`, () => {
      const body = changed('webinar.participant_joined', webhook => Object.assign(webhook, { event_ts }))
      assert.equal(mapped(body).record.occurredAt, occurredAt)
    })
  }

  it('none at all is the receipt', () => {
    const { record } = mapped(
      changed('webinar.ended', body => {
        delete body.event_ts
        delete body.payload.object.end_time
      }),
    )
    assert.equal(record.occurredAt, receivedAt)
    assert.equal(record.endTime, receivedAt)
  })

  it('no time of what happened is ever later than the receipt, whatever Zoom writes', () => {
    const time = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.date().map(String),
      fc.date({ noInvalidDate: true }).map(date => date.toJSON()),
    )
    const event = fc.constantFrom(
      'webinar.participant_joined',
      'webinar.participant_left',
      'webinar.ended',
      'webinar.started',
    )
    fc.assert(
      fc.property(event, time, time, time, (name, event_ts, session, end) => {
        const { record } = mapped(
          changed(name, body => {
            body.event_ts = event_ts
            Object.assign(body.payload.object, { start_time: session, end_time: end })
            Object.assign(body.payload.object.participant ?? {}, { join_time: session, leave_time: end })
          }),
        )
        const { occurredAt, startTime, endTime, participant } = record
        for (const at of [occurredAt, startTime, endTime, participant?.joinedAt, participant?.leftAt]) {
          assert.ok(at === null || at === undefined || (at <= receivedAt && at >= Date.UTC(2010, 0)), String(at))
        }
      }),
    )
  })
})

describe('identity of events', () => {
  const idOf = (body: string, at?: number) => mapped(body, at).record.eventId

  it('does not depend on the delivery', () => {
    assert.equal(
      idOf(sample('webinar.participant_joined'), receivedAt),
      idOf(sample('webinar.participant_joined'), receivedAt + 5_100_000),
    )
  })

  it('tells apart what is different', () => {
    const ids = [
      sample('webinar.participant_joined'),
      sample('webinar.participant_left'),
      changed('webinar.participant_joined', body => Object.assign(body, { event_ts: 1626230691573 })),
      changed('webinar.participant_joined', body => Object.assign(body.payload.object, { uuid: 'next' })),
      changed('webinar.participant_joined', body =>
        Object.assign(body.payload.object.participant, { participant_uuid: 'next' }),
      ),
      changed('webinar.participant_joined', body =>
        Object.assign(body.payload.object.participant, { join_time: '2021-07-13T21:44:52Z' }),
      ),
      sample('webinar.registration_created'),
      sample('webinar.registration_approved'),
      changed('webinar.registration_created', body => Object.assign(body.payload.object.registrant, { id: 'next' })),
      sample('webinar.updated'),
      changed('webinar.updated', body => Object.assign(body.payload, { time_stamp: 1617628463665 })),
    ].map(body => idOf(body))
    assert.equal(new Set(ids).size, ids.length)
  })

  it('a claim has one of its own, as stable', () => {
    const { record, claim } = mapped(sample('webinar.participant_joined'))
    assert.equal(claim?.id, `${record.eventId}:seen`)
    assert.equal(claim?.time, record.occurredAt)
  })
})
