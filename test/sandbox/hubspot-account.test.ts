import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { byAddress, openAccount } from './hubspot.ts'

const CONTACTS = '/crm/v3/objects/contacts'
const PROPERTIES = '/crm/v3/properties/contacts'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/

const property = (name: string, more: object = {}) => ({
  name,
  label: name,
  type: 'string',
  fieldType: 'text',
  groupName: 'contactinformation',
  ...more,
})

describe('every answer', () => {
  it('is refused without the token, with 401 INVALID_AUTHENTICATION', async context => {
    const { call } = await openAccount(context)
    for (const headers of [{}, { authorization: 'Bearer other' }, { authorization: 'sandbox' }]) {
      const { status, body } = await call('GET', CONTACTS, undefined, headers as Record<string, string>)
      assert.equal(status, 401)
      assert.equal(body.category, 'INVALID_AUTHENTICATION')
      assert.equal(body.status, 'error')
    }
  })

  const requests: readonly [method: string, path: string, body: unknown, status: number][] = [
    ['GET', CONTACTS, undefined, 200],
    ['GET', `${CONTACTS}/`, undefined, 200],
    ['GET', `${CONTACTS}/1`, undefined, 404],
    ['POST', CONTACTS, '{"properties"', 400],
    ['POST', CONTACTS, { properties: { nonsense: '1' } }, 400],
    ['GET', '/crm/v3/objects/unicorns', undefined, 400],
    ['GET', '/nowhere', undefined, 404],
  ]
  for (const [method, path, body, expected] of requests) {
    it(`${method} ${path} ${JSON.stringify(body) ?? ''} is ${expected} as JSON with a correlation id`, async context => {
      const { call } = await openAccount(context)
      const { status, headers, body: answer } = await call(method, path, body)
      assert.equal(status, expected)
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
      assert.match(headers.get('x-hubspot-correlation-id') ?? '', UUID)
      if (expected >= 400) {
        assert.equal(answer.status, 'error')
        assert.equal(answer.correlationId, headers.get('x-hubspot-correlation-id'))
        assert.equal(typeof answer.category, 'string')
      }
    })
  }
})

it('says which account it is', async context => {
  const { call } = await openAccount(context, { portalId: 123 })
  const { body } = await call('GET', '/account-info/v3/details')
  assert.equal(body.portalId, 123)
  assert.equal(typeof body.accountType, 'string')
})

const zones = [
  { timeZone: 'UTC', utcOffset: '+00:00', utcOffsetMilliseconds: 0 },
  { timeZone: 'Asia/Kolkata', utcOffset: '+05:30', utcOffsetMilliseconds: 19_800_000 },
  { timeZone: 'America/Bogota', utcOffset: '-05:00', utcOffsetMilliseconds: -18_000_000 },
]
for (const { timeZone, ...offset } of zones) {
  it(`says in which time zone it is: ${timeZone}`, async context => {
    const { call } = await openAccount(context, { timeZone })
    const { timeZone: told, utcOffset, utcOffsetMilliseconds } = (await call('GET', '/account-info/v3/details')).body
    assert.deepEqual({ timeZone: told, utcOffset, utcOffsetMilliseconds }, { timeZone, ...offset })
  })
}

describe('scopes', () => {
  const TOKEN_INFO = '/oauth/v2/private-apps/get/access-token-info'

  it('the token says which account, which app and which scopes it is for', async context => {
    const { call } = await openAccount(context, { portalId: 123, appId: 45, scopes: ['crm.objects.contacts.read'] })
    const { status, body } = await call('POST', TOKEN_INFO, { tokenKey: 'sandbox' })
    assert.equal(status, 200)
    assert.deepEqual(body, { userId: 1, hubId: 123, appId: 45, scopes: ['crm.objects.contacts.read'] })
    assert.equal((await call('POST', TOKEN_INFO, { tokenKey: 'other' })).status, 401)
  })

  const needs: readonly [method: string, path: string, scope: string][] = [
    ['GET', CONTACTS, 'crm.objects.contacts.read'],
    ['POST', `${CONTACTS}/batch/read`, 'crm.objects.contacts.read'],
    ['POST', `${CONTACTS}/batch/upsert`, 'crm.objects.contacts.write'],
    ['GET', '/crm/v3/objects/companies', 'crm.objects.companies.read'],
    ['GET', PROPERTIES, 'crm.schemas.contacts.read'],
    ['POST', PROPERTIES, 'crm.schemas.contacts.write'],
    ['GET', '/events/v3/event-definitions', 'behavioral_events.event_definitions.read_write'],
    ['POST', '/events/v3/send/batch', 'analytics.behavioral_events.send'],
    ['GET', '/marketing/v3/marketing-events/1', 'crm.objects.marketing_events.read'],
    ['POST', '/marketing/v3/marketing-events/attendance/1/attend/create', 'crm.objects.marketing_events.write'],
  ]
  for (const [method, path, scope] of needs) {
    it(`${method} ${path} needs ${scope}`, async context => {
      const all = (await (await openAccount(context)).call('POST', TOKEN_INFO, { tokenKey: 'sandbox' })).body.scopes
      const without = await openAccount(context, { scopes: all.filter((one: string) => one !== scope) })
      const { status, body } = await without.call(method, path)
      assert.deepEqual([status, body.category], [403, 'MISSING_SCOPES'])
      assert.deepEqual(body.errors[0].context.requiredGranularScopes, [scope])
      const only = await openAccount(context, { scopes: [scope] })
      assert.notEqual((await only.call(method, path)).status, 403)
    })
  }
})

