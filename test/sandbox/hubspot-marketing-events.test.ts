import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { type Account, byAddress, openAccount } from './hubspot.ts'

const MARKETING = '/marketing/v3/marketing-events'
const IDS = { externalEventId: '9-1', externalAccountId: 'zoom-1' }
const WEBINAR = {
  ...IDS,
  eventName: 'Winter webinar',
  eventOrganizer: 'Tributary',
  startDateTime: '2026-10-14T12:00:00.000Z',
  endDateTime: '2026-10-14T13:00:00.000Z',
}
const AT = Date.parse('2026-10-14T12:05:00Z')

/** An account with a marketing event and a contact. */
const openWithWebinar = async (context: TestContext, options: HubSpotSandboxOptions = {}) => {
  const account = await openAccount(context, options)
  const { results } = await account.client.crm.contacts.batchApi.upsert({ inputs: [byAddress('ada@example.com', {})] })
  const { body } = await account.call('POST', `${MARKETING}/events`, WEBINAR)
  return { account, contact: Number(results[0]?.id), objectId: body.objectId as string }
}

// biome-ignore lint/suspicious/noExplicitAny: rows of any object type
const stateOf = async ({ call }: Account, type: string): Promise<any[]> =>
  (await call('GET', '/_sandbox/state')).body[type]

const attendance = (state: string, kind = 'create', query = '?externalAccountId=zoom-1') =>
  `${MARKETING}/attendance/9-1/${state}/${kind}${query}`

const record = (account: Account, state: string, input: object, at = AT) =>
  account.call('POST', attendance(state), { inputs: [{ interactionDateTime: at, ...input }] })

it('the official client makes an event, records who came, completes it and reads all of it', async context => {
  const { client } = await openAccount(context)
  const { basicApi, batchApi, addEventAttendeesApi, changePropertyApi, retrieveParticipantStateApi, identifiersApi } =
    client.marketing.events
  const times = { startDateTime: new Date(WEBINAR.startDateTime), endDateTime: new Date(WEBINAR.endDateTime) }
  const fields = { ...WEBINAR, ...times, customProperties: [] }
  const made = await basicApi.create(fields)
  assert.deepEqual([made.eventName, made.startDateTime], ['Winter webinar', times.startDateTime])
  const upserted = await batchApi.upsert({ inputs: [{ ...fields, eventName: 'Webinar' }] })
  assert.deepEqual([upserted.results[0]?.objectId, upserted.results[0]?.eventName], [made.objectId, 'Webinar'])
  const registered = await addEventAttendeesApi.recordByContactEmails(
    IDS.externalEventId,
    'register',
    {
      inputs: [
        { email: 'Ada@example.com', interactionDateTime: 1, properties: {}, contactProperties: { firstname: 'Ada' } },
        { email: 'alan@example.com', interactionDateTime: 2, properties: {}, contactProperties: {} },
      ],
    },
    IDS.externalAccountId,
  )
  const vids = new Map(registered.results.map(({ email, vid }) => [email, vid]))
  assert.deepEqual([...vids.keys()].sort(), ['ada@example.com', 'alan@example.com'])
  const ada = vids.get('ada@example.com') ?? 0
  const attended = await addEventAttendeesApi.recordByContactIds(
    IDS.externalEventId,
    'attend',
    {
      inputs: [
        {
          vid: ada,
          interactionDateTime: AT,
          properties: { joinedAt: '2026-10-14T12:00:00Z', leftAt: '2026-10-14T12:45:00Z' },
        },
      ],
    },
    IDS.externalAccountId,
  )
  assert.deepEqual(
    attended.results.map(({ vid }) => vid),
    [ada],
  )
  const completed = await changePropertyApi.complete(IDS.externalEventId, IDS.externalAccountId, times)
  assert.equal(completed.eventCompleted, true)
  const read = await basicApi.getDetails(IDS.externalEventId, IDS.externalAccountId)
  assert.deepEqual([read.registrants, read.attendees, read.noShows, read.cancellations], [2, 1, 1, 0])
  const counters = await retrieveParticipantStateApi.getParticipationsCountersByEventExternalId(
    IDS.externalAccountId,
    IDS.externalEventId,
  )
  assert.deepEqual({ ...counters }, { attended: 1, registered: 0, cancelled: 0, noShows: 1 })
  const { results } = await retrieveParticipantStateApi.getParticipationsBreakdownByContactId('ada@example.com')
  assert.equal(results.length, 1)
  const [part] = results
  assert.deepEqual(
    { ...part?.properties },
    {
      ...{ attendanceState: 'ATTENDED', occurredAt: AT },
      ...{ attendanceDurationSeconds: 2700, attendancePercentage: '0.75' },
    },
  )
  assert.deepEqual(
    [part?.associations.marketingEvent.externalEventId, part?.associations.contact.firstname],
    [IDS.externalEventId, 'Ada'],
  )
  const [identified] = (await identifiersApi.doSearch(IDS.externalEventId)).results
  assert.equal(identified?.objectId, made.objectId)
  const page = await basicApi.getAll()
  assert.deepEqual(
    page.results.map(({ objectId, appInfo }) => [objectId, appInfo?.name]),
    [[made.objectId, 'Sandbox app']],
  )
})

