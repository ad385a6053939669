import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Account, byAddress, openAccount } from './hubspot.ts'

const BATCH = '/crm/v3/objects/contacts/batch'

const numbered = (count: number): ReturnType<typeof byAddress>[] =>
  Array.from({ length: count }, (_, index) => byAddress(`p${index}@example.com`, { firstname: `P${index}` }))

const state = async ({ call }: Account): Promise<Record<string, string>[]> =>
  (await call('GET', '/_sandbox/state')).body.contacts.map(
    (contact: { properties: Record<string, string> }) => contact.properties,
  )

describe('success', () => {
  it('create answers 201, read, update and upsert 200, archive 204: the codes the client insists on', async context => {
    const { client } = await openAccount(context)
    const { batchApi } = client.crm.contacts
    const created = await batchApi.createWithHttpInfo({
      inputs: [{ properties: { email: 'a@example.com' }, associations: [] }],
    })
    const id = created.data.results[0]?.id ?? ''
    const read = await batchApi.readWithHttpInfo({ inputs: [{ id }], properties: [], propertiesWithHistory: [] })
    const updated = await batchApi.updateWithHttpInfo({ inputs: [{ id, properties: { phone: '1' } }] })
    const upserted = await batchApi.upsertWithHttpInfo({ inputs: [byAddress('a@example.com', { phone: '2' })] })
    const archived = await batchApi.archiveWithHttpInfo({ inputs: [{ id }] })
    const codes = [created, read, updated, upserted, archived].map(answer => answer.httpStatusCode)
    assert.deepEqual(codes, [201, 200, 200, 200, 204])
    assert.equal(created.data.status, 'COMPLETE')
    await assert.rejects(client.crm.contacts.basicApi.getById(id), { code: 404 })
  })

  it('upsert creates and updates, says which, and keeps what it does not name', async context => {
    const { client } = await openAccount(context)
    const first = await client.crm.contacts.batchApi.upsert({
      inputs: [byAddress('ADA@example.com', { firstname: 'Ada' })],
    })
    const second = await client.crm.contacts.batchApi.upsert({
      inputs: [byAddress('ada@example.com', { lastname: 'Byron' })],
    })
    assert.equal(first.results[0]?._new, true)
    assert.equal(first.results[0]?.properties['email'], 'ada@example.com')
    assert.equal(second.results[0]?._new, false)
    const { properties } = await client.crm.contacts.basicApi.getById(first.results[0]?.id ?? '')
    assert.deepEqual([properties['firstname'], properties['lastname']], ['Ada', 'Byron'])
  })

  it('results come in an order of their own, the same for the same seed', async context => {
    const orders = await Promise.all(
      [7, 7].map(async seed => {
        const { client } = await openAccount(context, { seed })
        const { results } = await client.crm.contacts.batchApi.upsert({ inputs: numbered(50) })
        return results.map(({ properties }) => properties['email'])
      }),
    )
    const given = numbered(50).map(({ id }) => id)
    assert.notDeepEqual(orders[0], given)
    assert.deepEqual(orders[0]?.toSorted(), given.toSorted())
    assert.deepEqual(orders[0], orders[1])
  })

  it('two addresses of one contact in one upsert build on each other', async context => {
    const account = await openAccount(context)
    const { client } = account
    await client.crm.contacts.basicApi.create({
      properties: { email: 'a@example.com', hs_additional_emails: 'b@example.com' },
      associations: [],
    })
    await client.crm.contacts.batchApi.upsert({
      inputs: [byAddress('a@example.com', { firstname: 'A' }), byAddress('b@example.com', { lastname: 'B' })],
    })
    const [contact] = await state(account)
    assert.deepEqual([contact?.['firstname'], contact?.['lastname']], ['A', 'B'])
  })
})

