import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openAccount } from './hubspot.ts'
import { AT, IDS, MARKETING, openWithWebinar, stateOf, WEBINAR } from './hubspot-webinar-event.ts'

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
