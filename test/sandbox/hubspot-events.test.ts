import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { manualClock } from '../clock.ts'
import { NAME, occurrence, openWithEvents, read, SEND, stateOf, UUIDS } from './hubspot-occurrences.ts'

it('the official client sends a batch and reads it back', async context => {
  const { account, contact } = await openWithEvents(context)
  const { client } = account
  const occurredAt = new Date('2026-10-14T12:00:00.000Z')
  const sent = await client.events.send.batchApi.sendWithHttpInfo({
    inputs: [
      { eventName: NAME, objectId: contact, occurredAt, uuid: UUIDS[0] ?? '', properties: { minutes: '12.5' } },
      { eventName: NAME, email: 'ADA@example.com', properties: { webinar_id: '1' } },
    ],
  })
  assert.equal(sent.httpStatusCode, 204)
  await client.events.send.basicApi.send({ eventName: 'pe24700001_webinar_missed', objectId: contact, properties: {} })
  const { results } = await client.events.eventsApi.getPage('contact', NAME, undefined, undefined, 10, ['occurredAt'])
  assert.equal(results.length, 2)
  assert.deepEqual(
    [results[0]?.id, results[0]?.objectId, results[0]?.occurredAt, results[0]?.properties],
    [UUIDS[0], contact, occurredAt, { minutes: '12.5' }],
  )
  assert.equal(results[1]?.objectId, contact, 'the address finds the contact, whatever its case')
  const { eventTypes } = await client.events.eventsApi.getTypes()
  assert.deepEqual(eventTypes, [NAME, 'pe24700001_webinar_missed'])
})

describe('refuses the whole batch with 400', () => {
  const wrong: readonly [why: string, input: object][] = [
    ['of an event by its short name', { eventName: 'webinar_joined' }],
    ['of an event of another account', { eventName: 'pe1_webinar_joined' }],
    ['without a name', { eventName: undefined }],
    ['without an identifier', { objectId: undefined }],
    ['with a property that the event does not have', { properties: { hs_city: 'London' } }],
    ['with a text of 257 characters', { properties: { webinar_id: 'x'.repeat(257) } }],
    ['with a link of 1025 characters', { properties: { join_url: 'x'.repeat(1025) } }],
    ['with a number of two decimals', { properties: { minutes: '1.25' } }],
    ['with a word as number', { properties: { minutes: 'many' } }],
    ['with a number that is no string', { properties: { minutes: 12 } }],
    ['with a time that is none', { properties: { joined_at: 'yesterday' } }],
    ['with a date that is not midnight', { properties: { day: '1760443200001' } }],
    ['with neither true nor false', { properties: { first: 'yes' } }],
    ['with an option that is none', { properties: { how: 'recording' } }],
    ['with an occurredAt that is none', { occurredAt: 'yesterday' }],
    ['with a uuid that is none', { uuid: '1' }],
    [
      'with 51 properties',
      { properties: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`p${index}`, '1'])) },
    ],
  ]
  for (const [why, input] of wrong) {
    it(`with an occurrence ${why}`, async context => {
      const { account, contact } = await openWithEvents(context)
      const inputs = [occurrence(contact), occurrence(contact, input)]
      const { status, body } = await account.call('POST', `${SEND}/batch`, { inputs })
      assert.equal(status, 400)
      assert.deepEqual([body.status, body.category], ['error', 'VALIDATION_ERROR'])
      assert.deepEqual(await stateOf(account, 'event'), [])
      assert.equal((await account.call('POST', SEND, inputs[1])).status, 400)
    })
  }

  for (const [count, expected] of [
    [0, 400],
    [500, 204],
    [501, 400],
  ] as const) {
    it(`of ${count} occurrences is ${expected}`, async context => {
      const { account, contact } = await openWithEvents(context)
      const inputs = Array.from({ length: count }, () => occurrence(contact))
      assert.equal((await account.call('POST', `${SEND}/batch`, { inputs })).status, expected)
      assert.equal((await stateOf(account, 'event')).length, expected === 204 ? count : 0)
    })
  }
})

describe('accepts', () => {
  const right: readonly [what: string, properties: Record<string, string>, kept: Record<string, string>][] = [
    ['texts of 256 characters', { webinar_id: 'x'.repeat(256) }, { webinar_id: 'x'.repeat(256) }],
    ['links of 1024 characters', { join_url: 'x'.repeat(1024) }, { join_url: 'x'.repeat(1024) }],
    ['numbers of one decimal', { minutes: '-12.5' }, { minutes: '-12.5' }],
    ['times in milliseconds', { joined_at: '1760443200000' }, { joined_at: '2025-10-14T12:00:00Z' }],
    [
      'names in capitals, of which the last in order is kept',
      { Webinar_id: '1', webinar_id: '2' },
      { webinar_id: '2' },
    ],
  ]
  for (const [what, properties, kept] of right) {
    it(what, async context => {
      const { account, contact } = await openWithEvents(context)
      assert.equal((await account.call('POST', SEND, occurrence(contact, { properties }))).status, 204)
      assert.deepEqual((await read(account, `eventType=${NAME}`))[0].properties, kept)
    })
  }
})

