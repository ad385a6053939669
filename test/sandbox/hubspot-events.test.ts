import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { manualClock } from '../clock.ts'
import { type Account, byAddress, openAccount } from './hubspot.ts'

const SEND = '/events/v3/send'
const EVENTS = '/events/v3/events'
const NAME = 'pe24700001_webinar_joined'
const UUIDS = ['0b5f6c1e-3c5e-5d0a-9c61-3e3f6b1a7a01', '0b5f6c1e-3c5e-5d0a-9c61-3e3f6b1a7a02']

const PROPERTIES = [
  { name: 'webinar_id', type: 'string' },
  { name: 'join_url', type: 'string' },
  { name: 'minutes', type: 'number' },
  { name: 'joined_at', type: 'datetime' },
  { name: 'day', type: 'date' },
  { name: 'first', type: 'bool' },
  { name: 'how', type: 'enumeration', options: [{ label: 'Live', value: 'live' }] },
].map(property => ({ label: property.name, ...property }))

/** An account with two definitions and a contact. */
const openWithEvents = async (context: TestContext, options: HubSpotSandboxOptions = {}) => {
  const account = await openAccount(context, options)
  for (const name of ['webinar_joined', 'webinar_missed'])
    await account.call('POST', '/events/v3/event-definitions', {
      ...{ label: name, name, propertyDefinitions: PROPERTIES, includeDefaultProperties: false },
    })
  const { results } = await account.client.crm.contacts.batchApi.upsert({ inputs: [byAddress('ada@example.com', {})] })
  return { account, contact: results[0]?.id ?? '' }
}

const occurrence = (objectId: string, more: object = {}) => ({ eventName: NAME, objectId, properties: {}, ...more })

// biome-ignore lint/suspicious/noExplicitAny: rows of any object type
const stateOf = async ({ call }: Account, type: string): Promise<any[]> =>
  (await call('GET', '/_sandbox/state')).body[type]

// biome-ignore lint/suspicious/noExplicitAny: an answer
const read = async ({ call }: Account, query: string): Promise<any[]> =>
  (await call('GET', `${EVENTS}?${query}`)).body.results

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

it('reads show an occurrence a while after it was accepted; the state shows it at once', async context => {
  const clock = manualClock()
  const { account, contact } = await openWithEvents(context, { clock, eventLagMs: 2000 })
  await account.call('POST', SEND, occurrence(contact))
  clock.advance(1999)
  assert.deepEqual(await read(account, `eventType=${NAME}`), [])
  assert.equal((await stateOf(account, 'event')).length, 1)
  clock.advance(1)
  assert.equal((await read(account, `eventType=${NAME}`)).length, 1)
})

describe('a read', () => {
  const open = async (context: TestContext) => {
    const { account, contact } = await openWithEvents(context)
    const sends = [1, 2, 3].map(hour =>
      occurrence(contact, { occurredAt: `2026-10-14T0${hour}:00:00Z`, properties: { webinar_id: String(hour) } }),
    )
    await account.call('POST', `${SEND}/batch`, { inputs: sends })
    return { account, contact }
  }
  const queries: readonly [query: string, found: string][] = [
    [`eventType=${NAME}`, '321'],
    [`eventType=${NAME}&sort=occurredAt`, '123'],
    ['objectType=contact&objectProperty.email=ada@example.com', '321'],
    ['objectType=0-1&objectProperty.email=nobody@example.com', ''],
    ['objectType=company&objectId=501', ''],
    [`eventType=${NAME}&occurredAfter=2026-10-14T01:00:00Z`, '32'],
    [`eventType=${NAME}&occurredBefore=2026-10-14T03:00:00Z`, '21'],
    [`eventType=${NAME}&property.webinar_id=2`, '2'],
    ['eventType=pe24700001_webinar_missed', ''],
  ]
  for (const [query, expected] of queries) {
    it(`by ${query} finds ${expected || 'nothing'}`, async context => {
      const { account } = await open(context)
      const found = await read(account, query)
      assert.equal(found.map(({ properties }) => properties.webinar_id).join(''), expected)
    })
  }

  it('comes in pages', async context => {
    const { account } = await open(context)
    const first = (await account.call('GET', `${EVENTS}?eventType=${NAME}&limit=2`)).body
    const next = await read(account, `eventType=${NAME}&limit=2&after=${first.paging.next.after}`)
    assert.deepEqual([first.results.length, next.length], [2, 1])
  })

  for (const query of ['', 'objectId=501', `eventType=${NAME}&limit=0`, `eventType=${NAME}&sort=name`])
    it(`by "${query}" is refused with 400`, async context => {
      const { account } = await open(context)
      assert.equal((await account.call('GET', `${EVENTS}?${query}`)).status, 400)
    })
})