describe('marketing events', () => {
  it('are made once, changed by PUT and PATCH, cancelled and removed, with the codes of the specification', async context => {
    const { account, objectId } = await openWithWebinar(context)
    const one = `${MARKETING}/events/9-1`
    const query = '?externalAccountId=zoom-1'
    const steps: readonly [method: string, path: string, body: unknown, status: number][] = [
      ['POST', `${MARKETING}/events`, WEBINAR, 409],
      ['PUT', one, { ...WEBINAR, eventName: 'Put' }, 200],
      ['PUT', `${MARKETING}/events/9-2/`, { ...WEBINAR, externalEventId: '9-2' }, 200],
      ['PUT', one, { ...WEBINAR, externalEventId: 'other' }, 400],
      ['PATCH', one + query, { eventDescription: 'Described' }, 200],
      ['PATCH', `${MARKETING}/${objectId}`, { eventType: 'WEBINAR' }, 200],
      ['POST', `${one}/cancel${query}`, undefined, 200],
      ['GET', one + query, undefined, 200],
      ['GET', `${MARKETING}/${objectId}/`, undefined, 200],
      ['GET', `${MARKETING}/`, undefined, 200],
      ['GET', '/marketing/marketing-events/v3', undefined, 200],
      ['GET', `${MARKETING}/9-1/identifiers`, undefined, 200],
    ]
    for (const [method, path, body, status] of steps)
      assert.equal((await account.call(method, path, body)).status, status, `${method} ${path}`)
    const { body } = await account.call('GET', `${MARKETING}/${objectId}`)
    assert.deepEqual(
      [body.eventName, body.eventDescription, body.eventType, body.eventCancelled, body.eventStatus],
      ['Put', 'Described', 'WEBINAR', true, 'CANCELLED'],
    )
    assert.deepEqual(body.appInfo, { id: '5070001', name: 'Sandbox app' })
    assert.equal((await stateOf(account, 'marketing_event')).length, 2)
    assert.equal((await account.call('DELETE', one + query)).status, 204)
    assert.equal((await account.call('GET', `${MARKETING}/${objectId}`)).status, 404)
  })

  const refused: readonly [why: string, fields: object][] = [
    ['without a name', { eventName: undefined }],
    ['without an organizer', { eventOrganizer: undefined }],
    ['without an external event id', { externalEventId: undefined }],
    ['without an external account id', { externalAccountId: undefined }],
    ['with a start that is no time', { startDateTime: 'tomorrow' }],
    ['with custom properties, which the account does not have', { customProperties: [{ name: 'a', value: '1' }] }],
  ]
  for (const [why, fields] of refused) {
    it(`are refused ${why}, one by one and all of a batch`, async context => {
      const { call } = await openAccount(context)
      assert.equal((await call('POST', `${MARKETING}/events`, { ...WEBINAR, ...fields })).status, 400)
      const inputs = [WEBINAR, { ...WEBINAR, ...fields }]
      assert.equal((await call('POST', `${MARKETING}/events/upsert`, { inputs })).status, 400)
      assert.deepEqual((await call('GET', MARKETING)).body.results, [])
    })
  }

  const unknown: readonly [method: string, path: string, body?: unknown][] = [
    ['GET', `${MARKETING}/events/other?externalAccountId=zoom-1`],
    ['GET', `${MARKETING}/events/9-1?externalAccountId=other`],
    ['PATCH', `${MARKETING}/events/other?externalAccountId=zoom-1`, {}],
    ['POST', `${MARKETING}/events/other/cancel?externalAccountId=zoom-1`],
    [
      'POST',
      `${MARKETING}/events/other/complete?externalAccountId=zoom-1`,
      { startDateTime: WEBINAR.startDateTime, endDateTime: WEBINAR.endDateTime },
    ],
    ['GET', `${MARKETING}/1`],
    ['POST', `${MARKETING}/attendance/other/attend/create?externalAccountId=zoom-1`, { inputs: [] }],
    ['POST', `${MARKETING}/attendance/9-1/attend/create?externalAccountId=other`, { inputs: [] }],
    ['POST', `${MARKETING}/1/attendance/attend/email-create`, { inputs: [] }],
    ['GET', `${MARKETING}/participations/zoom-1/other`],
    ['GET', `${MARKETING}/participations/zoom-1/other/breakdown`],
    ['GET', `${MARKETING}/participations/1/breakdown`],
    ['GET', `${MARKETING}/participations/contacts/nobody@example.com/breakdown`],
  ]
  for (const [method, path, body] of unknown) {
    it(`${method} ${path} of what is not there is 404`, async context => {
      const { account } = await openWithWebinar(context)
      const answer = await account.call(method, path, body)
      assert.deepEqual([answer.status, answer.body.category], [404, 'OBJECT_NOT_FOUND'])
    })
  }

  it('are found by external ids by the app that made them only, by object id by every app', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'hubspot-marketing-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const journalFile = join(folder, 'hubspot.jsonl')
    const { objectId } = await openWithWebinar(context, { journalFile })
    const other = await openAccount(context, { journalFile, appId: 1 })
    assert.equal((await other.call('GET', `${MARKETING}/events/9-1?externalAccountId=zoom-1`)).status, 404)
    assert.equal((await other.call('GET', `${MARKETING}/${objectId}`)).status, 200)
  })
})

