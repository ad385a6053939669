import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byAddress, openAccount } from './hubspot.ts'

const CONTACTS = '/crm/v3/objects/contacts'

describe('one contact through the official client', () => {
  it('is created with HubSpot’s own properties, its address in lower case', async context => {
    const { client } = await openAccount(context, { appId: 77 })
    const created = await client.crm.contacts.basicApi.create({
      properties: { email: 'Ada@Example.COM', firstname: 'Ada' },
      associations: [],
    })
    const { properties } = created
    assert.equal(properties['email'], 'ada@example.com')
    assert.equal(properties['firstname'], 'Ada')
    assert.equal(properties['hs_object_id'], created.id)
    assert.equal(properties['hs_object_source'], 'INTEGRATION')
    assert.equal(properties['hs_object_source_id'], '77')
    assert.equal(properties['hs_object_source_label'], 'INTEGRATION')
    assert.equal(properties['hs_pipeline'], 'contacts-lifecycle-pipeline')
    assert.ok(properties['createdate'] && properties['lastmodifieddate'] && properties['lifecyclestage'])
  })

  it('is read by id and by address, with default or named properties', async context => {
    const { client } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'ada@example.com', jobtitle: 'Analyst' },
      associations: [],
    })
    const byId = await client.crm.contacts.basicApi.getById(id)
    assert.deepEqual(Object.keys(byId.properties).sort(), [
      'createdate',
      'email',
      'firstname',
      'hs_object_id',
      'lastmodifieddate',
      'lastname',
    ])
    const named = await client.crm.contacts.basicApi.getById(
      'ADA@example.com',
      ['jobtitle', 'phone'],
      undefined,
      undefined,
      false,
      'email',
    )
    assert.equal(named.id, id)
    assert.equal(named.properties['jobtitle'], 'Analyst')
    assert.equal(named.properties['phone'], null)
  })

  it('is changed by PATCH, and "" clears a property', async context => {
    const { client } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'ada@example.com', jobtitle: 'Analyst', firstname: 'Ada' },
      associations: [],
    })
    await client.crm.contacts.basicApi.update(id, { properties: { jobtitle: '' } })
    await client.crm.contacts.basicApi.update('ada@example.com', { properties: { lastname: 'Byron' } }, 'email')
    const { properties } = await client.crm.contacts.basicApi.getById(id, ['jobtitle', 'firstname', 'lastname'])
    assert.equal(properties['jobtitle'], null)
    assert.equal(properties['firstname'], 'Ada')
    assert.equal(properties['lastname'], 'Byron')
  })

  it('is gone after DELETE, which may be repeated, and its address is free again', async context => {
    const { client, call } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({ properties: { email: 'a@b.example' }, associations: [] })
    await client.crm.contacts.basicApi.archive(id)
    await client.crm.contacts.basicApi.archive(id)
    await assert.rejects(client.crm.contacts.basicApi.getById(id), { code: 404 })
    assert.equal((await call('GET', `${CONTACTS}/${id}?archived=true`)).body.archived, true)
    const again = await client.crm.contacts.basicApi.create({ properties: { email: 'a@b.example' }, associations: [] })
    assert.notEqual(again.id, id)
  })

  it('is refused as a duplicate with 409 and the id that exists', async context => {
    const { call } = await openAccount(context)
    const { body: first } = await call('POST', CONTACTS, { properties: { email: 'ada@example.com' } })
    const { status, body } = await call('POST', CONTACTS, { properties: { email: 'ADA@example.com' } })
    assert.equal(status, 409)
    assert.equal(body.message, `Contact already exists. Existing ID: ${first.id}`)
    assert.equal(body.category, 'CONFLICT')
    assert.equal(body.status, 'error')
  })

  it('lists page by page', async context => {
    const { client } = await openAccount(context)
    const inputs = ['a', 'b', 'c'].map(name => ({ properties: { email: `${name}@example.com` }, associations: [] }))
    await client.crm.contacts.batchApi.create({ inputs })
    assert.equal((await client.crm.contacts.getAll(2)).length, 3)
  })
})

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

