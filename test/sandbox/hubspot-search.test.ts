import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Clock } from '../../services/runtime/clock.ts'
import { type Account, openAccount } from './hubspot.ts'

const SEARCH = '/crm/v3/objects/contacts/search'

const handClock = (): Clock & { advance(ms: number): void } => {
  let now = 1_790_000_000_000
  return {
    now: () => now,
    sleep: () => Promise.resolve(),
    advance: ms => {
      now += ms
    },
  }
}

const people = async (context: TestContext): Promise<Account> => {
  const account = await openAccount(context, { limits: { searchesPerSecond: 1000 } })
  const inputs = [
    { email: 'ada@example.com', firstname: 'Ada', lastname: 'Lovelace', phone: '10' },
    { email: 'alan@example.com', firstname: 'Alan', lastname: 'Turing', phone: '9' },
    { email: 'grace@other.example', firstname: 'Grace', lastname: 'Hopper' },
  ].map(properties => ({ properties, associations: [] }))
  await account.client.crm.contacts.batchApi.create({ inputs })
  return account
}

const names = (body: { results: { properties: { firstname: string } }[] }): string =>
  body.results.map(({ properties }) => properties.firstname).join(' ')

describe('filters', () => {
  const filters: readonly (readonly [filter: object, expected: string])[] = [
    [{ propertyName: 'email', operator: 'EQ', value: 'ADA@example.com' }, 'Ada'],
    [{ propertyName: 'email', operator: 'NEQ', value: 'ada@example.com' }, 'Alan Grace'],
    [{ propertyName: 'phone', operator: 'GT', value: '9' }, 'Ada'],
    [{ propertyName: 'phone', operator: 'GTE', value: '9' }, 'Ada Alan'],
    [{ propertyName: 'phone', operator: 'LT', value: '10' }, 'Alan'],
    [{ propertyName: 'phone', operator: 'LTE', value: '10' }, 'Ada Alan'],
    [{ propertyName: 'phone', operator: 'BETWEEN', value: '10', highValue: '11' }, 'Ada'],
    [{ propertyName: 'lastname', operator: 'IN', values: ['turing', 'hopper'] }, 'Alan Grace'],
    [{ propertyName: 'lastname', operator: 'NOT_IN', values: ['turing', 'hopper'] }, 'Ada'],
    [{ propertyName: 'phone', operator: 'HAS_PROPERTY' }, 'Ada Alan'],
    [{ propertyName: 'phone', operator: 'NOT_HAS_PROPERTY' }, 'Grace'],
    [{ propertyName: 'email', operator: 'CONTAINS_TOKEN', value: '*@example.com' }, 'Ada Alan'],
    [{ propertyName: 'email', operator: 'NOT_CONTAINS_TOKEN', value: '*@example.com' }, 'Grace'],
  ]
  for (const [filter, expected] of filters) {
    it(`${JSON.stringify(filter)} finds ${expected}`, async context => {
      const { call } = await people(context)
      const { body } = await call('POST', SEARCH, { filterGroups: [{ filters: [filter] }], properties: ['firstname'] })
      assert.equal(names(body), expected)
      assert.equal(body.total, expected.split(' ').length)
    })
  }

  it('filters of one group must all hold, groups are alternatives', async context => {
    const { call } = await people(context)
    const has = { propertyName: 'phone', operator: 'HAS_PROPERTY' }
    const isAda = { propertyName: 'firstname', operator: 'EQ', value: 'Ada' }
    const isGrace = { propertyName: 'firstname', operator: 'EQ', value: 'Grace' }
    const { body } = await call('POST', SEARCH, { filterGroups: [{ filters: [has, isAda] }, { filters: [isGrace] }] })
    assert.equal(names(body), 'Ada Grace')
  })

  it('query looks into names and addresses; sorts and pages', async context => {
    const { call, client } = await people(context)
    assert.equal(names((await call('POST', SEARCH, { query: 'love' })).body), 'Ada')
    const page = { filterGroups: [], properties: ['firstname'], sorts: ['-lastname'], limit: 2 }
    const first = await client.crm.contacts.searchApi.doSearch({ ...page, after: '0' })
    assert.deepEqual(
      first.results.map(({ properties }) => properties['lastname']),
      [undefined, undefined],
    )
    assert.deepEqual(
      first.results.map(({ properties }) => properties['firstname']),
      ['Alan', 'Ada'],
    )
    const second = await client.crm.contacts.searchApi.doSearch({ ...page, after: first.paging?.next?.after ?? '' })
    assert.deepEqual(
      second.results.map(({ properties }) => properties['firstname']),
      ['Grace'],
    )
    assert.equal(second.paging, undefined)
  })
})

it('sees a write, a change and a deletion only after the lag; a read sees them at once', async context => {
  const clock = handClock()
  const { client } = await openAccount(context, { clock, searchLagMs: 300 })
  const found = async (value: string): Promise<number> => {
    const filters = [{ propertyName: 'email', operator: 'EQ' as never, value }]
    return (
      await client.crm.contacts.searchApi.doSearch({
        filterGroups: [{ filters }],
        properties: [],
        sorts: [],
        limit: 10,
        after: '0',
      })
    ).total
  }
  const { id } = await client.crm.contacts.basicApi.create({ properties: { email: 'a@example.com' }, associations: [] })
  assert.equal((await client.crm.contacts.basicApi.getById(id)).id, id)
  assert.equal(await found('a@example.com'), 0)
  clock.advance(300)
  assert.equal(await found('a@example.com'), 1)
  await client.crm.contacts.basicApi.update(id, { properties: { email: 'b@example.com' } })
  assert.equal(await found('a@example.com'), 1)
  clock.advance(1000)
  assert.equal(await found('a@example.com'), 0)
  await client.crm.contacts.basicApi.archive(id)
  assert.equal(await found('b@example.com'), 1)
  clock.advance(1000)
  assert.equal(await found('b@example.com'), 0)
})

