import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HOUR, openSubscription, SAMPLES, type TestSubscription } from './pendo.ts'

const BATCH = '/api/v1/metadata/visitor/custom/value'
const { request, response_all_ok: allOk, response_partial: partial } = SAMPLES.api.metadata_value_batch

const known = async (subscription: TestSubscription, ...ids: string[]): Promise<void> => {
  for (const visitorId of ids) await subscription.use({ kind: 'page', name: 'Dashboard', visitorId })
}

describe('a batch of metadata', () => {
  it('answers what Pendo’s example answers when all are known', async context => {
    const subscription = await openSubscription(context)
    await known(subscription, '84', '45')
    const { status, body } = await subscription.call('POST', BATCH, request.body)
    assert.deepEqual([status, body], [allOk.status, allOk.body])
    const { metadata } = (await subscription.call('GET', '/api/v1/visitor/84')).body
    assert.deepEqual(metadata.custom, request.body[0].values)
  })

  it('fails in part with 200, and names who is missing', async context => {
    const subscription = await openSubscription(context)
    await known(subscription, '84')
    const { status, body } = await subscription.call('POST', BATCH, request.body)
    assert.deepEqual([status, body], [partial.status, partial.body])
    assert.equal((await subscription.call('GET', '/api/v1/visitor/45')).status, 404)
  })

  it('makes who is missing when it is told to, who is not thereby first seen', async context => {
    const subscription = await openSubscription(context)
    const { body } = await subscription.call('POST', `${BATCH}?create=true`, request.body)
    assert.deepEqual(body, { total: 2, updated: 2, failed: 0, kind: 'visitor' })
    const { metadata } = (await subscription.call('GET', '/api/v1/visitor/45')).body
    assert.equal(metadata.auto.firstvisit, undefined)
    assert.equal(metadata.auto.lastupdated, subscription.clock.now())
  })

  it('is for accounts too, and ids are case-sensitive', async context => {
    const subscription = await openSubscription(context)
    await subscription.use({ kind: 'page', name: 'Dashboard', accountId: 'Acme' })
    const records = ['Acme', 'acme'].map(accountId => ({ accountId, values: { name: 'Acme' } }))
    const { body } = await subscription.call('POST', '/api/v1/metadata/account/custom/value', records)
    assert.deepEqual(body, { total: 2, updated: 1, failed: 1, missing: ['acme'], kind: 'account' })
    const account = await subscription.call('GET', '/api/v1/account/Acme')
    assert.equal(account.body.metadata.custom.name, 'Acme')
  })

  it('clears by null', async context => {
    const subscription = await openSubscription(context)
    await known(subscription, '84')
    for (const firstname of ['Ada', null])
      await subscription.call('POST', BATCH, [{ visitorId: '84', values: { firstname, lastname: 'Byron' } }])
    const { metadata } = (await subscription.call('GET', '/api/v1/visitor/84')).body
    assert.deepEqual(metadata.custom, { lastname: 'Byron' })
  })

  const unreadable: [what: string, path: string, body: unknown, status: number][] = [
    ['no list', BATCH, { visitorId: '84', values: {} }, 400],
    ['no id', BATCH, [{ values: {} }], 400],
    ['the id of an account', BATCH, [{ accountId: '84', values: {} }], 400],
    ['no values', BATCH, [{ visitorId: '84' }], 400],
    ['a group of Pendo’s own', '/api/v1/metadata/visitor/auto/value', [], 400],
    ['another kind', '/api/v1/metadata/parentAccount/custom/value', [], 404],
  ]
  for (const [what, path, body, status] of unreadable) {
    it(`is refused with ${what}`, async context => {
      const subscription = await openSubscription(context)
      assert.equal((await subscription.call('POST', path, body)).status, status)
    })
  }
})