describe('merge', () => {
  const twoContacts = async (context: Parameters<typeof openAccount>[0], options = {}) => {
    const account = await openAccount(context, options)
    const [ada, countess] = await Promise.all(
      [
        { email: 'ada@example.com', firstname: 'Ada', jobtitle: 'Analyst' },
        { email: 'countess@example.com', firstname: 'Countess', company: 'Lovelace' },
      ].map(properties => account.client.crm.contacts.basicApi.create({ properties, associations: [] })),
    )
    assert.ok(ada && countess)
    const survivor = await account.client.crm.contacts.basicApi.merge({
      primaryObjectId: ada.id,
      objectIdToMerge: countess.id,
    })
    return { ...account, ada, countess, survivor }
  }

  it('makes a new record: the primary wins, the other fills gaps, its address becomes an additional one', async context => {
    const { client, ada, countess, survivor } = await twoContacts(context)
    assert.ok(![ada.id, countess.id].includes(survivor.id))
    const { properties } = await client.crm.contacts.basicApi.getById(survivor.id, [
      'email',
      'firstname',
      'jobtitle',
      'company',
      'hs_additional_emails',
      'hs_merged_object_ids',
      'hs_object_id',
      'hs_all_contact_vids',
    ])
    assert.equal(properties['email'], 'ada@example.com')
    assert.equal(properties['firstname'], 'Ada')
    assert.equal(properties['jobtitle'], 'Analyst')
    assert.equal(properties['company'], 'Lovelace')
    assert.equal(properties['hs_additional_emails'], 'countess@example.com')
    assert.deepEqual(properties['hs_merged_object_ids']?.split(';').sort(), [ada.id, countess.id].sort())
    assert.equal(properties['hs_object_id'], survivor.id)
    assert.deepEqual(properties['hs_all_contact_vids']?.split(';').sort(), [survivor.id, ada.id, countess.id].sort())
  })

  it('keeps the primary’s id where the portal has that beta', async context => {
    const { client, ada, countess, survivor } = await twoContacts(context, { mergeKeepsPrimary: true })
    assert.equal(survivor.id, ada.id)
    assert.equal((await client.crm.contacts.basicApi.getById(countess.id)).id, ada.id)
    assert.equal(survivor.properties['hs_merged_object_ids'], countess.id)
  })

  it('old ids work on GET and on a single PATCH and act on the survivor', async context => {
    const { client, ada, countess, survivor } = await twoContacts(context)
    for (const { id } of [ada, countess]) {
      assert.equal((await client.crm.contacts.basicApi.getById(id)).id, survivor.id)
      const changed = await client.crm.contacts.basicApi.update(id, { properties: { phone: `+${id}` } })
      assert.equal(changed.id, survivor.id)
      assert.equal(changed.properties['phone'], `+${id}`)
    }
  })

  it('batch update leaves an old id out in silence: 200, no result, no error, nothing written', async context => {
    const { call, ada, survivor, writes } = await twoContacts(context)
    const before = await writes()
    const { status, body } = await call('POST', `${CONTACTS}/batch/update`, {
      inputs: [{ id: ada.id, properties: { phone: '1' } }],
    })
    assert.equal(status, 200)
    assert.deepEqual(body.results, [])
    assert.equal(body.errors, undefined)
    assert.deepEqual(await writes(), before)
    const mixed = await call('POST', `${CONTACTS}/batch/update`, {
      inputs: [
        { id: ada.id, properties: { phone: '1' } },
        { id: survivor.id, properties: { phone: '2' } },
      ],
    })
    assert.equal(mixed.status, 200)
    assert.deepEqual(
      mixed.body.results.map((result: { id: string }) => result.id),
      [survivor.id],
    )
  })

  it('upsert by either address updates the survivor, also after a second merge', async context => {
    const { client, survivor } = await twoContacts(context)
    const third = await client.crm.contacts.basicApi.create({
      properties: { email: 'third@example.com' },
      associations: [],
    })
    const last = await client.crm.contacts.basicApi.merge({ primaryObjectId: third.id, objectIdToMerge: survivor.id })
    for (const address of ['ada@example.com', 'countess@example.com', 'third@example.com']) {
      const { results } = await client.crm.contacts.batchApi.upsert({ inputs: [byAddress(address, { phone: '1' })] })
      assert.equal(results[0]?.id, last.id)
    }
    assert.equal((await client.crm.contacts.basicApi.getById(survivor.id)).id, last.id)
  })

  it('the merged records are in no list and no search', async context => {
    const { client, survivor } = await twoContacts(context)
    assert.deepEqual(
      (await client.crm.contacts.getAll()).map(({ id }) => id),
      [survivor.id],
    )
    const found = await client.crm.contacts.searchApi.doSearch({
      filterGroups: [],
      properties: [],
      sorts: [],
      limit: 10,
      after: '0',
    })
    assert.deepEqual(
      found.results.map(({ id }) => id),
      [survivor.id],
    )
  })
})

