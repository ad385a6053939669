import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { StandaloneInput, StandaloneObject } from '../../services/delivery/destination.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import type { FieldValue } from '../../topology/define.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'
import { opened, requestsOf } from './hubspot-sink.ts'

const { signal } = new AbortController()
const burst = 10_000

type Fields = Readonly<Record<string, FieldValue>>

const addCompany = async (account: Account, properties: Record<string, string>): Promise<string> =>
  (await account.call('POST', '/crm/v3/objects/companies', { properties })).body.id

const companyOf = async (account: Account, id: string): Promise<Fields> =>
  (await account.call('GET', `/crm/v3/objects/companies/${id}?properties=city,numberofemployees,pendo_plan`)).body
    .properties

const open = async (context: TestContext, shared?: Parameters<typeof hubSpotDestinations>[0]['shared']) => {
  const account = await openAccount(context, { limits: { burst } })
  const { 'hubspot-companies': destination } = hubSpotDestinations({
    ...{
      accessToken: 'sandbox',
      baseUrl: account.url,
      clock: systemClock,
      limit: { requests: burst, windowMs: 10_000 },
    },
    ...(shared ? { shared } : {}),
  })
  const company = destination.objects['company'] as StandaloneObject
  const put = (...inputs: readonly (readonly [key: string, fields: Fields])[]) =>
    company.put(
      inputs.map(([key, fields]): StandaloneInput => ({ key, fields, at: null, known: false, repeated: false })),
      signal,
    )
  return { account, destination, company, put }
}

const told = (results: readonly { readonly kind: string; readonly code?: string }[]): readonly string[] =>
  results.map(({ kind, code }) => code ?? kind)

describe('companies in HubSpot', () => {
  it('P7 get properties by their record ids, a hundred a request', async context => {
    const { account, put, company } = await open(context)
    const ids: string[] = []
    for (let n = 0; n < company.batchSize; n++) ids.push(await addCompany(account, { name: `Company ${n}` }))
    const before = (await requestsOf(account)).length
    const results = await put(...ids.map((id, n): [string, Fields] => [id, { city: `City ${n}` }]))
    assert.ok(results.every(({ kind }) => kind === 'put'))
    const requests = (await requestsOf(account)).slice(before).filter(({ path }) => path.includes('/companies'))
    assert.deepEqual(
      requests.map(({ path }) => path),
      ['/crm/v3/objects/companies/batch/update'],
    )
    assert.equal((await companyOf(account, ids[99] ?? ''))['city'], 'City 99')
  })

  it('P7 empty a property that is null', async context => {
    const { account, put } = await open(context)
    const id = await addCompany(account, { name: 'Acme', city: 'Berlin' })
    await put([id, { city: null }])
    assert.ok(!(await companyOf(account, id))['city'])
  })

  it('P7 K8 get them under an old id when they were merged, and each other one its own', async context => {
    const { account, put } = await open(context)
    const [kept, gone, other] = [
      await addCompany(account, { name: 'Kept' }),
      await addCompany(account, { name: 'Gone' }),
      await addCompany(account, { name: 'Other' }),
    ]
    const merge = { primaryObjectId: kept, objectIdToMerge: gone }
    const survivor: string = (await account.call('POST', '/crm/v3/objects/companies/merge', merge)).body.id
    const results = await put([gone, { city: 'Berlin' }], [other, { city: 'Kyiv' }])
    assert.deepEqual(
      results.map(result => (result.kind === 'put' ? result.record : result.kind)),
      [survivor, other],
    )
    assert.equal((await companyOf(account, survivor))['city'], 'Berlin')
    assert.equal((await companyOf(account, other))['city'], 'Kyiv')
  })

  it('P7 that were deleted are not made again, and fail no other', async context => {
    const { account, put } = await open(context)
    const [gone, here] = [await addCompany(account, { name: 'Gone' }), await addCompany(account, { name: 'Here' })]
    await account.call('DELETE', `/crm/v3/objects/companies/${gone}`)
    const results = await put([gone, { city: 'Berlin' }], [here, { city: 'Kyiv' }], ['no-id', { city: 'x' }])
    assert.deepEqual(told(results), ['HUBSPOT_COMPANY_DELETED', 'put', 'HUBSPOT_COMPANY_ID'])
  })

  it('P7 refuse a bad value alone', async context => {
    const { account, put } = await open(context)
    const [one, other] = [await addCompany(account, { name: 'One' }), await addCompany(account, { name: 'Other' })]
    const results = await put([one, { numberofemployees: 'many' }], [other, { numberofemployees: '12' }])
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['rejected', 'put'],
    )
    assert.ok(!JSON.stringify(results).includes('many'))
  })

  it('P7 P8 get a property that the mapping needs made before, and again when somebody deletes it', async context => {
    const shared = { contacts: [], companies: [{ name: 'pendo_plan', type: 'text', isWritten: true }] } as const
    const { account, put, destination } = await open(context, shared)
    const id = await addCompany(account, { name: 'Acme' })
    assert.equal((await destination.prepare(signal)).kind, 'ready')
    assert.deepEqual(told(await put([id, { pendo_plan: 'pro' }])), ['put'])
    await account.call('DELETE', '/crm/v3/properties/companies/pendo_plan')
    assert.deepEqual(told(await put([id, { pendo_plan: 'free' }])), ['put'])
    assert.equal((await companyOf(account, id))['pendo_plan'], 'free')
  })

  it('P7 without the scopes of companies their sink waits, and no other does', async context => {
    const account = await openAccount(context, { scopes: scopes.contacts })
    const shared = { contacts: [], companies: [{ name: 'city', type: 'text', isWritten: true }] } as const
    const all = hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock, shared })
    assert.equal((await all['hubspot-companies'].prepare(signal)).kind, 'needs-person')
    assert.equal((await all.hubspot.prepare(signal)).kind, 'ready')
  })

  it('P7 hold what was asked for last, though somebody set the same value in between and it was delivered before', async context => {
    const { write, done, account } = await opened(context, { sink: 'hubspot-companies' })
    const id = await addCompany(account, { name: 'Acme', city: 'Rome' })
    const set = async (city: string, revision: number): Promise<void> => {
      await write({ person: null, object: 'company', key: id, fields: { city }, revision, shared: true })
      await done()
    }
    await set('Berlin', 1)
    await account.call('PATCH', `/crm/v3/objects/companies/${id}`, { properties: { city: 'Kyiv' } })
    await set('Berlin', 2)
    assert.equal((await companyOf(account, id))['city'], 'Berlin')
  })
})