describe('attendance', () => {
  for (const [spelling, state] of [
    ['register', 'REGISTERED'],
    ['attend', 'ATTENDED'],
    ['cancel', 'CANCELLED'],
    ['REGISTERED', 'REGISTERED'],
    ['ATTENDED', 'ATTENDED'],
    ['CANCELLED', 'CANCELLED'],
  ] as const) {
    it(`${spelling} is recorded as ${state}, by external ids and by object id, by contact and by address`, async context => {
      const { account, contact, objectId } = await openWithWebinar(context)
      const byId = { inputs: [{ vid: contact, interactionDateTime: AT }] }
      const byEmail = { inputs: [{ email: 'ada@example.com', interactionDateTime: AT }] }
      for (const [path, body, result] of [
        [attendance(spelling), byId, { vid: contact }],
        [attendance(spelling, 'email-create', ''), byEmail, { vid: contact, email: 'ada@example.com' }],
        [`${MARKETING}/${objectId}/attendance/${spelling}/create/`, byId, { vid: contact }],
        [
          `${MARKETING}/${objectId}/attendance/${spelling}/email-create`,
          byEmail,
          { vid: contact, email: 'ada@example.com' },
        ],
      ] as const) {
        const answer = await account.call('POST', path, body)
        assert.deepEqual([answer.status, answer.body.status, answer.body.results], [200, 'COMPLETE', [result]])
      }
      const parts = await stateOf(account, 'marketing_participation')
      assert.deepEqual(
        parts.map(({ properties: { attendanceState, contactId } }) => [attendanceState, contactId]),
        [[state, String(contact)]],
      )
    })
  }

  const wrong: readonly [why: string, state: string, input: object][] = [
    ['in a state that is none', 'registered', {}],
    ['without interactionDateTime', 'attend', { interactionDateTime: undefined }],
    ['at a time that is no number', 'attend', { interactionDateTime: '2026-10-14T12:05:00Z' }],
    ['without a contact', 'attend', { vid: undefined }],
    ['with another property than joinedAt and leftAt', 'attend', { properties: { minutes: '1' } }],
    ['with a joinedAt in milliseconds', 'attend', { properties: { joinedAt: String(AT) } }],
    ['with a joinedAt of a registration', 'register', { properties: { joinedAt: WEBINAR.startDateTime } }],
  ]
  for (const [why, state, input] of wrong) {
    it(`${why} is refused with 400`, async context => {
      const { account, contact } = await openWithWebinar(context)
      assert.equal((await record(account, state, { vid: contact, ...input })).status, 400)
      assert.deepEqual(await stateOf(account, 'marketing_participation'), [])
    })
  }

  it('of 101 contacts in one request is refused with 400', async context => {
    const { account, contact } = await openWithWebinar(context)
    const inputs = Array.from({ length: 101 }, () => ({ vid: contact, interactionDateTime: AT }))
    assert.equal((await account.call('POST', attendance('attend'), { inputs })).status, 400)
  })

  it('of a contact that is not there is left out of the results and named among the errors', async context => {
    const { account, contact } = await openWithWebinar(context)
    const inputs = [contact, 999_999].map(vid => ({ vid, interactionDateTime: AT }))
    const { status, body } = await account.call('POST', attendance('attend'), { inputs })
    assert.deepEqual([status, body.results, body.numErrors], [200, [{ vid: contact }], 1])
    assert.deepEqual(body.errors[0].context.ids, ['999999'])
  })

  it('by address makes the contact that is missing; contactProperties do not change one that is there', async context => {
    const { account } = await openWithWebinar(context)
    const inputs = ['ada@example.com', 'alan@example.com'].map(email => ({
      ...{ email, interactionDateTime: AT, contactProperties: { firstname: 'New' } },
    }))
    await account.call('POST', attendance('register', 'email-create'), { inputs })
    const contacts = await stateOf(account, 'contacts')
    assert.deepEqual(
      contacts.map(({ properties }) => [properties.email, properties.firstname]),
      [
        ['ada@example.com', undefined],
        ['alan@example.com', 'New'],
      ],
    )
  })

  it('by address is refused as a whole when one address is none', async context => {
    const { account } = await openWithWebinar(context)
    const inputs = ['alan@example.com', 'nobody'].map(email => ({ email, interactionDateTime: AT }))
    assert.equal((await account.call('POST', attendance('register', 'email-create'), { inputs })).status, 400)
    assert.equal((await stateOf(account, 'contacts')).length, 1)
  })

  it('answers are not in the order of the inputs', async context => {
    const { account } = await openWithWebinar(context)
    const emails = Array.from({ length: 20 }, (_, index) => `person${index}@example.com`)
    const inputs = emails.map(email => ({ email, interactionDateTime: AT }))
    const { body } = await account.call('POST', attendance('register', 'email-create'), { inputs })
    const answered = body.results.map(({ email }: { email: string }) => email)
    assert.notDeepEqual(answered, emails)
    assert.deepEqual(answered.toSorted(), emails.toSorted())
  })

  it('with the same time again changes joins and leaves and makes no second one', async context => {
    const { account, contact } = await openWithWebinar(context)
    for (const properties of [
      { joinedAt: WEBINAR.startDateTime },
      { joinedAt: WEBINAR.startDateTime, leftAt: WEBINAR.endDateTime },
    ])
      await record(account, 'attend', { vid: contact, properties })
    const [part, ...others] = await stateOf(account, 'marketing_participation')
    assert.deepEqual(
      [part.properties.joinedAt, part.properties.leftAt, part.properties.interactions.length, others],
      [WEBINAR.startDateTime, WEBINAR.endDateTime, 1, []],
    )
  })

  it('several states make one participation: the counters count the current one, the event everything', async context => {
    const { account, contact, objectId } = await openWithWebinar(context)
    for (const [index, state] of ['register', 'cancel', 'register'].entries())
      await record(account, state, { vid: contact }, AT + index)
    assert.deepEqual((await account.call('GET', `${MARKETING}/participations/zoom-1/9-1`)).body, {
      ...{ registered: 1, attended: 0, cancelled: 0, noShows: 0 },
    })
    const { registrants, cancellations } = (await account.call('GET', `${MARKETING}/${objectId}`)).body
    assert.deepEqual([registrants, cancellations], [2, 1])
    const { body } = await account.call('GET', `${MARKETING}/participations/${objectId}/breakdown`)
    assert.deepEqual([body.total, body.results[0].properties.attendanceState], [1, 'REGISTERED'])
  })

  for (const [attendanceOrder, expected] of [
    ['received', 'REGISTERED'],
    ['interaction', 'ATTENDED'],
  ] as const) {
    it(`an earlier registration that comes late leaves ${expected} where the order is ${attendanceOrder}`, async context => {
      const { account, contact } = await openWithWebinar(context, { attendanceOrder })
      await record(account, 'attend', { vid: contact }, AT)
      await record(account, 'register', { vid: contact }, AT - 1000)
      const [part] = await stateOf(account, 'marketing_participation')
      assert.equal(part.properties.attendanceState, expected)
    })
  }

  it('of contacts that are merged is one participation, under the old ids and the new one', async context => {
    const { account, contact } = await openWithWebinar(context)
    const { crm } = account.client
    const other = await crm.contacts.basicApi.create({ properties: { email: 'a@example.com' }, associations: [] })
    await record(account, 'register', { vid: Number(other.id) }, AT)
    await record(account, 'attend', { vid: contact }, AT + 1)
    const survivor = await crm.contacts.basicApi.merge({ primaryObjectId: other.id, objectIdToMerge: String(contact) })
    await record(account, 'attend', { vid: contact }, AT + 2)
    for (const identifier of [String(contact), survivor.id, 'ada@example.com']) {
      const { body } = await account.call('GET', `${MARKETING}/participations/contacts/${identifier}/breakdown`)
      assert.deepEqual(
        [body.total, body.results[0].associations.contact.contactId, body.results[0].properties.occurredAt],
        [1, survivor.id, AT + 2],
      )
    }
    const [part, ...others] = await stateOf(account, 'marketing_participation')
    assert.deepEqual([part.properties.interactions.length, others], [3, []])
  })

  it('a breakdown is filtered by state and contact and comes in pages', async context => {
    const { account, contact } = await openWithWebinar(context)
    const inputs = ['b', 'c'].map(name => ({ email: `${name}@example.com`, interactionDateTime: AT }))
    await account.call('POST', attendance('register', 'email-create'), { inputs })
    await record(account, 'attend', { vid: contact })
    const total = async (query: string): Promise<number> =>
      (await account.call('GET', `${MARKETING}/participations/zoom-1/9-1/breakdown?${query}`)).body.total
    assert.deepEqual(
      await Promise.all(['', 'state=REGISTERED', 'state=NO_SHOW', 'contactIdentifier=ada@example.com'].map(total)),
      [3, 2, 0, 1],
    )
    const { body } = await account.call('GET', `${MARKETING}/participations/zoom-1/9-1/breakdown?limit=2`)
    const next = await account.call(
      'GET',
      `${MARKETING}/participations/zoom-1/9-1/breakdown?limit=2&after=${body.paging.next.after}`,
    )
    assert.deepEqual([body.results.length, next.body.results.length], [2, 1])
  })
})