describe('size', () => {
  const requests: readonly [path: string, input: (index: number) => object][] = [
    ['create', index => ({ properties: { email: `p${index}@example.com` } })],
    ['update', index => ({ id: String(index), properties: {} })],
    ['upsert', index => byAddress(`p${index}@example.com`, {})],
    ['read', index => ({ id: String(index) })],
    ['archive', index => ({ id: String(index) })],
  ]
  for (const [path, input] of requests) {
    it(`${path} takes 100 inputs and refuses 101 with 400`, async context => {
      const { call, writes } = await openAccount(context)
      const send = (count: number) =>
        call('POST', `${BATCH}/${path}`, { inputs: Array.from({ length: count }, (_, i) => input(i)) })
      assert.equal((await send(101)).status, 400)
      assert.deepEqual(await writes(), [])
      assert.ok((await send(100)).status < 300)
    })
  }
})

describe('duplicates', () => {
  const cases = [
    {
      path: 'upsert',
      inputs: [byAddress('X@example.com', {}, '1'), byAddress('x@EXAMPLE.com', {}, '2')],
      id: 'x@example.com',
    },
    {
      path: 'update',
      inputs: [
        { id: '501', properties: {} },
        { id: '501', properties: {} },
      ],
      id: '501',
    },
    { path: 'read', inputs: [{ id: '501' }, { id: '501' }], id: '501' },
  ]
  for (const { path, inputs, id } of cases) {
    it(`${path} refuses the same id twice, trace ids or not`, async context => {
      const { call, writes } = await openAccount(context)
      const { status, body } = await call('POST', `${BATCH}/${path}`, { inputs })
      assert.equal(status, 400)
      assert.equal(body.message, `Duplicate IDs found in batch input: [${id}]. IDs must be unique`)
      assert.equal(body.category, 'VALIDATION_ERROR')
      assert.deepEqual(body.context, { ids: [id] })
      assert.deepEqual(await writes(), [])
    })
  }

  it('create of an address that exists: 409 for all, naming the id; with trace ids 207 for that one', async context => {
    const account = await openAccount(context)
    const { client, call } = account
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'a@example.com' },
      associations: [],
    })
    const inputs = ['a', 'b'].map(name => ({ properties: { email: `${name}@example.com` } }))
    const whole = await call('POST', `${BATCH}/create`, { inputs })
    assert.equal(whole.status, 409)
    assert.equal(whole.body.message, `Contact already exists. Existing ID: ${id}`)
    assert.equal((await state(account)).length, 1)
    const traced = await call('POST', `${BATCH}/create`, {
      inputs: inputs.map((input, index) => ({ ...input, objectWriteTraceId: `t${index}` })),
    })
    assert.equal(traced.status, 207)
    assert.equal(traced.body.errors[0].category, 'CONFLICT')
    assert.deepEqual(traced.body.errors[0].context.objectWriteTraceId, ['t0'])
    assert.equal((await state(account)).length, 2)
  })
})