it('a definition takes its occurrences with it, and a removed property leaves its values', async context => {
  const { account, contact } = await openWithEvents(context)
  await account.call('POST', SEND, occurrence(contact, { properties: { webinar_id: '1' } }))
  await account.call('DELETE', `/events/v3/event-definitions/${NAME}/property/webinar_id`)
  assert.deepEqual((await read(account, `eventType=${NAME}`))[0].properties, { webinar_id: '1' })
  assert.equal((await account.call('POST', SEND, occurrence(contact, { properties: { webinar_id: '1' } }))).status, 400)
  await account.call('DELETE', `/events/v3/event-definitions/${NAME}`)
  assert.deepEqual(await stateOf(account, 'event'), [])
})

describe('limits', () => {
  it('sends have a limit of their own for each second, and none of the headers', async context => {
    const clock = manualClock()
    const { account, contact } = await openWithEvents(context, { clock, limits: { burst: 4, eventSendsPerSecond: 2 } })
    const send = () => account.call('POST', SEND, occurrence(contact))
    for (const _ of [1, 2]) {
      const { status, headers } = await send()
      assert.deepEqual([status, headers.get('x-hubspot-ratelimit-max')], [204, null])
    }
    const refused = await send()
    assert.equal(refused.status, 429)
    assert.deepEqual(
      [refused.body.policyName, refused.body.category, refused.body.errorType],
      ['SECONDLY', 'RATE_LIMITS', 'RATE_LIMIT'],
    )
    assert.equal((await account.call('GET', `${EVENTS}/event-types`)).status, 200, 'the burst is not used up')
    clock.advance(1000)
    assert.equal((await send()).status, 204)
  })

  it('sends count in the burst, too, when the account is set so', async context => {
    const limits = { burst: 4, eventSendsInBurst: true }
    const { account, contact } = await openWithEvents(context, { clock: manualClock(), limits })
    const send = () => account.call('POST', SEND, occurrence(contact))
    assert.equal((await send()).status, 204)
    assert.equal((await send()).body.policyName, 'TEN_SECONDLY_ROLLING')
  })
})

it('definitions, deleted names, occurrences and their uuids survive a restart', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'hubspot-events-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const journalFile = join(folder, 'hubspot.jsonl')
  const { account: before, contact } = await openWithEvents(context, { journalFile })
  await before.call('POST', SEND, occurrence(contact, { uuid: UUIDS[0], properties: { minutes: '1' } }))
  await before.call('DELETE', '/events/v3/event-definitions/pe24700001_webinar_missed')
  const state = (await before.call('GET', '/_sandbox/state')).body
  const after = await openAccount(context, { journalFile })
  assert.deepEqual((await after.call('GET', '/_sandbox/state')).body, state)
  await after.call('POST', SEND, occurrence(contact, { uuid: UUIDS[0] }))
  assert.equal((await stateOf(after, 'event')).length, 1)
  const again = { label: 'Missed', name: 'webinar_missed', propertyDefinitions: [] }
  assert.equal((await after.call('POST', '/events/v3/event-definitions', again)).status, 400)
})

it('a batch whose answer was cut off is there once, however often it is sent', async context => {
  const { account, contact } = await openWithEvents(context)
  const { client, call } = account
  await call('POST', '/_sandbox/faults', { match: { path: SEND }, answer: 'reset-after-apply' })
  const input = { eventName: NAME, objectId: contact, uuid: UUIDS[0] ?? '', properties: {} }
  const send = () => client.events.send.batchApi.send({ inputs: [input] })
  await assert.rejects(send(), error => (error as Error).message === 'fetch failed')
  assert.equal((await stateOf(account, 'event')).length, 1)
  await send()
  assert.equal((await stateOf(account, 'event')).length, 1)
})

it('reset forgets definitions, occurrences and uuids', async context => {
  const { account } = await openWithEvents(context)
  await account.call('POST', '/_sandbox/reset')
  const state = (await account.call('GET', '/_sandbox/state')).body
  assert.deepEqual([state.event, state.event_definition], [[], []])
  const again = { label: 'Missed', name: 'webinar_missed', propertyDefinitions: [] }
  assert.equal((await account.call('POST', '/events/v3/event-definitions', again)).status, 201)
})