describe('properties', () => {
  it('the predefined ones are there, and cannot be changed', async context => {
    const { call, client } = await openAccount(context)
    const { results } = await client.crm.properties.coreApi.getAll('contacts')
    const names = results.map(({ name }) => name)
    for (const name of [
      'email',
      'firstname',
      'lastname',
      'hs_object_id',
      'lifecyclestage',
      'hs_additional_emails',
      'hubspot_owner_id',
    ])
      assert.ok(names.includes(name), name)
    assert.equal((await call('PATCH', `${PROPERTIES}/email`, { label: 'Mail' })).status, 400)
    assert.equal((await call('DELETE', `${PROPERTIES}/email`)).status, 400)
  })

  it('a group and its properties are created once; a second time is 409', async context => {
    const { client } = await openAccount(context)
    const group = { name: 'zoom', label: 'Zoom' }
    await client.crm.properties.groupsApi.create('contacts', group)
    await assert.rejects(client.crm.properties.groupsApi.create('contacts', group), { code: 409 })
    const created = await client.crm.properties.coreApi.create(
      'contacts',
      property('zoom_webinar_joinlink', { groupName: 'zoom' }) as never,
    )
    assert.equal(created.hasUniqueValue, false)
    await assert.rejects(client.crm.properties.coreApi.create('contacts', property('zoom_webinar_joinlink') as never), {
      code: 409,
    })
    assert.equal((await client.crm.properties.coreApi.getByName('contacts', 'zoom_webinar_joinlink')).groupName, 'zoom')
    await assert.rejects(client.crm.properties.coreApi.getByName('contacts', 'missing'), { code: 404 })
    assert.deepEqual(
      (await client.crm.properties.groupsApi.getAll('contacts')).results.map(({ name }) => name),
      ['contactinformation', 'zoom'],
    )
  })

  it('a batch creates what is new and names what exists', async context => {
    const { client } = await openAccount(context)
    const inputs = [property('one'), property('two')] as never[]
    const first = await client.crm.properties.batchApi.createWithHttpInfo('contacts', { inputs })
    assert.equal(first.httpStatusCode, 201)
    const second = await client.crm.properties.batchApi.createWithHttpInfo('contacts', {
      inputs: [...inputs, property('three') as never],
    })
    assert.equal(second.httpStatusCode, 207)
    assert.deepEqual(
      second.data.results.map(({ name }) => name),
      ['three'],
    )
    const read = await client.crm.properties.batchApi.readWithHttpInfo('contacts', {
      archived: false,
      inputs: [{ name: 'one' }, { name: 'missing' }],
    } as never)
    assert.equal(read.httpStatusCode, 207)
    assert.deepEqual(
      read.data.results.map(({ name }) => name),
      ['one'],
    )
  })

  const refused: readonly [why: string, property: object][] = [
    ['a name that starts with a digit', property('1st')],
    ['a name with capitals', property('First')],
    ['a name with a dash', property('first-name')],
    ['a group that does not exist', property('x', { groupName: 'nowhere' })],
    ['an unknown type', property('x', { type: 'text' })],
    ['a field that does not go with the type', property('x', { type: 'number', fieldType: 'text' })],
    ['an enumeration without options', property('x', { type: 'enumeration', fieldType: 'select' })],
    ['no label', { ...property('x'), label: undefined }],
  ]
  for (const [why, wrong] of refused) {
    it(`refuses ${why} with 400`, async context => {
      const { call } = await openAccount(context)
      const { status, body } = await call('POST', PROPERTIES, wrong)
      assert.equal(status, 400)
      assert.equal(body.category, 'VALIDATION_ERROR')
    })
  }

  it('an object type has at most 10 properties with unique values', async context => {
    const { call } = await openAccount(context)
    for (let count = 1; count <= 10; count += 1)
      assert.equal((await call('POST', PROPERTIES, property(`unique_${count}`, { hasUniqueValue: true }))).status, 201)
    assert.equal((await call('POST', PROPERTIES, property('unique_11', { hasUniqueValue: true }))).status, 400)
  })

  it('options that are added later are accepted from then on', async context => {
    const { call } = await openAccount(context)
    const options = ['registered', 'attended'].map(value => ({ label: value, value }))
    await call('POST', PROPERTIES, property('state_of_it', { type: 'enumeration', fieldType: 'select', options }))
    const write = () => call('POST', CONTACTS, { properties: { firstname: 'A', state_of_it: 'missed' } })
    assert.equal((await write()).status, 400)
    const patched = await call('PATCH', `${PROPERTIES}/state_of_it`, {
      options: [...options, { label: 'missed', value: 'missed' }],
    })
    assert.equal(patched.status, 200)
    assert.equal((await write()).status, 201)
  })

  it('several options are joined by semicolons where the field is a list of boxes', async context => {
    const { call } = await openAccount(context)
    const options = ['a', 'b'].map(value => ({ label: value, value }))
    await call('POST', PROPERTIES, property('boxes', { type: 'enumeration', fieldType: 'checkbox', options }))
    assert.equal(
      (await call('POST', CONTACTS, { properties: { firstname: 'A', boxes: 'a;b' } })).body.properties.boxes,
      'a;b',
    )
    assert.equal((await call('POST', CONTACTS, { properties: { firstname: 'A', boxes: 'a;c' } })).status, 400)
  })

  it('a removed property is unknown again', async context => {
    const { call } = await openAccount(context)
    await call('POST', PROPERTIES, property('short_lived'))
    assert.equal((await call('DELETE', `${PROPERTIES}/short_lived`)).status, 204)
    assert.equal((await call('POST', CONTACTS, { properties: { firstname: 'A', short_lived: '1' } })).status, 400)
  })
})

