import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openAccount } from './hubspot.ts'
import { AT, attendance, MARKETING, openWithWebinar, record, stateOf, WEBINAR } from './hubspot-webinar-event.ts'

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