describe('limits of one search', () => {
  const filter = { propertyName: 'phone', operator: 'HAS_PROPERTY' }
  const group = (filters: number) => ({ filters: Array.from({ length: filters }, () => filter) })
  const groups = (count: number, filters: number) => Array.from({ length: count }, () => group(filters))
  const cases: readonly [name: string, allowed: object, refused: object][] = [
    ['200 results a page', { limit: 200 }, { limit: 201 }],
    ['5 groups', { filterGroups: groups(5, 1) }, { filterGroups: groups(6, 1) }],
    ['6 filters a group', { filterGroups: [group(6)] }, { filterGroups: [group(7)] }],
    ['18 filters', { filterGroups: groups(3, 6) }, { filterGroups: [...groups(3, 6), group(1)] }],
    ['1 sort', { sorts: ['email'] }, { sorts: ['email', 'phone'] }],
    ['10,000 results', { after: '9990', limit: 10 }, { after: '9991', limit: 10 }],
    ['3,000 characters', { query: 'x'.repeat(2900) }, { query: 'x'.repeat(3000) }],
    [
      'properties that exist',
      { filterGroups: [group(1)] },
      { filterGroups: [{ filters: [{ ...filter, propertyName: 'nonsense' }] }] },
    ],
  ]
  for (const [name, allowed, refused] of cases) {
    it(name, async context => {
      const { call } = await openAccount(context)
      assert.equal((await call('POST', SEARCH, allowed)).status, 200)
      const { status, body } = await call('POST', SEARCH, refused)
      assert.equal(status, 400)
      assert.equal(body.category, 'VALIDATION_ERROR')
    })
  }
})

describe('rate limits', () => {
  const LIST = '/crm/v3/objects/contacts'

  it('190 requests within ten rolling seconds, told by the headers; the next is 429 TEN_SECONDLY_ROLLING', async context => {
    const clock = handClock()
    const { call } = await openAccount(context, { clock })
    const first = await call('GET', LIST)
    assert.equal(first.headers.get('X-HubSpot-RateLimit-Max'), '190')
    assert.equal(first.headers.get('X-HubSpot-RateLimit-Remaining'), '189')
    assert.equal(first.headers.get('X-HubSpot-RateLimit-Interval-Milliseconds'), '10000')
    assert.equal(first.headers.get('X-HubSpot-RateLimit-Daily'), '650000')
    assert.equal(first.headers.get('X-HubSpot-RateLimit-Daily-Remaining'), '649999')
    clock.advance(5000)
    for (let request = 2; request <= 190; request += 1) assert.equal((await call('GET', LIST)).status, 200)
    const { status, body, headers } = await call('GET', LIST)
    assert.equal(status, 429)
    assert.equal(body.policyName, 'TEN_SECONDLY_ROLLING')
    assert.equal(body.message, 'You have reached your ten_secondly_rolling limit.')
    assert.equal(body.errorType, 'RATE_LIMIT')
    assert.equal(body.correlationId, headers.get('x-hubspot-correlation-id'))
    clock.advance(5000)
    assert.equal((await call('GET', LIST)).status, 200, 'the first request has left the window')
    assert.equal((await call('GET', LIST)).status, 429)
    clock.advance(5000)
    assert.equal((await call('GET', LIST)).headers.get('X-HubSpot-RateLimit-Remaining'), '188')
  })

  it('5 searches a second in a bucket of their own, without headers; the next is 429 SECONDLY', async context => {
    const clock = handClock()
    const { call } = await openAccount(context, { clock, limits: { burst: 1 } })
    for (let search = 0; search < 5; search += 1) {
      const { status, headers } = await call('POST', SEARCH, {})
      assert.equal(status, 200)
      assert.equal(headers.get('X-HubSpot-RateLimit-Max'), null)
    }
    const { status, body } = await call('POST', SEARCH, {})
    assert.equal(status, 429)
    assert.equal(body.policyName, 'SECONDLY')
    assert.equal(body.message, 'You have reached your secondly limit.')
    assert.equal((await call('GET', LIST)).status, 200, 'searches do not use up the burst')
    clock.advance(1000)
    assert.equal((await call('POST', SEARCH, {})).status, 200)
  })

  it('the daily limit is 429 DAILY until the next day, and the usage can be read', async context => {
    const clock = handClock()
    const { call } = await openAccount(context, { clock, limits: { daily: 3 } })
    await call('GET', LIST)
    const usage = await call('GET', '/account-info/v3/api-usage/daily/private-apps')
    assert.equal(usage.body.results[0].usageLimit, 3)
    assert.equal(usage.body.results[0].currentUsage, 2)
    await call('GET', LIST)
    const { status, body } = await call('GET', LIST)
    assert.equal(status, 429)
    assert.equal(body.policyName, 'DAILY')
    assert.equal(body.message, 'You have reached your daily limit.')
    clock.advance(86_400_000)
    assert.equal((await call('GET', LIST)).status, 200)
  })
})
