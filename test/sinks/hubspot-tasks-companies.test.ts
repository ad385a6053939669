import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { disturb } from './hubspot-sink.ts'
import { adjustmentsOf, foreign, openTasks, signal, told, whole } from './hubspot-tasks-here.ts'

const account = '00190000001pPvHAAU'
const byAccount = `salesforce:account:${account}`

const opened = async (context: TestContext, { synced = true }: { readonly synced?: boolean } = {}) => {
  const all = await openTasks(context, { sandbox: { searchLagMs: 0 } })
  assert.equal((await all.destination.prepare(signal)).kind, 'ready')
  // HubSpot's own sync with Salesforce makes it.
  const property = { name: 'salesforceaccountid', label: 'Salesforce Account ID', type: 'string', fieldType: 'text' }
  if (synced)
    await all.account.call('POST', '/crm/v3/properties/companies', { ...property, groupName: 'companyinformation' })
  return {
    ...all,
    company: async (properties: Record<string, string>): Promise<string> =>
      (await all.account.call('POST', '/crm/v3/objects/companies', { properties })).body.id,
    companiesOf: async (key: string): Promise<readonly string[]> => {
      const { id } = await all.taskWith('tributary_id', key)
      const { body } = await all.account.call('GET', `/crm/v4/objects/tasks/${id}/associations/companies`)
      return body.results.map(({ toObjectId }: { toObjectId: unknown }) => String(toObjectId))
    },
    relate: async (key: string, company: string) => {
      const { id } = await all.taskWith('tributary_id', key)
      await all.account.call('PUT', `/crm/v4/objects/tasks/${id}/associations/default/companies/${company}`)
    },
  }
}

describe('the company that a task in HubSpot relates to', () => {
  it('T1 is the one that has the account, else the only one of the domain', async context => {
    const { put, company, companiesOf } = await opened(context)
    const synced = await company({ name: 'A', domain: 'a.example', salesforceaccountid: account })
    const other = await company({ name: 'B', domain: 'b.example' })
    await company({ name: 'C', domain: 'c.example' })
    await company({ name: 'C too', domain: 'c.example' })
    const values = [`${byAccount} domain:b.example`, 'domain:b.example', 'domain:c.example', 'domain:d.example', null]
    const results = await put(...values.map((value, index) => [foreign(index), { ...whole, company: value }] as const))
    assert.deepEqual(
      told(results),
      values.map(() => 'put'),
    )
    assert.deepEqual(adjustmentsOf(results), [[], [], ['COMPANY_UNKNOWN'], ['COMPANY_UNKNOWN'], []])
    assert.deepEqual(await Promise.all(values.map((_, n) => companiesOf(foreign(n)))), [[synced], [other], [], [], []])
  })

  it('T1 is known by its domain in an account without HubSpot’s own sync', async context => {
    const { put, company, companiesOf } = await opened(context, { synced: false })
    const id = await company({ name: 'A', domain: 'a.example' })
    const names = `${byAccount} domain:a.example`
    assert.deepEqual(adjustmentsOf(await put([foreign(1), { ...whole, company: names }])), [[]])
    assert.deepEqual(await companiesOf(foreign(1)), [id])
  })

  it('T8 changes, goes, and stays when the next is not known; of several each stays', async context => {
    const { put, company, companiesOf, relate } = await opened(context)
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => company({ name, domain: `${name}.example` })))
    assert.ok(a && b && c)
    const write = async (value: string | null) => adjustmentsOf(await put([foreign(1), { company: value }, true]))[0]
    await put([foreign(1), { ...whole, company: 'domain:a.example' }])
    assert.deepEqual(await write('domain:b.example'), [])
    assert.deepEqual(await companiesOf(foreign(1)), [b])
    assert.deepEqual(await write('domain:nobody.example'), ['COMPANY_UNKNOWN'])
    assert.deepEqual(await companiesOf(foreign(1)), [b])
    assert.deepEqual(await write(null), [])
    assert.deepEqual(await companiesOf(foreign(1)), [])
    await relate(foreign(1), a)
    await relate(foreign(1), b)
    await write('domain:c.example')
    assert.deepEqual(await companiesOf(foreign(1)), [a, b, c].toSorted())
    await write(null)
    assert.deepEqual(await companiesOf(foreign(1)), [a, b, c].toSorted())
  })

  it('T1 is left out where the app may not see companies, and waited for while HubSpot does not answer', async context => {
    const { put, account: portal, company, companiesOf } = await opened(context)
    await company({ name: 'A', domain: 'a.example' })
    const search = '/crm/v3/objects/companies/search'
    await disturb(portal, search, { status: 403, headers: {}, body: { category: 'MISSING_SCOPES', message: 'no' } })
    const results = await put([foreign(1), { ...whole, company: 'domain:a.example' }])
    assert.deepEqual([told(results), adjustmentsOf(results)], [['put'], [['COMPANY_UNKNOWN']]])
    assert.deepEqual(await companiesOf(foreign(1)), [])
    await disturb(portal, search, { status: 503, headers: { 'retry-after': '0' }, body: {} })
    assert.deepEqual(told(await put([foreign(2), { ...whole, company: 'domain:a.example' }])), ['HUBSPOT_503'])
  })

  it('T1 is read as a write would say it', async context => {
    const { put, company, task } = await opened(context)
    await company({ name: 'A', domain: 'a.example', salesforceaccountid: account })
    await put([foreign(1), { ...whole, company: byAccount }], [foreign(2), whole])
    const read = await task.read?.([foreign(1), foreign(2)], ['company'], signal)
    assert.deepEqual(
      read?.map(one => one.kind === 'held' && one.fields['company']),
      [`${byAccount} domain:a.example`, null],
    )
  })
})