describe('one bad input among good ones', () => {
  const inputs = (traced: boolean) =>
    [
      byAddress('good@example.com', { firstname: 'G' }),
      byAddress('bad@example.com', { nonsense: '1' }),
      byAddress('also.good@example.com', { firstname: 'H' }),
    ].map((input, index) => (traced ? { ...input, objectWriteTraceId: `trace-${index}` } : input))

  it('without trace ids: 400 for all, nothing written', async context => {
    const { call, writes } = await openAccount(context)
    const { status, body } = await call('POST', `${BATCH}/upsert`, { inputs: inputs(false) })
    assert.equal(status, 400)
    assert.match(body.message, /^Property values were not valid: \[.*PROPERTY_DOESNT_EXIST/)
    assert.deepEqual(await writes(), [])
  })

  it('with a trace id on each: 207, the good ones written, the bad one named by its trace id', async context => {
    const { client, writes } = await openAccount(context)
    const { httpStatusCode, data } = await client.crm.contacts.batchApi.upsertWithHttpInfo({ inputs: inputs(true) })
    assert.equal(httpStatusCode, 207)
    assert.ok('errors' in data && data.errors)
    assert.equal(data.results.length, 2)
    assert.equal(data.numErrors, 1)
    assert.equal(data.errors[0]?.status, 'error')
    assert.equal(data.errors[0]?.category, 'VALIDATION_ERROR')
    assert.deepEqual(data.errors[0]?.context['objectWriteTraceId'], ['trace-1'])
    assert.match(data.errors[0]?.message ?? '', /Property values were not valid: \[/)
    assert.equal((await writes()).length, 2)
  })

  it('trace ids that are missing on one, or not unique: as without', async context => {
    const { call, writes } = await openAccount(context)
    const [first, ...rest] = inputs(true)
    const withoutOne = [{ ...first, objectWriteTraceId: undefined }, ...rest]
    const same = inputs(true).map(input => ({ ...input, objectWriteTraceId: 'same' }))
    for (const batch of [withoutOne, same])
      assert.equal((await call('POST', `${BATCH}/upsert`, { inputs: batch })).status, 400)
    assert.deepEqual(await writes(), [])
  })
})

describe('ids that are not there', () => {
  for (const path of ['read', 'update']) {
    it(`${path}: 207 with one error that names them all, the others done`, async context => {
      const { call, client } = await openAccount(context)
      const { id } = await client.crm.contacts.basicApi.create({
        properties: { email: 'a@example.com' },
        associations: [],
      })
      const inputs = [id, '9998', '9999'].map(one => ({ id: one, properties: { phone: '1' } }))
      const { status, body } = await call('POST', `${BATCH}/${path}`, {
        inputs: path === 'read' ? inputs.map(one => ({ id: one.id })) : inputs,
      })
      assert.equal(status, 207)
      assert.deepEqual(
        body.results.map((result: { id: string }) => result.id),
        [id],
      )
      assert.equal(body.numErrors, 1)
      assert.equal(body.errors[0].category, 'OBJECT_NOT_FOUND')
      assert.match(body.errors[0].message, /^Could not get some CONTACT objects, they may be deleted or not exist/)
      assert.deepEqual(body.errors[0].context, { ids: ['9998', '9999'] })
    })
  }
})

describe('identity property', () => {
  it('one that is not unique is refused, naming it', async context => {
    const { call } = await openAccount(context)
    for (const path of ['update', 'upsert']) {
      const inputs = [{ id: '1', idProperty: 'phone', properties: {} }]
      const { status, body } = await call('POST', `${BATCH}/${path}`, { inputs })
      assert.equal(status, 400)
      assert.equal(body.message, 'Unable to perform update/upsert by non-unique 0-1 property phone')
    }
  })

  it('batch update does not take addresses', async context => {
    const { call, client, writes } = await openAccount(context)
    const { id } = await client.crm.contacts.basicApi.create({
      properties: { email: 'a@example.com' },
      associations: [],
    })
    const inputs = [byAddress('a@example.com', { phone: '1' })]
    assert.equal((await call('POST', `${BATCH}/update`, { inputs })).status, 400)
    assert.deepEqual(await writes(), [`create ${id}`])
  })

  it('a custom unique property identifies, and two records cannot share its value', async context => {
    const { call, client } = await openAccount(context)
    await call('POST', '/crm/v3/properties/contacts', {
      name: 'user_id',
      label: 'User',
      type: 'string',
      fieldType: 'text',
      groupName: 'contactinformation',
      hasUniqueValue: true,
    })
    const input = { id: 'U1', idProperty: 'user_id', properties: { email: 'a@example.com' } }
    const first = await client.crm.contacts.batchApi.upsert({ inputs: [input] })
    const second = await client.crm.contacts.batchApi.upsert({ inputs: [{ ...input, properties: { phone: '1' } }] })
    assert.equal(second.results[0]?.id, first.results[0]?.id)
    const taken = await call('POST', '/crm/v3/objects/contacts', {
      properties: { email: 'b@example.com', user_id: 'U1' },
    })
    assert.equal(taken.status, 400)
    assert.match(taken.body.message, /CONFLICTING_UNIQUE_VALUE/)
  })
})

it('fields that the specification requires may be missing', async context => {
  const { call } = await openAccount(context)
  assert.equal(
    (await call('POST', `${BATCH}/create`, { inputs: [{ properties: { email: 'a@example.com' } }] })).status,
    201,
  )
  assert.equal(
    (await call('POST', `${BATCH}/read`, { inputs: [{ id: 'a@example.com' }], idProperty: 'email' })).status,
    200,
  )
  assert.equal((await call('POST', '/crm/v3/objects/contacts/search', {})).status, 200)
})
