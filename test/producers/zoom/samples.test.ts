import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import type { Webinar } from '../../../schemas/generated.ts'
import { changed, type Receiver, receivedAt, sample, samples, startReceiver } from './receiver.ts'

/** Every example of facts/zoom.md §2, through the server into Kafka. */

const july13 = Date.parse('2021-07-13T21:44:51Z')
const eventTime = 1626230691572

/** What all examples say of the webinar. */
const common = {
  source: 'zoom:default',
  occurredAt: eventTime,
  receivedAt,
  account: 'default',
  number: '1234567890',
  recurring: false,
  instance: '4444AAAiAAAAAiAiAiiAii==',
  topic: 'My Webinar',
  startTime: july13,
  endTime: null,
  reported: null,
  timezone: 'America/Los_Angeles',
  occurrences: [],
  person: null,
  aliases: [],
  registrant: null,
  participant: null,
} as const satisfies Partial<Webinar>

const series = { recurring: true, occurrences: [{ id: 'ABCDE12345', startTime: july13 }] }
const registration = {
  ...series,
  person: 'zoom:registrant:iFxeBPYun6SAiWUzBcEkX',
  aliases: ['zoom:registrant:iFxeBPYun6SAiWUzBcEkX', 'email:jchill@example.com'],
}
const registrant = {
  id: 'iFxeBPYun6SAiWUzBcEkX',
  email: 'jchill@example.com',
  firstName: 'Jill',
  lastName: 'Chill',
  status: 'APPROVED',
  joinUrl: null,
  answers: {},
  customAnswers: {},
} as const
const participation = {
  person: 'zoom:registrant:abcdefghij0-klmnopq23456',
  aliases: ['zoom:registrant:abcdefghij0-klmnopq23456', 'email:jchill@example.com', 'zoom:user:iFxeBPYun6SAiWUzBcEkX'],
}
const participant = {
  session: '55555AAAiAAAAAiAiAiiAii',
  boundSession: null,
  name: 'Jill Chill',
  host: false,
  joinedAt: null,
  leftAt: null,
}

const expected: Record<string, Omit<Webinar, 'eventId'>> = {
  'webinar.created': { ...common, ...series, kind: 'CREATED' },
  'webinar.updated': {
    ...common,
    ...series,
    kind: 'UPDATED',
    occurredAt: 1617628463664,
    topic: 'ZoomNet Unit Testing: UPDATED scheduled webinar',
  },
  'webinar.deleted': { ...common, ...series, kind: 'DELETED' },
  'webinar.started': { ...common, kind: 'STARTED' },
  'webinar.ended': { ...common, kind: 'ENDED', endTime: Date.parse('2021-07-13T23:00:51Z') },
  'webinar.registration_created': {
    ...common,
    ...registration,
    kind: 'REGISTERED',
    registrant: {
      ...registrant,
      joinUrl: 'https://example.com/join',
      answers: {
        address: '1800 Amphibious Blvd.',
        city: 'Mountain View',
        country: 'US',
        zip: '94045',
        state: 'CA',
        phone: '5550100',
        industry: 'Food',
        org: 'Cooking Org',
        job_title: 'Chef',
        purchasing_time_frame: '1-3 months',
        role_in_purchase_process: 'Influencer',
        no_of_employees: '1-20',
        comments: 'Looking forward to the webinar',
      },
      customAnswers: {
        'What do you hope to learn from this webinar?':
          'Look forward to learning how you come up with new recipes and what other services you offer.',
      },
    },
  },
  'webinar.registration_approved': {
    ...common,
    ...registration,
    kind: 'APPROVED',
    registrant: { ...registrant, joinUrl: 'https://example.com' },
  },
  'webinar.registration_cancelled': {
    ...common,
    ...registration,
    kind: 'CANCELLED',
    registrant: { ...registrant, status: 'CANCELLED' },
  },
  'webinar.participant_joined': {
    ...common,
    ...participation,
    kind: 'JOINED',
    participant: { ...participant, joinedAt: july13 },
  },
  'webinar.participant_left': {
    ...common,
    ...participation,
    kind: 'LEFT',
    participant: { ...participant, leftAt: Date.parse('2021-07-13T22:50:51Z') },
  },
  'webinar.participant_bind': {
    ...common,
    kind: 'BOUND',
    person: participation.person,
    aliases: ['zoom:registrant:abcdefghij0-klmnopq23456', 'zoom:user:iFxeBPYun6SAiWUzBcEkX'],
    participant: { ...participant, boundSession: 'B8E2844F-F162-4808-A997-F267BCE8B0BB' },
  },
}