it('events and participations survive a restart', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'hubspot-marketing-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const journalFile = join(folder, 'hubspot.jsonl')
  const { account: before, contact } = await openWithWebinar(context, { journalFile })
  await record(before, 'attend', { vid: contact, properties: { joinedAt: WEBINAR.startDateTime } })
  const after = await openAccount(context, { journalFile })
  assert.deepEqual(
    (await after.call('GET', '/_sandbox/state')).body,
    (await before.call('GET', '/_sandbox/state')).body,
  )
  const { id } = await after.client.crm.contacts.basicApi.create({ properties: { firstname: 'B' }, associations: [] })
  const [part] = await stateOf(after, 'marketing_participation')
  assert.ok(Number(id) > Number(part.id), 'records, events and participations are numbered together')
})

it('an attendance whose answer was cut off is there, once', async context => {
  const { account, contact } = await openWithWebinar(context)
  const match = { path: `${MARKETING}/attendance` }
  await account.call('POST', '/_sandbox/faults', { match, answer: 'reset-after-apply' })
  await assert.rejects(record(account, 'attend', { vid: contact }))
  await record(account, 'attend', { vid: contact })
  const [part, ...others] = await stateOf(account, 'marketing_participation')
  assert.deepEqual([part.properties.interactions.length, others], [1, []])
})
