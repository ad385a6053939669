import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRecord, openAccount } from './hubspot.ts'

const COMPANIES = '/crm/v3/objects/companies'
const LUMEN = { name: 'Lumen', domain: 'lumen.example' }

describe('P7 a company of the emulated HubSpot', () => {
  it('is created with HubSpot’s own properties, by the app', async context => {
    const account = await openAccount(context, { appId: 77 })
    const { id, properties, archived } = await createRecord(account, {
      ...LUMEN,
      numberofemployees: '12',
      city: 'London',
    })
    const { createdate, hs_lastmodifieddate: modified, ...rest } = properties
    assert.deepEqual(rest, {
      ...{ ...LUMEN, numberofemployees: '12', city: 'London', hs_object_id: id, lifecyclestage: 'lead' },
      ...{ hs_object_source: 'INTEGRATION', hs_object_source_id: '77', hs_object_source_label: 'INTEGRATION' },
      hs_pipeline: 'companies-lifecycle-pipeline',
    })
    assert.ok(Date.parse(createdate) > 0 && Date.parse(modified) >= Date.parse(createdate))
    assert.equal(archived, false)
  })

  it('is created by a person on the page, and says by whom', async context => {
    const account = await openAccount(context)
    const body = new URLSearchParams(LUMEN)
    const created = await fetch(`${account.url}/records/companies`, { method: 'POST', body, redirect: 'manual' })
    const id = created.headers.get('location')?.split('/').at(-1)
    const names = ['hs_object_source', 'hs_object_source_id', 'hs_object_source_user_id']
    const { properties } = (await account.call('GET', `${COMPANIES}/${id}?properties=${names}`)).body
    assert.deepEqual(
      names.map(name => properties[name]),
      ['CRM_UI', 'userId:1', '1'],
    )
  })

  it('is read with default or named properties, changed, cleared, archived and listed as archived', async context => {
    const account = await openAccount(context)
    const { client, call } = account
    const { id } = await createRecord(account, { ...LUMEN, phone: '1' })
    const read = await client.crm.companies.basicApi.getById(id)
    assert.deepEqual(Object.keys(read.properties).sort(), [
      ...['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    ])
    await client.crm.companies.basicApi.update(id, { properties: { phone: '', website: 'https://lumen.example' } })
    const { properties } = await client.crm.companies.basicApi.getById(id, ['phone', 'website', 'name'])
    assert.deepEqual(
      [properties['phone'], properties['website'], properties['name']],
      [null, 'https://lumen.example', 'Lumen'],
    )
    await client.crm.companies.basicApi.archive(id)
    assert.equal((await call('GET', `${COMPANIES}/${id}`)).status, 404)
    assert.deepEqual((await call('GET', COMPANIES)).body.results, [])
    const [gone] = (await call('GET', `${COMPANIES}?archived=true`)).body.results
    assert.deepEqual([gone.id, gone.archived, typeof gone.archivedAt], [id, true, 'string'])
  })

  const refusals: readonly (readonly [what: string, properties: Record<string, string>, error: RegExp])[] = [
    ['neither name nor domain', { city: 'London' }, /At least one of these properties is needed/],
    ['an industry that is no option', { ...LUMEN, industry: 'Software' }, /INVALID_OPTION/],
    ['employees that are no number', { ...LUMEN, numberofemployees: 'many' }, /INVALID_INTEGER/],
    ['a property that contacts have', { ...LUMEN, firstname: 'Ada' }, /PROPERTY_DOESNT_EXIST/],
    ['a read-only property', { ...LUMEN, hs_lastmodifieddate: '2026-10-14' }, /READ_ONLY_VALUE/],
  ]
  for (const [what, properties, error] of refusals) {
    it(`is refused with ${what}`, async context => {
      const { call } = await openAccount(context)
      const { status, body } = await call('POST', COMPANIES, { properties })
      assert.deepEqual([status, body.category], [400, 'VALIDATION_ERROR'])
      assert.match(body.message, error)
    })
  }

  it('takes an industry of HubSpot’s list, of which a contact’s knows nothing', async context => {
    const account = await openAccount(context)
    assert.equal(
      (await createRecord(account, { ...LUMEN, industry: 'COMPUTER_SOFTWARE' })).properties.industry,
      'COMPUTER_SOFTWARE',
    )
    assert.equal(
      (await createRecord(account, { firstname: 'Ada', industry: 'Software' }, 'contacts')).properties.industry,
      'Software',
    )
    const definition = (await account.call('GET', '/crm/v3/properties/companies/industry')).body
    assert.equal(definition.type, 'enumeration')
    assert.ok(definition.options.length > 140)
  })

  it('shares its domain with others, which therefore identifies none', async context => {
    const account = await openAccount(context)
    const [first, second] = [await createRecord(account, LUMEN), await createRecord(account, LUMEN)]
    assert.notEqual(first.id, second.id)
    const input = { id: LUMEN.domain, idProperty: 'domain', properties: { city: 'London' } }
    const { status, body } = await account.call('POST', `${COMPANIES}/batch/upsert`, { inputs: [input] })
    assert.equal(status, 400)
    assert.match(body.message, /non-unique 0-2 property domain/)
  })

  it('merged into another one is found under all ids; the primary’s values win', async context => {
    const account = await openAccount(context)
    const primary = await createRecord(account, { ...LUMEN, city: 'London' })
    const other = await createRecord(account, { name: 'Lumen Ltd', country: 'UK' })
    const { status, body } = await account.call('POST', `${COMPANIES}/merge`, {
      ...{ primaryObjectId: primary.id, objectIdToMerge: other.id },
    })
    assert.equal(status, 200)
    const { name, city, country, hs_merged_object_ids: merged } = body.properties
    assert.deepEqual({ name, city, country }, { name: 'Lumen', city: 'London', country: 'UK' })
    assert.deepEqual(merged.split(';').sort(), [primary.id, other.id].sort())
    for (const id of [primary.id, other.id])
      assert.equal((await account.call('GET', `${COMPANIES}/${id}`)).body.id, body.id)
  })

  it('cannot be deleted for privacy, by the API or on the page', async context => {
    const account = await openAccount(context)
    const { id } = await createRecord(account, LUMEN)
    assert.equal((await account.call('POST', `${COMPANIES}/gdpr-delete`, { objectId: id })).status, 404)
    await fetch(`${account.url}/records/companies/${id}/privacy-delete`, { method: 'POST', redirect: 'manual' })
    assert.equal((await account.call('GET', `${COMPANIES}/${id}`)).status, 200)
    assert.doesNotMatch(await (await fetch(`${account.url}/records/companies/${id}`)).text(), /for privacy/)
  })
})

describe('P7 batches of companies', () => {
  it('create, read, update, upsert and archive through the official client', async context => {
    const { client } = await openAccount(context)
    const { companies } = client.crm
    const associations: never[] = []
    const names = ['Lumen', 'Umbra', 'Nox']
    const created = await companies.batchApi.create({
      inputs: names.map(name => ({ properties: { name }, associations })),
    })
    const ids = created.results.map(({ id }) => ({ id }))
    const inputs = ids.map(({ id }) => ({ id, properties: { country: 'UK' } }))
    assert.equal((await companies.batchApi.update({ inputs })).results.length, 3)
    const read = await companies.batchApi.read({
      inputs: ids,
      properties: ['name', 'country'],
      propertiesWithHistory: [],
    })
    assert.deepEqual(read.results.map(({ properties }) => properties['name']).sort(), names.toSorted())
    assert.ok(read.results.every(({ properties }) => properties['country'] === 'UK'))
    await client.crm.properties.coreApi.create('companies', {
      ...{ name: 'pendo_account', label: 'Pendo account', groupName: 'companyinformation', hasUniqueValue: true },
      ...{ type: 'string' as never, fieldType: 'text' as never },
    })
    const upsert = () =>
      companies.batchApi.upsert({
        inputs: [{ id: 'acc-1', idProperty: 'pendo_account', properties: { name: 'Aurora' } }],
      })
    const [first, second] = [await upsert(), await upsert()]
    assert.deepEqual([first.results[0]?._new, second.results[0]?._new], [true, false])
    assert.equal(second.results[0]?.id, first.results[0]?.id)
    await companies.batchApi.archive({ inputs: ids })
    const left = await companies.getAll()
    assert.deepEqual(
      left.map(({ id }) => id),
      [first.results[0]?.id],
    )
  })

  it('tell what is not there, in the words of companies', async context => {
    const { call } = await openAccount(context)
    const { status, body } = await call('POST', `${COMPANIES}/batch/read`, { inputs: [{ id: '1' }], properties: [] })
    assert.equal(status, 207)
    assert.match(body.errors[0].message, /^Could not get some COMPANY objects/)
    assert.deepEqual(body.errors[0].context.ids, ['1'])
  })

  const scopes: readonly (readonly [method: string, path: string, scope: string])[] = [
    ['GET', COMPANIES, 'crm.objects.companies.read'],
    ['POST', `${COMPANIES}/search`, 'crm.objects.companies.read'],
    ['POST', `${COMPANIES}/batch/read`, 'crm.objects.companies.read'],
    ['POST', `${COMPANIES}/batch/update`, 'crm.objects.companies.write'],
    ['POST', `${COMPANIES}/merge`, 'crm.objects.companies.write'],
    ['GET', '/crm/v3/properties/companies', 'crm.schemas.companies.read'],
    ['POST', '/crm/v3/properties/companies/groups', 'crm.schemas.companies.write'],
  ]
  for (const [method, path, scope] of scopes) {
    it(`${method} ${path} needs ${scope} alone`, async context => {
      const none = await openAccount(context, { scopes: ['crm.objects.contacts.read', 'crm.objects.contacts.write'] })
      const { status, body } = await none.call(method, path)
      assert.deepEqual([status, body.errors?.[0].context.requiredGranularScopes], [403, [scope]])
      assert.notEqual((await (await openAccount(context, { scopes: [scope] })).call(method, path)).status, 403)
    })
  }
})