const ignored = ['recording.completed', 'recording.transcript_completed']

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

const produced = async (body: string): Promise<Webinar> => {
  const answer = await receiver.post(body)
  assert.deepEqual(answer, { status: 200, body: { outcome: 'produced' } })
  const records = await receiver.records()
  assert.equal(records.length, 1)
  return records[0] as Webinar
}

describe("Zoom's examples become records", () => {
  const seen: string[] = []
  for (const [event, body] of samples) {
    if (ignored.includes(event)) continue
    it(`${event}`, async () => {
      seen.push(event)
      const { eventId, ...record } = await produced(body)
      assert.deepEqual(record, expected[event])
      assert.match(eventId, /^zoom:[0-9a-f]{32}$/)
      const [stored] = await receiver.stored('webinars')
      assert.equal(stored?.key?.toString(), '1234567890')
    })
  }

  it('a denial is like a cancellation', async () => {
    const record = await produced(
      changed('webinar.registration_cancelled', body => {
        body.event = 'webinar.registration_denied'
      }),
    )
    assert.equal(record.kind, 'DENIED')
    assert.equal(record.registrant?.status, 'DENIED')
  })

  after(() => assert.deepEqual(seen.toSorted(), Object.keys(expected).toSorted()))
})

describe('claims', () => {
  it('Z14 a registration ties the registrant id to the address, with what the form told of the person', async () => {
    const record = await produced(sample('webinar.registration_created'))
    assert.deepEqual(await receiver.claims(), [
      {
        id: `${record.eventId}:seen`,
        time: eventTime,
        kind: 'SEEN',
        aliases: registration.aliases,
        attributes: {
          firstName: 'Jill',
          lastName: 'Chill',
          company: 'Cooking Org',
          jobTitle: 'Chef',
          industry: 'Food',
          phone: '5550100',
          address: '1800 Amphibious Blvd.',
          city: 'Mountain View',
          state: 'CA',
          zip: '94045',
          country: 'US',
        },
        source: 'zoom:default',
      },
    ])
    const [stored] = await receiver.stored('identity-claims')
    assert.equal(stored?.key?.toString(), registration.person)
  })

  it('Z14 a join ties registration, address and Zoom user', async () => {
    await produced(sample('webinar.participant_joined'))
    const [claim] = await receiver.claims()
    assert.deepEqual(claim?.aliases, participation.aliases)
    assert.deepEqual(claim?.attributes, {})
  })

  it('claims and records go to Kafka in one call', async () => {
    await produced(sample('webinar.registration_created'))
    assert.equal(receiver.publishes(), 1)
  })

  for (const event of ['webinar.created', 'webinar.updated', 'webinar.started', 'webinar.ended']) {
    it(`${event} is about nobody and claims nothing`, async () => {
      await produced(sample(event))
      assert.deepEqual(await receiver.claims(), [])
    })
  }
})

describe('what is not for us is accepted and counted', () => {
  for (const event of [
    ...ignored,
    'meeting.participant_joined',
    'webinar.permanently_deleted',
    'user.created',
    '__proto__',
  ]) {
    it(event, async () => {
      const body = samples.get(event) ?? JSON.stringify({ event, event_ts: 1, payload: { object: {} } })
      assert.deepEqual(await receiver.post(body), { status: 200, body: { outcome: 'ignored' } })
      assert.equal(receiver.publishes(), 0)
      const counted = await receiver.metrics.value('tributary_webhooks_total', { vendor: 'zoom', outcome: 'ignored' })
      assert.equal(counted, 1)
    })
  }
})
