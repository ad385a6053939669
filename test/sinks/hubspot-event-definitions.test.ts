import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { eventDefinitions } from '../../services/sinks/hubspot/event-definitions.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import { hubSpotSetup } from '../../services/sinks/hubspot/setup/account.ts'
import type { Account } from '../sandbox/hubspot.ts'
import { input, putting, signal, told } from './hubspot-putting.ts'
import { addContact, disturb, requestsOf } from './hubspot-sink.ts'

interface Definition {
  readonly fullyQualifiedName: string
  readonly properties: readonly { readonly name: string; readonly type: string }[]
}

const path = '/events/v3/event-definitions'
const definitions = async (account: Account): Promise<readonly Definition[]> =>
  (await account.call('GET', `${path}?includeProperties=true`)).body.results
const definition = async (account: Account, event: string): Promise<Definition | undefined> =>
  (await definitions(account)).find(({ fullyQualifiedName }) => fullyQualifiedName.endsWith(`_${event}`))
const missed = 'zoom_webinar_missed'
const setup = (account: Account) => {
  const parts = hubSpotSetup({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock })
  const events = parts.find(({ name }) => name === 'events')
  assert.ok(events)
  return { events }
}

describe('the custom events of HubSpot', () => {
  it('Z4 have names and texts that HubSpot takes', () => {
    for (const [name, { label, properties }] of Object.entries(eventDefinitions)) {
      assert.match(name, /^[a-z][a-z0-9_]{0,49}$/)
      assert.ok(label.length <= 100, name)
      assert.ok(Object.keys(properties).length <= 50, name)
      for (const [property, facts] of Object.entries(properties)) {
        assert.match(property, /^[a-z][a-z0-9_]{0,49}$/)
        assert.ok(facts.label.length <= 50, property)
      }
    }
  })

  it('Z4 are defined with their properties, and a second time nothing is made', async context => {
    const { account, destinations } = await putting(context)
    assert.deepEqual(await destinations['hubspot-events'].prepare(signal), { kind: 'ready' })
    for (const [name, { properties }] of Object.entries(eventDefinitions)) {
      const types = new Map((await definition(account, name))?.properties.map(one => [one.name, one.type]))
      for (const [property, { type }] of Object.entries(properties)) assert.equal(types.get(property), type, property)
    }
    const before = (await requestsOf(account)).length
    assert.deepEqual(await destinations['hubspot-events'].prepare(signal), { kind: 'ready' })
    assert.deepEqual(
      (await requestsOf(account)).slice(before).map(({ method }) => method),
      ['GET'],
    )
  })

  it('Z4 are defined once by two processes at the same time', async context => {
    const { account, destinations } = await putting(context)
    const other = setup(account).events
    const [first, second] = await Promise.all([destinations['hubspot-events'].prepare(signal), other.make(signal)])
    assert.deepEqual([first.kind, second.kind], ['ready', 'made'])
    assert.equal((await definitions(account)).length, Object.keys(eventDefinitions).length)
    assert.deepEqual(await other.compare(signal), { kind: 'compared', differences: [] })
  })

  it('Z4 that another process defined a moment ago are found after all', async context => {
    const { account } = await putting(context)
    assert.equal((await setup(account).events.make(signal)).kind, 'made')
    await disturb(account, path, { status: 200, body: { results: [] } })
    const late = await setup(account).events.make(signal)
    assert.deepEqual(late.kind === 'made' && late.left, [])
  })

  it('Z4 a property of another type is reported and left alone', async context => {
    const { account } = await putting(context)
    const { events } = setup(account)
    const topic = { name: 'topic', label: 'Mine', type: 'number' }
    await account.call('POST', path, {
      ...{ name: missed, label: 'Mine', primaryObject: 'CONTACT', includeDefaultProperties: false },
      propertyDefinitions: [topic],
    })
    const made = await events.make(signal)
    assert.ok(made.kind === 'made')
    assert.deepEqual(
      made.left.map(({ kind, name }) => [kind, name]),
      [['different', `${missed}.topic`]],
    )
    assert.match(made.left[0]?.message ?? '', /of type string, but it is number/)
    const properties = (await definition(account, missed))?.properties
    assert.equal(properties?.find(({ name }) => name === 'topic')?.type, 'number')
    assert.ok(properties?.some(({ name, type }) => name === 'attended_percent' && type === 'number'))
  })

  it('Z4 that an account may not have pause their own sink only, and say what is needed', async context => {
    const { destinations } = await putting(context, { scopes: scopes.contacts })
    const events = await destinations['hubspot-events'].prepare(signal)
    assert.ok(events.kind === 'needs-person')
    assert.equal(events.code, 'HUBSPOT_EVENTS_FORBIDDEN')
    assert.match(events.message, /Enterprise.*behavioral_events\.event_definitions\.read_write/)
    const marketing = await destinations['hubspot-marketing'].prepare(signal)
    assert.ok(marketing.kind === 'needs-person')
    assert.match(marketing.message, /crm\.objects\.marketing_events\.read/)
    assert.deepEqual(await destinations.hubspot.prepare(signal), { kind: 'ready' })
  })

  it('Z4 a property that was removed meanwhile is made again', async context => {
    const { account, destinations, put } = await putting(context)
    await destinations['hubspot-events'].prepare(signal)
    const contact = await addContact(account, { email: 'ada@example.com' })
    const name = (await definition(account, missed))?.fullyQualifiedName
    await account.call('DELETE', `${path}/${name}/property/topic`)
    const fields = { webinar_id: '1', topic: 'Kafka for marketers' }
    assert.deepEqual(
      told(await put('hubspot-events', missed, input({ key: 'missed:1:ada', contact, at: 1, fields }))),
      ['put'],
    )
    assert.ok((await definition(account, missed))?.properties.some(one => one.name === 'topic'))
  })

  it('Z4 a property that was removed is made again for all who need it at the same time', async context => {
    const { account, destinations, put } = await putting(context)
    await destinations['hubspot-events'].prepare(signal)
    const contact = await addContact(account, { email: 'ada@example.com' })
    const name = (await definition(account, missed))?.fullyQualifiedName
    await account.call('DELETE', `${path}/${name}/property/topic`)
    const fields = { webinar_id: '1', topic: 'Kafka for marketers' }
    const puts = ['1', '2', '3'].map(webinar =>
      put('hubspot-events', missed, input({ key: `missed:${webinar}:ada`, contact, at: 1, fields })),
    )
    assert.deepEqual(told((await Promise.all(puts)).flat()), ['put', 'put', 'put'])
  })

  it('Z4 a property that was removed waits while HubSpot cannot make it again: nothing is set aside', async context => {
    const { account, destinations, put } = await putting(context)
    await destinations['hubspot-events'].prepare(signal)
    const contact = await addContact(account, { email: 'ada@example.com' })
    const name = (await definition(account, missed))?.fullyQualifiedName
    await account.call('DELETE', `${path}/${name}/property/topic`)
    const one = input({ key: 'missed:1:ada', contact, at: 1, fields: { webinar_id: '1', topic: 'Kafka' } })
    await disturb(account, path, { status: 503, body: {} })
    assert.deepEqual(told(await put('hubspot-events', missed, one)), ['HUBSPOT_503'])
    assert.deepEqual(told(await put('hubspot-events', missed, one)), ['put'])
  })

  it('Z4 one that was deleted is refused with the reason, and the others go on', async context => {
    const { account, destinations, put } = await putting(context)
    const events = destinations['hubspot-events']
    await events.prepare(signal)
    const contact = await addContact(account, { email: 'ada@example.com' })
    const name = (await definition(account, missed))?.fullyQualifiedName
    assert.equal((await account.call('DELETE', `${path}/${name}`)).status, 204)
    const fields = { webinar_id: '1' }
    const inputs = ['1', '2', '3'].map(webinar => input({ key: `${webinar}:ada`, contact, at: 1, fields }))
    assert.deepEqual(told(await put('hubspot-events', missed, ...inputs)), Array(3).fill('HUBSPOT_EVENT_NOT_DEFINED'))
    assert.deepEqual(told(await put('hubspot-events', 'zoom_webinar_joined', ...inputs)), Array(3).fill('put'))
    assert.deepEqual(await events.prepare(signal), { kind: 'ready' })
  })
})
