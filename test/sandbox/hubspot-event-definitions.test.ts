import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Account, openAccount } from './hubspot.ts'

const DEFINITIONS = '/events/v3/event-definitions'
const NAME = 'pe24700001_webinar_joined'

const text = (name: string, more: object = {}) => ({ name, label: name, type: 'string', ...more })
const joined = (more: object = {}) => ({
  label: 'Joined a webinar',
  name: 'webinar_joined',
  includeDefaultProperties: false,
  propertyDefinitions: [text('webinar_id'), { name: 'minutes', label: 'Minutes', type: 'number' }],
  ...more,
})
const many = (count: number, make: (index: number) => object): object[] =>
  Array.from({ length: count }, (_, index) => make(index))

const define = (account: Account, more: object = {}) => account.call('POST', DEFINITIONS, joined(more))

it('a definition is made with 201, read, changed with 201 and removed with 204, also with a slash at the end', async context => {
  const account = await openAccount(context)
  const made = await account.call('POST', `${DEFINITIONS}/`, joined())
  assert.equal(made.status, 201)
  assert.equal(made.body.fullyQualifiedName, NAME)
  assert.deepEqual(made.body.labels, { singular: 'Joined a webinar', plural: 'Joined a webinar' })
  assert.equal(made.body.primaryObject, 'CONTACT')
  for (const path of [NAME, `${NAME}/`]) {
    const { status, body } = await account.call('GET', `${DEFINITIONS}/${path}`)
    assert.equal(status, 200)
    assert.deepEqual(
      body.properties.map(({ name, type }: { name: string; type: string }) => [name, type]),
      [
        ['webinar_id', 'string'],
        ['minutes', 'number'],
      ],
    )
  }
  const changed = await account.call('PATCH', `${DEFINITIONS}/${NAME}`, { label: 'Joined', description: 'First join.' })
  assert.equal(changed.status, 201)
  assert.deepEqual([changed.body.labels.singular, changed.body.description], ['Joined', 'First join.'])
  assert.equal((await account.call('DELETE', `${DEFINITIONS}/${NAME}`)).status, 204)
  assert.equal((await account.call('GET', `${DEFINITIONS}/${NAME}`)).status, 404)
})

it("HubSpot's own properties are there unless the definition says otherwise", async context => {
  const account = await openAccount(context)
  const { body } = await define(account, { includeDefaultProperties: undefined })
  const names = body.properties.map(({ name }: { name: string }) => name)
  assert.equal(names.length, 32 + 2)
  for (const name of ['hs_page_url', 'hs_utm_campaign', 'hs_touchpoint_source']) assert.ok(names.includes(name), name)
})

it('a list shows properties when asked to, searches names, and comes in pages', async context => {
  const account = await openAccount(context)
  for (const name of ['one', 'two', 'three']) await account.call('POST', DEFINITIONS, joined({ name }))
  const names = async (query: string): Promise<string[]> =>
    (await account.call('GET', `${DEFINITIONS}${query}`)).body.results.map(({ name }: { name: string }) => name)
  assert.deepEqual(await names('?searchString=t'), ['two', 'three'])
  const first = (await account.call('GET', `${DEFINITIONS}?limit=2&includeProperties=true`)).body
  assert.equal(first.total, 3)
  assert.equal(first.results[0].properties.length, 2)
  assert.deepEqual(await names(`?limit=2&after=${first.paging.next.after}`), ['three'])
  assert.deepEqual((await account.call('GET', DEFINITIONS)).body.results[0].properties, [])
  assert.equal((await account.call('GET', `${DEFINITIONS}?limit=101`)).status, 400)
})

