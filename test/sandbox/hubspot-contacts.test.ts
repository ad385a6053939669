import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openAccount } from './hubspot.ts'

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
