import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { manualClock } from '../clock.ts'
import { createRecord, openAccount } from './hubspot.ts'

const COMPANIES = '/crm/v3/objects/companies'

/** Three records, changed at noon, one second and two seconds later. */
const changedInTurn = async (context: TestContext, objectType: string) => {
  const clock = manualClock()
  const account = await openAccount(context, { clock, searchLagMs: 0, limits: { searchesPerSecond: 1000 } })
  const noon = clock.now()
  for (const name of ['first', 'second', 'third']) {
    await createRecord(account, { [objectType === 'contacts' ? 'lastname' : 'name']: name, phone: name }, objectType)
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
    const [a, b] = [await createRecord(account, { name: 'A' }), await createRecord(account, { name: 'B' })]
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
        ids.push((await createRecord(account, { [property]: `${count}` }, objectType)).id)
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