it('everything survives a restart: records, addresses, merges, properties, ids, the log of writes', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'hubspot-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const journalFile = join(folder, 'hubspot.jsonl')
  const before = await openAccount(context, { journalFile })
  await before.call('POST', PROPERTIES, property('user_id', { hasUniqueValue: true }))
  const { results } = await before.client.crm.contacts.batchApi.upsert({
    inputs: [byAddress('a@example.com', { user_id: 'U1' }), byAddress('b@example.com', {})],
  })
  const [first, second] = results.map(({ id }) => id)
  const survivor = await before.client.crm.contacts.basicApi.merge({
    primaryObjectId: first ?? '',
    objectIdToMerge: second ?? '',
  })
  const [state, writes] = await Promise.all(['state', 'writes'].map(name => before.call('GET', `/_sandbox/${name}`)))
  // A second account over the same file stands for what a process finds after kill -9: nothing was closed.
  const after = await openAccount(context, { journalFile })
  assert.deepEqual((await after.call('GET', '/_sandbox/state')).body, state?.body)
  assert.deepEqual((await after.call('GET', '/_sandbox/writes')).body, writes?.body)
  for (const id of [first, second]) assert.equal((await after.call('GET', `${CONTACTS}/${id}`)).body.id, survivor.id)
  const inputs = [{ id: 'U1', idProperty: 'user_id', properties: { phone: '1' } }]
  assert.equal((await after.client.crm.contacts.batchApi.upsert({ inputs })).results[0]?.id, survivor.id)
  const { id } = await after.client.crm.contacts.basicApi.create({
    properties: { email: 'c@example.com' },
    associations: [],
  })
  assert.ok(Number(id) > Number(survivor.id))
})

it('a write whose answer was cut off is there, once', async context => {
  const { client, call, writes } = await openAccount(context)
  await call('POST', '/_sandbox/faults', { match: { path: `${CONTACTS}/batch/upsert` }, answer: 'reset-after-apply' })
  const upsert = () => client.crm.contacts.batchApi.upsert({ inputs: [byAddress('a@example.com', { firstname: 'A' })] })
  await assert.rejects(upsert(), error => (error as Error).message === 'fetch failed')
  const [created] = await writes()
  const { results } = await upsert()
  assert.equal(created, `create ${results[0]?.id}`)
  assert.deepEqual(await writes(), [created, `update ${results[0]?.id}`])
})

it('reset forgets records, properties and the use of limits', async context => {
  const { call } = await openAccount(context, { limits: { burst: 2 } })
  await call('POST', PROPERTIES, property('custom'))
  await call('POST', CONTACTS, { properties: { email: 'a@example.com' } })
  assert.equal((await call('GET', CONTACTS)).status, 429)
  await call('POST', '/_sandbox/reset')
  assert.equal((await call('GET', `${PROPERTIES}/custom`)).status, 404)
  assert.equal((await call('POST', CONTACTS, { properties: { email: 'a@example.com' } })).status, 201)
})