describe('an occurrence is put on', () => {
  const addressed = async (context: TestContext, input: object) => {
    const { account, contact } = await openWithEvents(context)
    assert.equal((await account.call('POST', SEND, { eventName: NAME, properties: {}, ...input })).status, 204)
    const [event] = await stateOf(account, 'event')
    return { account, contact, event }
  }

  it('the contact with the address', async context => {
    const { contact, event } = await addressed(context, { email: 'Ada@Example.com' })
    assert.equal(event.properties.objectId, contact)
  })

  it('no contact when nobody has the address, and none is made', async context => {
    const { account, event } = await addressed(context, { email: 'nobody@example.com' })
    assert.deepEqual([event.properties.objectId, event.properties.email], [null, 'nobody@example.com'])
    assert.equal((await stateOf(account, 'contacts')).length, 1)
    assert.deepEqual(await read(account, `eventType=${NAME}`), [])
  })

  it('the record of objectId before the one of email', async context => {
    const { account, contact } = await openWithEvents(context)
    const other = await account.client.crm.contacts.basicApi.create({
      properties: { email: 'alan@example.com' },
      associations: [],
    })
    await account.call('POST', SEND, occurrence(other.id, { email: 'ada@example.com' }))
    await account.call('POST', SEND, occurrence('999999', { email: 'ada@example.com' }))
    const ids = (await stateOf(account, 'event')).map(({ properties }) => properties.objectId)
    assert.deepEqual(ids, [other.id, contact])
  })

  it('the survivor when its contact was merged before or is merged after', async context => {
    const { account, contact } = await openWithEvents(context)
    await account.call('POST', SEND, occurrence(contact))
    const { crm } = account.client
    const other = await crm.contacts.basicApi.create({ properties: { email: 'a@example.com' }, associations: [] })
    const survivor = await crm.contacts.basicApi.merge({ primaryObjectId: other.id, objectIdToMerge: contact })
    await account.call('POST', SEND, occurrence(contact))
    for (const id of [contact, other.id, survivor.id]) {
      const found = await read(account, `objectType=contact&objectId=${id}`)
      assert.deepEqual(
        found.map(({ objectId }) => objectId),
        [survivor.id, survivor.id],
      )
    }
  })

  it('the record that the matching rule of the event finds', async context => {
    const { account, contact } = await openWithEvents(context)
    await account.call('POST', '/crm/v3/properties/contacts', {
      ...{ name: 'user_id', label: 'User', type: 'string', fieldType: 'text', groupName: 'contactinformation' },
      hasUniqueValue: true,
    })
    await account.client.crm.contacts.basicApi.update(contact, { properties: { user_id: 'U1' } })
    await account.call('POST', '/events/v3/event-definitions', {
      ...{ label: 'Used', name: 'used', propertyDefinitions: [{ name: 'who', label: 'Who', type: 'string' }] },
      customMatchingId: { primaryObjectRule: { targetObjectPropertyName: 'user_id', eventPropertyName: 'who' } },
    })
    await account.call('POST', SEND, { eventName: 'pe24700001_used', properties: { who: 'U1' } })
    assert.equal((await stateOf(account, 'event'))[0].properties.objectId, contact)
  })

  it('nobody once the contact is forgotten for good', async context => {
    const { account, contact } = await openWithEvents(context)
    await account.call('POST', SEND, occurrence(contact))
    await account.call('POST', '/crm/v3/objects/contacts/gdpr-delete', { objectId: contact })
    assert.deepEqual(await stateOf(account, 'event'), [])
  })
})

describe('the uuid of an occurrence', () => {
  it('counts once for an event, the first time, with 204 at every time', async context => {
    const { account, contact } = await openWithEvents(context)
    const send = (more: object) => account.call('POST', SEND, occurrence(contact, { uuid: UUIDS[0], ...more }))
    for (const webinar_id of ['first', 'second']) assert.equal((await send({ properties: { webinar_id } })).status, 204)
    await send({ eventName: 'pe24700001_webinar_missed' })
    const events = await stateOf(account, 'event')
    assert.deepEqual(
      events.map(({ id, properties }) => [id, properties.eventName, properties.webinar_id]),
      [
        [UUIDS[0], NAME, 'first'],
        [UUIDS[0], 'pe24700001_webinar_missed', undefined],
      ],
    )
  })

  it('counts once within one batch, too', async context => {
    const { account, contact } = await openWithEvents(context)
    const inputs = [UUIDS[0], UUIDS[0], UUIDS[1]].map(uuid => occurrence(contact, { uuid }))
    await account.call('POST', `${SEND}/batch`, { inputs })
    assert.equal((await stateOf(account, 'event')).length, 2)
  })

  it('counts again after a year', async context => {
    const clock = manualClock()
    const { account, contact } = await openWithEvents(context, { clock })
    const send = () => account.call('POST', SEND, occurrence(contact, { uuid: UUIDS[0] }))
    const day = 86_400_000
    await send()
    clock.advance(364 * day)
    await send()
    assert.equal((await stateOf(account, 'event')).length, 1)
    clock.advance(2 * day)
    await send()
    assert.equal((await stateOf(account, 'event')).length, 2)
  })
})
