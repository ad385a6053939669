import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { manualClock } from '../clock.ts'
import { type Account, openAccount } from './hubspot.ts'

const COMPANIES = '/crm/v3/objects/companies'
const LUMEN = { name: 'Lumen', domain: 'lumen.example' }

const create = async ({ call }: Account, properties: Record<string, string>, objectType = 'companies') => {
  const { status, body } = await call('POST', `/crm/v3/objects/${objectType}`, { properties })
  assert.equal(status, 201, body.message)
  return body
}

describe('P7 a company of the emulated HubSpot', () => {
  it('is created with HubSpot’s own properties, by the app', async context => {
    const account = await openAccount(context, { appId: 77 })
    const { id, properties, archived } = await create(account, { ...LUMEN, numberofemployees: '12', city: 'London' })
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
    const { id } = await create(account, { ...LUMEN, phone: '1' })
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
      (await create(account, { ...LUMEN, industry: 'COMPUTER_SOFTWARE' })).properties.industry,
      'COMPUTER_SOFTWARE',
    )
    assert.equal(
      (await create(account, { firstname: 'Ada', industry: 'Software' }, 'contacts')).properties.industry,
      'Software',
    )
    const definition = (await account.call('GET', '/crm/v3/properties/companies/industry')).body
    assert.equal(definition.type, 'enumeration')
    assert.ok(definition.options.length > 140)
  })

  it('shares its domain with others, which therefore identifies none', async context => {
    const account = await openAccount(context)
    const [first, second] = [await create(account, LUMEN), await create(account, LUMEN)]
    assert.notEqual(first.id, second.id)
    const input = { id: LUMEN.domain, idProperty: 'domain', properties: { city: 'London' } }
    const { status, body } = await account.call('POST', `${COMPANIES}/batch/upsert`, { inputs: [input] })
    assert.equal(status, 400)
    assert.match(body.message, /non-unique 0-2 property domain/)
  })

  it('merged into another one is found under all ids; the primary’s values win', async context => {
    const account = await openAccount(context)
    const primary = await create(account, { ...LUMEN, city: 'London' })
    const other = await create(account, { name: 'Lumen Ltd', country: 'UK' })
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
    const { id } = await create(account, LUMEN)
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

/** Three records, changed at noon, one second and two seconds later. */
const changedInTurn = async (context: TestContext, objectType: string) => {
  const clock = manualClock()
  const account = await openAccount(context, { clock, searchLagMs: 0, limits: { searchesPerSecond: 1000 } })
  const noon = clock.now()
  for (const name of ['first', 'second', 'third']) {
    await create(account, { [objectType === 'contacts' ? 'lastname' : 'name']: name, phone: name }, objectType)
    clock.advance(1000)
  }
  return { ...account, clock, noon }
}

describe('P7 what changed since', () => {
  const kinds = [
    ['contacts', 'lastmodifieddate'],
    ['companies', 'hs_lastmodifieddate'],
  ] as const
  const filters: readonly (readonly [operator: string, seconds: readonly number[], found: string])[] = [
    ['GTE', [1], 'second third'],
    ['GT', [1], 'third'],
    ['LT', [1], 'first'],
    ['LTE', [1], 'first second'],
    ['BETWEEN', [0, 1], 'first second'],
    ['EQ', [2], 'third'],
  ]
  for (const [objectType, propertyName] of kinds)
    for (const [operator, seconds, found] of filters)
      for (const spelling of ['milliseconds', 'ISO 8601'])
        it(`is found among ${objectType} by ${propertyName} ${operator} in ${spelling}`, async context => {
          const { call, noon } = await changedInTurn(context, objectType)
          const [value, highValue] = seconds.map(second => {
            const time = noon + second * 1000
            return spelling === 'milliseconds' ? String(time) : new Date(time).toISOString()
          })
          const { status, body } = await call('POST', `/crm/v3/objects/${objectType}/search`, {
            filterGroups: [{ filters: [{ propertyName, operator, value, ...(highValue ? { highValue } : {}) }] }],
            sorts: [{ propertyName, direction: 'ASCENDING' }],
            properties: ['phone'],
            limit: 200,
          })
          assert.equal(status, 200)
          assert.equal(
            body.results.map((one: { properties: { phone: string } }) => one.properties.phone).join(' '),
            found,
          )
          assert.ok(body.results[0].properties[propertyName], 'it comes with the time of its change')
        })

  it('is found page by page, each record once, when the sort is by the change', async context => {
    const account = await openAccount(context, { limits: { searchesPerSecond: 1000 } })
    for (let batch = 0; batch < 5; batch += 1) {
      const inputs = Array.from({ length: 100 }, (_, index) => ({ properties: { name: `c${batch * 100 + index}` } }))
      await account.call('POST', `${COMPANIES}/batch/create`, { inputs })
    }
    const found: string[] = []
    const sizes: number[] = []
    for (let after: string | undefined = '0'; after !== undefined; ) {
      const search = { sorts: ['hs_lastmodifieddate'], limit: 200, after, filterGroups: [], properties: [] }
      const { body } = await account.call('POST', `${COMPANIES}/search`, search)
      assert.equal(body.total, 500)
      sizes.push(body.results.length)
      found.push(...body.results.map(({ id }: { id: string }) => id))
      after = body.paging?.next.after
    }
    assert.deepEqual(sizes, [200, 200, 100])
    assert.equal(new Set(found).size, 500)
  })

  it('is seen after the lag of the index only, be it a new record, a merge or a deletion', async context => {
    const clock = manualClock()
    const account = await openAccount(context, { clock, searchLagMs: 2000 })
    const ids = async (): Promise<string[]> => {
      const { body } = await account.call('POST', `${COMPANIES}/search`, { sorts: ['hs_lastmodifieddate'] })
      return body.results.map(({ id }: { id: string }) => id)
    }
    const [a, b] = [await create(account, { name: 'A' }), await create(account, { name: 'B' })]
    assert.deepEqual(await ids(), [])
    clock.advance(2000)
    assert.deepEqual(await ids(), [a.id, b.id])
    const { body: merged } = await account.call('POST', `${COMPANIES}/merge`, {
      ...{ primaryObjectId: a.id, objectIdToMerge: b.id },
    })
    assert.deepEqual(await ids(), [a.id, b.id])
    clock.advance(2000)
    assert.deepEqual(await ids(), [merged.id])
    await account.call('DELETE', `${COMPANIES}/${merged.id}`)
    clock.advance(2000)
    assert.deepEqual(await ids(), [])
  })

  it('counts searches of contacts and companies together: five a second, and a 429 of their own', async context => {
    const clock = manualClock()
    const { call } = await openAccount(context, { clock })
    const search = (objectType: string) => call('POST', `/crm/v3/objects/${objectType}/search`, {})
    for (const objectType of ['contacts', 'companies', 'contacts', 'companies', 'companies'])
      assert.equal((await search(objectType)).status, 200)
    for (const objectType of ['contacts', 'companies']) {
      const { status, body } = await search(objectType)
      assert.deepEqual([status, body.policyName, body.category], [429, 'SECONDLY', 'RATE_LIMITS'])
    }
    assert.equal((await call('GET', COMPANIES)).status, 200)
    clock.advance(1000)
    assert.equal((await search('companies')).status, 200)
  })

  it('ends at 10,000 results with 400', async context => {
    const { call } = await openAccount(context)
    const search = (after: string) => call('POST', `${COMPANIES}/search`, { after, limit: 200 })
    assert.equal((await search('9800')).status, 200)
    const { status, body } = await search('10000')
    assert.deepEqual([status, body.category], [400, 'VALIDATION_ERROR'])
  })
})

describe('P7 lists', () => {
  for (const objectType of ['contacts', 'companies'])
    it(`of ${objectType} page through the archived alone, or the others alone`, async context => {
      const account = await openAccount(context)
      const ids: string[] = []
      const property = objectType === 'contacts' ? 'firstname' : 'name'
      for (let count = 0; count < 8; count += 1)
        ids.push((await create(account, { [property]: `${count}` }, objectType)).id)
      for (const id of ids.slice(0, 5)) await account.call('DELETE', `/crm/v3/objects/${objectType}/${id}`)
      const list = async (archived: boolean): Promise<string[][]> => {
        const pages: string[][] = []
        for (let after: string | undefined = ''; after !== undefined; ) {
          const path = `/crm/v3/objects/${objectType}?limit=2&archived=${archived}${after && `&after=${after}`}`
          const { body } = await account.call('GET', path)
          pages.push(body.results.map(({ id }: { id: string }) => id))
          after = body.paging?.next.after
        }
        return pages
      }
      assert.deepEqual(await list(true), [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4, 5)])
      assert.deepEqual(await list(false), [ids.slice(5, 7), ids.slice(7)])
    })
})