describe('gdpr-delete', () => {
  it('removes the contact and every id merged into it, by address', async context => {
    const { client, call } = await openAccount(context)
    const [a, b] = await Promise.all(
      ['a', 'b'].map(name =>
        client.crm.contacts.basicApi.create({ properties: { email: `${name}@example.com` }, associations: [] }),
      ),
    )
    const survivor = await client.crm.contacts.basicApi.merge({
      primaryObjectId: a?.id ?? '',
      objectIdToMerge: b?.id ?? '',
    })
    await client.crm.contacts.basicApi.purge({ objectId: 'b@example.com', idProperty: 'email' })
    for (const id of [a?.id, b?.id, survivor.id]) {
      assert.equal((await call('GET', `${CONTACTS}/${id}`)).status, 404)
      assert.equal((await call('GET', `${CONTACTS}/${id}?archived=true`)).status, 404)
    }
    assert.deepEqual((await call('GET', '/_sandbox/state')).body.contacts, [])
  })

  it('an address that no contact has is never accepted again', async context => {
    const { client, call } = await openAccount(context)
    await client.crm.contacts.basicApi.purge({ objectId: 'Gone@example.com', idProperty: 'email' })
    const { status, body } = await call('POST', CONTACTS, { properties: { email: 'gone@example.com' } })
    assert.equal(status, 400)
    assert.match(body.message, /INVALID_EMAIL/)
  })
})

it('companies share all this: upsert by a custom unique property, merge, no gdpr-delete', async context => {
  const { client, call } = await openAccount(context)
  await client.crm.properties.coreApi.create('companies', {
    name: 'tenant',
    label: 'Tenant',
    type: 'string' as never,
    fieldType: 'text' as never,
    groupName: 'companyinformation',
    hasUniqueValue: true,
  })
  const inputs = [{ id: 'acme', idProperty: 'tenant', properties: { name: 'Acme' } }]
  const { results } = await client.crm.companies.batchApi.upsert({ inputs })
  assert.equal(results[0]?._new, true)
  assert.equal(results[0]?.properties['tenant'], 'acme')
  assert.equal((await client.crm.companies.batchApi.upsert({ inputs })).results[0]?.id, results[0]?.id)
  const byDomain = await call('POST', '/crm/v3/objects/companies/batch/upsert', {
    inputs: [{ id: 'a.example', idProperty: 'domain', properties: {} }],
  })
  assert.equal(byDomain.status, 400)
  assert.match(byDomain.body.message, /non-unique 0-2 property domain/)
  assert.equal((await call('POST', '/crm/v3/objects/companies/gdpr-delete', { objectId: results[0]?.id })).status, 404)
  assert.equal((await call('GET', `/crm/v3/objects/0-2/${results[0]?.id}`)).status, 200)
})
