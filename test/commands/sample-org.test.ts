import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fillSampleOrg, sampleOrg } from '../../services/commands/start/sample-org.ts'
import { OWNERS } from '../../services/sandbox/hubspot/owners/owners.ts'
import { SALES_PEOPLE } from '../../services/sandbox/sales-people.ts'
import { openOrg, person, signal } from '../sinks/salesforce-org.ts'

describe('the org of the sample', () => {
  it('knows a third of the recorded people as contacts, a third as leads, and two as both', async context => {
    const org = await openOrg(context)
    await fillSampleOrg(org.url)
    const [contacts, leads] = [await org.query('SELECT Email FROM Contact'), await org.query('SELECT Email FROM Lead')]
    const { people } = sampleOrg()
    const wanted = people.filter(({ company }) => company === undefined).length
    assert.equal(contacts.length, wanted + 1, 'and the contact of the converted lead')
    assert.equal(leads.length, people.length - wanted)
    const both = contacts.filter(({ Email }) => leads.some(one => one['Email'] === Email))
    assert.equal(both.length, 3)
  })

  it('resolves who is both, and who was converted, to the contact', async context => {
    const org = await openOrg(context)
    await fillSampleOrg(org.url)
    const { people, converted } = sampleOrg()
    const first = people[0]?.email ?? ''
    assert.equal(people.filter(({ email }) => email === first).length, 2)
    const results = await org.destination.resolve(
      ['contact', 'lead'],
      [person(first.toLowerCase()), person(converted.toLowerCase()), person('priya.raman@lumiere.example.org')],
      signal,
    )
    assert.deepEqual(
      results.map(result => (result.kind === 'found' ? result.record.object : result.kind)),
      ['contact', 'contact', 'lead'],
    )
  })

  it('T6 gives most records to people whom HubSpot knows by the same address, and some to the integration user', async context => {
    const org = await openOrg(context)
    await fillSampleOrg(org.url)
    const users = new Map(
      (await org.query('SELECT Id, Email FROM User')).map(({ Id, Email }) => [String(Id), String(Email)]),
    )
    const known = new Set(OWNERS.filter(({ archived }) => !archived).map(({ email }) => email))
    for (const object of ['Contact', 'Lead']) {
      const owners = (await org.query(`SELECT OwnerId FROM ${object}`)).map(one => users.get(String(one['OwnerId'])))
      const mapped = new Set(owners.filter(owner => owner !== undefined && known.has(owner)))
      assert.equal(mapped.size, Object.keys(SALES_PEOPLE).length)
      assert.ok(owners.includes('integration@sandbox.example.com'))
    }
  })

  it('is filled once, however often it is asked for', async context => {
    const org = await openOrg(context)
    await fillSampleOrg(org.url)
    const before = await org.call('GET', '/_sandbox/state')
    await fillSampleOrg(org.url)
    assert.deepEqual(await org.call('GET', '/_sandbox/state'), before)
  })
})