it('properties are added with 201, changed with 201 and removed with 204', async context => {
  const account = await openAccount(context)
  await define(account)
  const property = `${DEFINITIONS}/${NAME}/property`
  const options = [{ label: 'Live', value: 'live' }]
  const added = await account.call('POST', property, { label: 'How', name: 'how', type: 'enumeration', options })
  assert.equal(added.status, 201)
  const changed = await account.call('PATCH', `${property}/how`, {
    label: 'Way',
    options: [...options, { label: 'Recording', value: 'recording' }],
  })
  assert.equal(changed.status, 201)
  assert.deepEqual([changed.body.label, changed.body.options.length], ['Way', 2])
  assert.equal((await account.call('DELETE', `${property}/how`)).status, 204)
  assert.equal((await account.call('DELETE', `${property}/how`)).status, 404)
  assert.equal((await account.call('POST', property, { label: 'How', name: 'how', type: 'string' })).status, 201)
})

describe('refuses a definition', () => {
  const refused: readonly [why: string, definition: object, status: number][] = [
    ['without a label', joined({ label: undefined }), 400],
    ['with a label of 101 characters', joined({ label: 'x'.repeat(101) }), 400],
    ['with a name of 51 characters', joined({ name: 'x'.repeat(51) }), 400],
    ['with capitals in its name', joined({ name: 'WebinarJoined' }), 400],
    ['with a name that starts with a digit', joined({ name: '1st_join' }), 400],
    ['of an object that the account does not have', joined({ primaryObject: 'UNICORN' }), 400],
    ['with 51 properties', joined({ propertyDefinitions: many(51, index => text(`p${index}`)) }), 400],
    ['with a property of an unknown type', joined({ propertyDefinitions: [text('x', { type: 'text' })] }), 400],
    ['with a property name of 51 characters', joined({ propertyDefinitions: [text('x'.repeat(51))] }), 400],
    [
      'with a property label of 51 characters',
      joined({ propertyDefinitions: [text('x', { label: 'x'.repeat(51) })] }),
      400,
    ],
    ['with an enumeration without options', joined({ propertyDefinitions: [text('x', { type: 'enumeration' })] }), 400],
    ['with the same property twice', joined({ propertyDefinitions: [text('x'), text('x')] }), 409],
    [
      'that matches by a property that is not unique',
      joined({
        customMatchingId: {
          primaryObjectRule: { targetObjectPropertyName: 'firstname', eventPropertyName: 'webinar_id' },
        },
      }),
      400,
    ],
  ]
  for (const [why, definition, expected] of refused) {
    it(`${why} with ${expected}`, async context => {
      const { call } = await openAccount(context)
      const { status, body } = await call('POST', DEFINITIONS, definition)
      assert.equal(status, expected)
      assert.equal(body.status, 'error')
      assert.equal((await call('GET', DEFINITIONS)).body.total, 0)
    })
  }

  it('a second time with 409, and under a name that was removed with 400', async context => {
    const account = await openAccount(context)
    await define(account)
    assert.equal((await define(account)).status, 409)
    await account.call('DELETE', `${DEFINITIONS}/${NAME}`)
    assert.equal((await define(account)).status, 400)
  })

  it('beyond the 500th with 400', async context => {
    const account = await openAccount(context, { limits: { burst: 1000 } })
    for (let count = 0; count < 500; count += 1)
      assert.equal((await define(account, { name: `event_${count}`, propertyDefinitions: [] })).status, 201)
    assert.equal((await define(account)).status, 400)
  })
})

describe('what cannot be changed is refused with 400', () => {
  const immutable: readonly [path: string, changes: object][] = [
    ['', { primaryObject: 'COMPANY' }],
    ['', { name: 'other' }],
    ['/property/minutes', { type: 'string' }],
    ['/property/minutes', { name: 'other' }],
  ]
  for (const [path, changes] of immutable) {
    it(`PATCH ${path || 'definition'} ${JSON.stringify(changes)}`, async context => {
      const account = await openAccount(context)
      await define(account)
      assert.equal((await account.call('PATCH', `${DEFINITIONS}/${NAME}${path}`, changes)).status, 400)
    })
  }
})
