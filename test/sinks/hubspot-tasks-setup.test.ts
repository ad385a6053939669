import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import { hubSpotSetup } from '../../services/sinks/hubspot/setup/account.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { disturb, requestsOf } from './hubspot-sink.ts'
import { openTasks, signal } from './hubspot-tasks-here.ts'

const property = '/crm/v3/properties/tasks/tributary_id'

describe('the property that links tasks in HubSpot', () => {
  for (const isUnique of [true, false]) {
    it(`T8 is made ${isUnique ? 'unique' : 'a plain one where the portal lets none be unique'}, and nothing is left to do`, async context => {
      const account = await openAccount(context, { uniqueActivityProperties: isUnique })
      const options = { accessToken: 'sandbox', baseUrl: account.url, clock: systemClock, sharesTasks: true }
      const part = hubSpotSetup(options).find(({ name }) => name === 'tasks')
      assert.ok(part)
      const compared = await part.compare(signal)
      assert.ok(compared.kind === 'compared')
      assert.deepEqual(
        compared.differences.map(({ what, name, makes }) => [what, name, makes]),
        [
          ['task property group', 'tributary', true],
          ['task property', 'tributary_id', true],
        ],
      )
      assert.deepEqual(
        (await requestsOf(account)).filter(({ method }) => method !== 'GET'),
        [],
      )
      const made = await part.make(signal)
      assert.ok(made.kind === 'made' && made.made.length === 2 && made.left.length === 0)
      assert.equal((await account.call('GET', property)).body.hasUniqueValue, isUnique)
      assert.deepEqual(await part.compare(signal), { kind: 'compared', differences: [] })
    })
  }

  it('T8 is made by the sink, once', async context => {
    const { destination, account } = await openTasks(context)
    for (let time = 0; time < 2; time++) assert.equal((await destination.prepare(signal)).kind, 'ready')
    const made = (await requestsOf(account)).filter(({ method, path }) => method === 'POST' && path.includes('/tasks'))
    assert.equal(made.length, 2)
  })

  it('T8 keeps the sink waiting, and a person told, when it is of another type', async context => {
    const { destination, account } = await openTasks(context)
    const number = { name: 'tributary_id', label: 'Mine', groupName: 'mine', type: 'number', fieldType: 'number' }
    await account.call('POST', '/crm/v3/properties/tasks/groups', { name: 'mine', label: 'Mine' })
    assert.equal((await account.call('POST', '/crm/v3/properties/tasks', number)).status, 201)
    const prepared = await destination.prepare(signal)
    assert.ok(prepared.kind === 'needs-person')
    assert.equal(prepared.code, 'HUBSPOT_TASK_PROPERTY')
    assert.match(prepared.message, /type string, but it is number/)
  })

  it('T8 is nobody else’s need: without the right to see owners only the sink of tasks waits', async context => {
    const account = await openAccount(context, { scopes: scopes.contacts })
    const all = hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock })
    const prepared = await all['hubspot-tasks'].prepare(signal)
    assert.ok(prepared.kind === 'needs-person')
    assert.match(prepared.message, /crm\.objects\.owners\.read/)
    assert.equal((await all.hubspot.prepare(signal)).kind, 'ready')
    const allowed = await openAccount(context, { scopes: scopes.tasks })
    const given = hubSpotDestinations({ accessToken: 'sandbox', baseUrl: allowed.url, clock: systemClock })
    assert.equal((await given['hubspot-tasks'].prepare(signal)).kind, 'ready')
  })

  it('T8 waits for a HubSpot that is busy', async context => {
    const { destination, account } = await openTasks(context)
    await disturb(account, '/crm/v3/properties/tasks', { status: 503, headers: { 'retry-after': '0' } })
    assert.equal((await destination.prepare(signal)).kind, 'retry')
    assert.equal((await destination.prepare(signal)).kind, 'ready')
  })
})
