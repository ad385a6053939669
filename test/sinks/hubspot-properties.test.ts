import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { contactProperties } from '../../services/sinks/hubspot/contact-properties.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'
import { fields, opened, requestsOf } from './hubspot-sink.ts'

describe('HubSpot is made ready', () => {
  const definitions = async (account: Account): Promise<Map<string, { type: string; groupName: string }>> => {
    const { body } = await account.call('GET', '/crm/v3/properties/contacts')
    return new Map(body.results.map((property: { name: string }) => [property.name, property]))
  }
  const { signal } = new AbortController()

  it('with the group and every property in its type, and a second time with nothing', async context => {
    const account = await openAccount(context)
    const destination = hubSpotDestinations({
      accessToken: 'sandbox',
      baseUrl: account.url,
      clock: systemClock,
    }).hubspot
    assert.deepEqual(await destination.prepare(signal), { kind: 'ready' })
    const made = await definitions(account)
    for (const [name, { type }] of Object.entries(contactProperties)) {
      assert.equal(made.get(name)?.type, type, name)
      assert.equal(made.get(name)?.groupName, 'zoom', name)
    }
    const before = (await requestsOf(account)).length
    assert.deepEqual(await destination.prepare(signal), { kind: 'ready' })
    assert.deepEqual(
      (await requestsOf(account)).slice(before).map(({ method }) => method),
      ['GET', 'GET'],
    )
  })

  it('by two processes at the same time', async context => {
    const account = await openAccount(context)
    const make = () =>
      hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock }).hubspot.prepare(signal)
    assert.deepEqual(await Promise.all([make(), make()]), [{ kind: 'ready' }, { kind: 'ready' }])
  })

  it('and a property of another type is reported, not changed', async context => {
    const account = await openAccount(context)
    await account.call('POST', '/crm/v3/properties/contacts/groups', { name: 'zoom', label: 'Zoom' })
    await account.call('POST', '/crm/v3/properties/contacts', {
      ...{ name: 'zoom_webinar_attendance_count', label: 'Mine', type: 'string', fieldType: 'text', groupName: 'zoom' },
    })
    const warnings: string[] = []
    const logger = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: ({ reason }: { reason?: unknown }) => warnings.push(String(reason)),
    }
    const destination = hubSpotDestinations({
      accessToken: 'sandbox',
      baseUrl: account.url,
      clock: systemClock,
      logger,
    }).hubspot
    assert.deepEqual(await destination.prepare(signal), { kind: 'ready' })
    assert.ok(
      warnings.some(reason => /zoom_webinar_attendance_count to be of type number, but it is string/.test(reason)),
    )
    assert.equal((await definitions(account)).get('zoom_webinar_attendance_count')?.type, 'string')
  })

  it('again when a property was removed meanwhile, and a property that nobody knows is refused', async context => {
    const { know, write, done, account, outcomes } = await opened(context)
    for (const person of ['p1', 'p2', 'p3']) know(person, `email:${person}@example.com`)
    await write({ person: 'p1', fields })
    await done()
    await account.call('DELETE', '/crm/v3/properties/contacts/zoom_webinar_attendance_count')
    await write({ person: 'p2', fields, id: 'mended' }, { person: 'p3', fields: { misspelt: 'x' }, id: 'misspelt' })
    await done()
    const all = await outcomes()
    assert.equal(all['mended'], 'CREATED')
    assert.equal(all['misspelt'], 'REJECTED')
  })
})
