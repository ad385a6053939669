import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LEFT_HUBSPOT, ONLY_IN_HUBSPOT } from '../../services/sandbox/hubspot/owners/owners.ts'
import { SALES_PEOPLE } from '../../services/sandbox/sales-people.ts'
import { createRecord, openAccount } from './hubspot.ts'

const OWNERS = '/crm/v3/owners'

it('T6 owners are listed with and without a trailing slash, by address, and those who left apart', async context => {
  const { call, client } = await openAccount(context)
  const addresses = async (path: string) =>
    (await call('GET', path)).body.results.map((one: { email: string }) => one.email)
  const active = [...Object.values(SALES_PEOPLE), ONLY_IN_HUBSPOT].map(({ email }) => email)
  assert.deepEqual(await addresses(OWNERS), active)
  assert.deepEqual(await addresses(`${OWNERS}/?limit=100`), active)
  assert.deepEqual(await addresses(`${OWNERS}?email=Sam.Okafor@sandbox.example.com`), [
    'sam.okafor@sandbox.example.com',
  ])
  assert.deepEqual(await addresses(`${OWNERS}?email=nobody@example.com`), [])
  assert.deepEqual(await addresses(`${OWNERS}?archived=true`), [LEFT_HUBSPOT.email])
  const { results } = await client.crm.owners.ownersApi.getPage()
  assert.deepEqual(
    results.map(({ email }) => email),
    active,
  )
})

it('T6 owners come in pages, and one by its id or the id of its user', async context => {
  const { call } = await openAccount(context)
  const first = (await call('GET', `${OWNERS}?limit=3`)).body
  assert.equal(first.results.length, 3)
  const second = (await call('GET', `${OWNERS}?limit=3&after=${first.paging.next.after}`)).body
  assert.deepEqual([second.results.length, second.paging], [1, undefined])
  const [owner] = first.results
  assert.notEqual(owner.id, String(owner.userId))
  assert.equal((await call('GET', `${OWNERS}/${owner.id}`)).body.email, owner.email)
  assert.equal((await call('GET', `${OWNERS}/${owner.userId}?idProperty=userId`)).body.id, owner.id)
  assert.equal((await call('GET', `${OWNERS}/${owner.userId}`)).status, 404)
  const [left] = (await call('GET', `${OWNERS}?archived=true`)).body.results
  assert.deepEqual([left.userId, left.archived], [null, true])
  assert.equal((await call('GET', `${OWNERS}/${left.id}`)).status, 404)
  assert.equal((await call('GET', `${OWNERS}/${left.id}?archived=true`)).status, 200)
})

it('T6 records of every type take an owner, by its id and no other, and none who left', async context => {
  const { call } = await openAccount(context)
  const [owner] = (await call('GET', OWNERS)).body.results
  const [left] = (await call('GET', `${OWNERS}?archived=true`)).body.results
  const records: readonly (readonly [type: string, properties: Record<string, string>])[] = [
    ['tasks', { hs_timestamp: '1770000000000' }],
    ['contacts', { email: 'ada@example.com' }],
  ]
  for (const [type, properties] of records) {
    const { id } = await createRecord({ call }, { ...properties, hubspot_owner_id: owner.id }, type)
    const give = async (hubspot_owner_id: string) =>
      (await call('PATCH', `/crm/v3/objects/${type}/${id}`, { properties: { hubspot_owner_id } })).status
    assert.deepEqual([await give(String(owner.userId)), await give(left.id), await give('')], [400, 400, 200])
  }
})
