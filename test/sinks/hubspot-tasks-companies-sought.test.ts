import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { foreign, openTasks, signal, whole } from './hubspot-tasks-here.ts'

const account = '00190000001pPvHAAU'

/** An account of HubSpot, synced with Salesforce by HubSpot itself, to which tasks of companies are written. */
const opened = async (context: TestContext) => {
  const all = await openTasks(context, { sandbox: { searchLagMs: 0 } })
  assert.equal((await all.destination.prepare(signal)).kind, 'ready')
  const property = { name: 'salesforceaccountid', label: 'Salesforce Account ID', type: 'string', fieldType: 'text' }
  await all.account.call('POST', '/crm/v3/properties/companies', { ...property, groupName: 'companyinformation' })
  const pathOf = async (key: string): Promise<string> => {
    const { id } = await all.taskWith('tributary_id', key)
    return `/crm/v4/objects/tasks/${id}/associations`
  }
  return {
    ...all,
    pathOf,
    company: async (properties: Record<string, string>): Promise<string> =>
      (await all.account.call('POST', '/crm/v3/objects/companies', { properties })).body.id,
    companiesOf: async (key: string): Promise<readonly string[]> => {
      const { body } = await all.account.call('GET', `${await pathOf(key)}/companies`)
      return body.results.map(({ toObjectId }: { toObjectId: unknown }) => String(toObjectId))
    },
  }
}

describe('a company in HubSpot', () => {
  it('T1 is found by the first 15 characters of its account, and by its domain with www.', async context => {
    const { put, company, companiesOf } = await opened(context)
    const short = await company({ name: 'A', salesforceaccountid: account.slice(0, 15) })
    const www = await company({ name: 'B', domain: 'www.b.example' })
    await put(
      [foreign(1), { ...whole, company: `salesforce:account:${account}` }],
      [foreign(2), { ...whole, company: 'domain:b.example' }],
    )
    assert.deepEqual([await companiesOf(foreign(1)), await companiesOf(foreign(2))], [[short], [www]])
  })

  it('T1 is found behind two hundred others that have the domain of another task, which is nobody’s', async context => {
    const { put, account: portal, company, companiesOf } = await opened(context)
    for (const count of [100, 100, 5]) {
      const inputs = Array.from({ length: count }, (_, n) => ({ properties: { name: `${n}`, domain: 'a.example' } }))
      assert.equal((await portal.call('POST', '/crm/v3/objects/companies/batch/create', { inputs })).status, 201)
    }
    const last = await company({ name: 'B', domain: 'b.example' })
    await put(
      [foreign(1), { ...whole, company: 'domain:a.example' }],
      [foreign(2), { ...whole, company: 'domain:b.example' }],
    )
    assert.deepEqual([await companiesOf(foreign(1)), await companiesOf(foreign(2))], [[], [last]])
  })

  it('T1 is not guessed when a task on several is read, not even beside one that is on one of them', async context => {
    const { put, account: portal, company, pathOf, task } = await opened(context)
    await company({ name: 'A', domain: 'a.example' })
    const other = await company({ name: 'B', domain: 'b.example' })
    const keys = [foreign(1), foreign(2)]
    await put(...keys.map(key => [key, { ...whole, company: 'domain:a.example' }] as const))
    const read = async () =>
      (await task.read?.(keys, ['company'], signal))?.map(one => one.kind === 'held' && one.fields['company'])
    assert.deepEqual(await read(), ['domain:a.example', 'domain:a.example'])
    await portal.call('PUT', `${await pathOf(foreign(1))}/default/companies/${other}`)
    assert.deepEqual(await read(), [null, 'domain:a.example'])
  })
})