describe('a value that the schema does not have, or has of another type', () => {
  const values: [name: string, value: unknown, fits: boolean][] = [
    ['shoe_size', 43, false],
    ['firstname', 43, false],
    ['firstname', 'Ada', true],
    ['leadscore', 7, true],
    ['leadscore', 7.5, false],
    ['newsletter', 'true', false],
    ['newsletter', false, true],
    ['createdat', '2026-10-14T12:00:00Z', true],
    ['createdat', 1_790_000_000_000, true],
    ['createdat', 'soon', false],
  ]
  for (const [name, value, fits] of values) {
    it(`${name} = ${JSON.stringify(value)} ${fits ? 'is written' : 'fails its record only'}`, async context => {
      const subscription = await openSubscription(context)
      await known(subscription, '84', '45')
      const records = [
        { visitorId: '84', values: { [name]: value, lastname: 'Byron' } },
        { visitorId: '45', values: { lastname: 'Lovelace' } },
      ]
      const { status, body } = await subscription.call('POST', BATCH, records)
      assert.deepEqual([status, body.updated, body.failed], [200, fits ? 2 : 1, fits ? 0 : 1])
      assert.deepEqual(
        (body.errors ?? []).map((error: { visitorId: string; field: string }) => [error.visitorId, error.field]),
        fits ? [] : [['84', name]],
      )
      const { metadata } = (await subscription.call('GET', '/api/v1/visitor/84')).body
      assert.deepEqual(metadata.custom, fits ? { [name]: value, lastname: 'Byron' } : {})
    })
  }

  const choices = [
    ['ignored', 200, { updated: 1, failed: 0 }, { lastname: 'Byron' }],
    ['refused', 400, {}, {}],
  ] as const
  for (const [invalidValues, status, counts, custom] of choices) {
    it(`is ${invalidValues} when that is the choice`, async context => {
      const subscription = await openSubscription(context, { choices: { invalidValues } })
      await known(subscription, '84')
      const records = [{ visitorId: '84', values: { shoe_size: 43, lastname: 'Byron' } }]
      const answer = await subscription.call('POST', BATCH, records)
      assert.equal(answer.status, status)
      for (const [name, count] of Object.entries(counts)) assert.equal(answer.body[name], count)
      assert.deepEqual((await subscription.call('GET', '/api/v1/visitor/84')).body.metadata.custom, custom)
    })
  }

  it('can be made known by an administrator', async context => {
    const subscription = await openSubscription(context)
    await known(subscription, '84')
    await subscription.call('POST', '/_sandbox/fields', { kind: 'visitor', name: 'shoe_size', type: 'integer' })
    const records = [{ visitorId: '84', values: { shoe_size: 43 } }]
    assert.equal((await subscription.call('POST', BATCH, records)).body.updated, 1)
    await subscription.call('DELETE', '/_sandbox/fields/visitor/custom/shoe_size')
    assert.equal((await subscription.call('POST', BATCH, records)).body.failed, 1)
  })

  it('is not listed when that is the choice', async context => {
    const subscription = await openSubscription(context, { choices: { listsErrors: false } })
    await known(subscription, '84')
    const { body } = await subscription.call('POST', BATCH, [{ visitorId: '84', values: { shoe_size: 43 } }])
    assert.deepEqual(body, { total: 1, updated: 0, failed: 1, kind: 'visitor' })
  })
})

describe('a single value', () => {
  const path = (id: string, field: string): string => `${BATCH}/${encodeURIComponent(id)}/${field}`

  it('is written and read as a bare scalar', async context => {
    const subscription = await openSubscription(context)
    await known(subscription, 'v1')
    const { request: put } = SAMPLES.api.metadata_single_value
    for (const [field, value] of [
      ['plan', put.body_json_scalar],
      ['leadscore', 42],
      ['newsletter', false],
    ] as const) {
      assert.equal((await subscription.call('PUT', path('v1', field), value)).status, 200)
      assert.deepEqual((await subscription.call('GET', path('v1', field))).body, value)
    }
  })

  const refusals: [what: string, id: string, field: string, value: unknown, status: number][] = [
    ['an unknown visitor', 'nobody', 'plan', 'pro', 404],
    ['an unknown field', 'v 1/ä', 'shoe_size', 43, 404],
    ['another type', 'v 1/ä', 'leadscore', 'high', 400],
    ['no body', 'v 1/ä', 'plan', undefined, 400],
    ['nothing wrong', 'v 1/ä', 'plan', 'pro', 200],
  ]
  for (const [what, id, field, value, status] of refusals) {
    it(`with ${what} is answered with ${status}`, async context => {
      const subscription = await openSubscription(context)
      await known(subscription, 'v 1/ä')
      assert.equal((await subscription.call('PUT', path(id, field), value)).status, status)
    })
  }

  it('that is not there is not found', async context => {
    const subscription = await openSubscription(context)
    assert.equal((await subscription.call('GET', path('v1', 'plan'))).status, 404)
  })
})

describe('the group agent', () => {
  it('is overwritten by the browser snippet, the group custom is not', async context => {
    const subscription = await openSubscription(context)
    const agent = { visitor: { email: 'ada@example.com', role: 'Analyst' } }
    await subscription.use({ kind: 'page', name: 'Dashboard', agent })
    const records = [{ visitorId: 'v1', values: { email: 'ada@new.example.com' } }]
    for (const group of ['agent', 'custom'])
      await subscription.call('POST', `/api/v1/metadata/visitor/${group}/value`, records)
    subscription.clock.advance(HOUR)
    await subscription.use({ kind: 'page', name: 'Reports', agent })
    const { metadata } = (await subscription.call('GET', '/api/v1/visitor/v1')).body
    assert.deepEqual([metadata.agent.email, metadata.custom.email], ['ada@example.com', 'ada@new.example.com'])
    assert.deepEqual(
      [metadata.auto.firstvisit, metadata.auto.lastvisit],
      [subscription.clock.now() - HOUR, subscription.clock.now()],
    )
  })
})

describe('the schema', () => {
  it('has the groups and types that tap-pendo reads', async context => {
    const subscription = await openSubscription(context)
    const { body } = await subscription.call('GET', '/api/v1/metadata/schema/visitor')
    assert.deepEqual(Object.keys(body).sort(), ['agent', 'auto', 'custom', 'pendo'])
    for (const name of [
      'accountid',
      'accountids',
      'firstvisit',
      'id',
      'lastbrowsername',
      'lastservername',
      'lastvisit',
    ])
      assert.ok(body.auto[name], name)
    assert.equal(body.custom.leadscore.Type, 'integer')
    assert.equal(
      (await subscription.call('GET', '/api/v1/metadata/schema/account')).body.custom.annualrevenue.Type,
      'float',
    )
  })
})
