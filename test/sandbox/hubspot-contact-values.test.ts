import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byAddress, openAccount } from './hubspot.ts'

const CONTACTS = '/crm/v3/objects/contacts'

describe('values', () => {
  const refused = [
    { why: 'an unknown property', properties: { nonsense: '1' }, error: 'PROPERTY_DOESNT_EXIST', name: 'nonsense' },
    { why: 'an address that is none', properties: { email: 'nobody' }, error: 'INVALID_EMAIL', name: 'email' },
    {
      why: 'a value that is no option',
      properties: { hs_lead_status: 'HOT' },
      error: 'INVALID_OPTION',
      name: 'hs_lead_status',
    },
    { why: 'a number that is none', properties: { score_test: 'many' }, error: 'INVALID_INTEGER', name: 'score_test' },
    { why: 'a read-only property', properties: { hs_object_id: '7' }, error: 'READ_ONLY_VALUE', name: 'hs_object_id' },
    {
      why: 'a date that is not midnight UTC',
      properties: { day_test: '1700000000001' },
      error: 'INVALID_DATE',
      name: 'day_test',
    },
    { why: 'a time that is none', properties: { time_test: 'yesterday' }, error: 'INVALID_DATE', name: 'time_test' },
    {
      why: 'more than 65,536 characters',
      properties: { jobtitle: 'x'.repeat(65_537) },
      error: 'INVALID_STRING_LENGTH',
      name: 'jobtitle',
    },
  ]
  for (const { why, properties, error, name } of refused) {
    it(`refuses ${why} with ${error} packed into the message`, async context => {
      const { call, client } = await openAccount(context)
      for (const [custom, type, fieldType] of [
        ['score_test', 'number', 'number'],
        ['day_test', 'date', 'date'],
        ['time_test', 'datetime', 'date'],
      ])
        await call('POST', '/crm/v3/properties/contacts', {
          name: custom,
          label: custom,
          type,
          fieldType,
          groupName: 'contactinformation',
        })
      const { id } = await client.crm.contacts.basicApi.create({
        properties: { email: 'ada@example.com' },
        associations: [],
      })
      const { status, body } = await call('PATCH', `${CONTACTS}/${id}`, { properties })
      assert.equal(status, 400)
      assert.equal(body.category, 'VALIDATION_ERROR')
      const packed = /^Property values were not valid: (\[.*\])$/.exec(body.message)
      const [first] = JSON.parse(packed?.[1] ?? '[]')
      assert.equal(first.isValid, false)
      assert.equal(first.error, error)
      assert.equal(first.name, name)
      assert.equal(typeof first.message, 'string')
      assert.equal(first.localizedErrorMessage, first.message)
      assert.ok(Number.isInteger(first.portalId))
    })
  }

  it('names every wrong property at once and writes none', async context => {
    const { call, writes } = await openAccount(context)
    const { body } = await call('POST', CONTACTS, { properties: { email: 'ada@example.com', one: '1', two: '2' } })
    assert.match(body.message, /"name":"one".*"name":"two"/)
    assert.deepEqual(await writes(), [])
  })

  const kept: readonly [type: string, fieldType: string, written: string, read: string][] = [
    ['datetime', 'date', '1700000000123', '2023-11-14T22:13:20.123Z'],
    ['datetime', 'date', '2023-11-14T23:13:20+01:00', '2023-11-14T22:13:20Z'],
    ['date', 'date', '1700006400000', '2023-11-15'],
    ['date', 'date', '2023-11-15', '2023-11-15'],
    ['number', 'number', '42.5', '42.5'],
    ['bool', 'booleancheckbox', 'true', 'true'],
    ['string', 'text', 'x'.repeat(65_536), 'x'.repeat(65_536)],
  ]
  for (const [type, fieldType, written, read] of kept) {
    it(`keeps the ${type} ${written.slice(0, 30)} as ${read.slice(0, 30)}`, async context => {
      const { client, call } = await openAccount(context)
      const created = await call('POST', '/crm/v3/properties/contacts', {
        name: 'kept',
        label: 'Kept',
        type,
        fieldType,
        groupName: 'contactinformation',
      })
      assert.equal(created.status, 201)
      const { properties } = await client.crm.contacts.basicApi.create({
        properties: { firstname: 'Ada', kept: written },
        associations: [],
      })
      assert.equal(properties['kept'], read)
    })
  }

  it('a contact needs one of email, firstname and lastname', async context => {
    const { call } = await openAccount(context)
    assert.equal((await call('POST', CONTACTS, { properties: { phone: '1' } })).status, 400)
    for (const properties of [{ email: 'a@b.example' }, { firstname: 'A' }, { lastname: 'B' }])
      assert.equal((await call('POST', CONTACTS, { properties })).status, 201)
  })

  it('the lifecycle stage moves forward only, unless it is cleared first', async context => {
    const { client } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'a@b.example', lifecyclestage: 'customer' },
      associations: [],
    })
    const set = async (lifecyclestage: string): Promise<string | null | undefined> => {
      await client.crm.contacts.basicApi.update(id, { properties: { lifecyclestage } })
      return (await client.crm.contacts.basicApi.getById(id, ['lifecyclestage'])).properties['lifecyclestage']
    }
    assert.equal(await set('lead'), 'customer')
    assert.equal(await set('evangelist'), 'evangelist')
    assert.equal(await set(''), null)
    assert.equal(await set('lead'), 'lead')
  })

  it('property values are strings: a number, a boolean or null does not fit the schema', async context => {
    const { call } = await openAccount(context)
    for (const phone of [1, true, null])
      assert.equal((await call('POST', CONTACTS, { properties: { firstname: 'A', phone } })).status, 400)
  })
})

describe('addresses', () => {
  it('a further address identifies the contact: upsert updates it, read finds it', async context => {
    const { client, writes } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'ada@example.com', hs_additional_emails: 'Countess@example.com;ada@home.example' },
      associations: [],
    })
    const upserted = await client.crm.contacts.batchApi.upsert({
      inputs: [byAddress('COUNTESS@example.com', { firstname: 'Ada' })],
    })
    assert.equal(upserted.results[0]?.id, id)
    assert.equal(upserted.results[0]?._new, false)
    const read = await client.crm.contacts.batchApi.read({
      inputs: [{ id: 'ada@home.example' }],
      idProperty: 'email',
      properties: ['email', 'firstname'],
      propertiesWithHistory: [],
    })
    assert.equal(read.results[0]?.properties['email'], 'ada@example.com')
    assert.equal(read.results[0]?.properties['firstname'], 'Ada')
    assert.deepEqual(await writes(), [`create ${id}`, `update ${id}`])
  })

  it('a further address cannot be taken by another contact', async context => {
    const { client, call } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'ada@example.com', hs_additional_emails: 'a@home.example' },
      associations: [],
    })
    const { status, body } = await call('POST', CONTACTS, { properties: { email: 'a@home.example' } })
    assert.equal(status, 409)
    assert.match(body.message, new RegExp(`Existing ID: ${id}$`))
  })
})
