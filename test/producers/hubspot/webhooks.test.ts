import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { appId, changed, type Receiver, receivedAt, startReceiver, webhook } from './receiving.ts'

const only = <Item>(items: readonly Item[]): Item => {
  assert.equal(items.length, 1)
  return items[0] as Item
}

const occurredAt = 1_787_650_000_000
const ids = '247187887:7562680:4101286121:541935488729:1787650000000'
const ours = { changeSource: 'INTEGRATION', sourceId: appId }
const counted = (receiver: Receiver, outcome: string) =>
  receiver.metrics.value('tributary_messages_total', { vendor: 'hubspot', outcome })

describe('a webhook of a contact', () => {
  it('P7 that was made becomes a visitor and a claim, under ids of HubSpot', async context => {
    const receiver = await startReceiver(context)
    const { status, body } = await receiver.post([webhook('contact.creation', { changeFlag: 'NEW' })])
    assert.deepEqual([status, body], [200, { outcome: 'produced' }])
    const about = { source: 'hubspot:default', destinations: {}, occurredAt, receivedAt, eventId: `hubspot:${ids}` }
    const aliases = ['hubspot:contact:541935488729']
    assert.deepEqual(await receiver.visitors(), [{ ...about, person: aliases[0], aliases, account: null, traits: {} }])
    assert.deepEqual(await receiver.claims(), [
      {
        ...{ id: `hubspot:${ids}:seen`, time: occurredAt, kind: 'SEEN', source: 'hubspot:default' },
        ...{ aliases, attributes: {} },
      },
    ])
  })

  const changes: readonly (readonly [name: string, value: unknown, traits: object, attributes: object])[] = [
    ['firstname', 'Ada', { firstname: 'Ada' }, { firstName: 'Ada' }],
    ['firstname', '', { firstname: null }, {}],
    ['firstname', null, { firstname: null }, {}],
    ['jobtitle', 7, { jobtitle: '7' }, { jobTitle: '7' }],
    ['city', true, { city: 'true' }, { city: 'true' }],
    ['city', 'x'.repeat(1_001), { city: 'x'.repeat(1_001) }, {}],
  ]
  for (const [name, value, traits, attributes] of changes)
    it(`P7 whose ${name} became ${JSON.stringify(value)?.slice(0, 20)} tells ${JSON.stringify(traits).slice(0, 30)}`, async context => {
      const receiver = await startReceiver(context)
      await receiver.post([changed(name, value)])
      const visitor = only(await receiver.visitors())
      assert.equal(visitor.eventId, `hubspot:${ids}:${name}`)
      assert.deepEqual(visitor.traits, traits)
      assert.deepEqual(only(await receiver.claims()).attributes, attributes)
    })

  const addresses: readonly (readonly [name: string, value: string, aliases: readonly string[]])[] = [
    ['email', 'Ada@Example.com', ['email:ada@example.com']],
    ['hs_additional_emails', 'a@x.example;B@x.example;;', ['email:a@x.example', 'email:b@x.example']],
    ['email', 'no address', []],
    ['email', '', []],
  ]
  for (const [name, value, more] of addresses)
    it(`P7 whose ${name} became "${value}" is known as ${more.join(' and ') || 'its id only'}`, async context => {
      const receiver = await startReceiver(context)
      await receiver.post([changed(name, value)])
      const aliases = ['hubspot:contact:541935488729', ...more]
      const { aliases: told, traits } = only(await receiver.visitors())
      assert.deepEqual([told, traits], [aliases, {}])
      assert.deepEqual(only(await receiver.claims()).aliases, aliases)
    })

  it('P7 that was merged makes one person of all its ids', async context => {
    const receiver = await startReceiver(context)
    const merge = { primaryObjectId: 501, mergedObjectIds: [502, 501], newObjectId: 777, numberOfPropertiesMoved: 3 }
    await receiver.post([webhook('contact.merge', { objectId: undefined, ...merge })])
    const { kind, aliases, id } = only(await receiver.claims())
    const named = ['hubspot:contact:777', 'hubspot:contact:501', 'hubspot:contact:502']
    assert.deepEqual([kind, aliases], ['MERGE', named])
    assert.equal(id, 'hubspot:247187887:7562680:4101286121:777:1787650000000:merged')
    assert.deepEqual(await receiver.visitors(), [])
  })

  it('K9 P7 that was removed for privacy erases the person, whoever did it', async context => {
    const receiver = await startReceiver(context)
    await receiver.post([webhook('contact.privacyDeletion', ours)])
    const { kind, aliases, attributes, time } = only(await receiver.claims())
    assert.deepEqual([kind, aliases, attributes, time], ['ERASE', ['hubspot:contact:541935488729'], {}, occurredAt])
    assert.deepEqual(await receiver.visitors(), [])
  })

  it('P7 that was deleted is still the same person, and is one when it is restored', async context => {
    const receiver = await startReceiver(context)
    await receiver.post([webhook('contact.deletion')])
    assert.equal(receiver.publishes(), 0)
    assert.equal(await counted(receiver, 'ignored'), 1)
    await receiver.post([webhook('contact.restore', { eventId: 2 })])
    assert.equal(only(await receiver.visitors()).person, 'hubspot:contact:541935488729')
  })
})

describe('a webhook of a company', () => {
  it('P7 becomes an account, with its domain in our spelling when it tells it', async context => {
    const receiver = await startReceiver(context)
    const company = (name: string, propertyValue: string, eventId: number) =>
      webhook('company.propertyChange', { propertyName: name, propertyValue, eventId, objectId: 9_001 })
    await receiver.post([
      webhook('company.creation', { objectId: 9_001 }),
      company('name', 'Acme', 2),
      company('domain', 'WWW.Acme.example', 3),
    ])
    const told = (await receiver.accounts()).map(({ account, domain, traits }) => [account, domain, traits])
    assert.deepEqual(told, [
      ['9001', null, {}],
      ['9001', null, { name: 'Acme' }],
      ['9001', 'acme.example', { domain: 'WWW.Acme.example' }],
    ])
    assert.deepEqual(await receiver.claims(), [])
  })

  it('P7 that was merged or deleted tells nothing', async context => {
    const receiver = await startReceiver(context)
    const merge = { primaryObjectId: 1, mergedObjectIds: [2], newObjectId: 3 }
    await receiver.post([webhook('company.merge', merge), webhook('company.deletion', { eventId: 2 })])
    assert.equal(receiver.publishes(), 0)
    assert.equal(await counted(receiver, 'ignored'), 2)
  })
})

describe('webhooks of HubSpot', () => {
  it('P7 of an app of the developer platform say by objectTypeId what they are about', async context => {
    const receiver = await startReceiver(context)
    const value = { propertyName: 'firstname', propertyValue: 'Ada' }
    await receiver.post([
      webhook('object.propertyChange', { objectTypeId: '0-1', ...value }),
      webhook('object.creation', { objectTypeId: '0-2', objectId: 9, eventId: 2 }),
      webhook('object.creation', { objectTypeId: '0-3', eventId: 3 }),
    ])
    assert.deepEqual(only(await receiver.visitors()).traits, { firstname: 'Ada' })
    assert.equal(only(await receiver.accounts()).account, '9')
    assert.equal(await counted(receiver, 'ignored'), 1)
  })

  it('P7 of what we wrote ourselves tell nothing but that id and address belong together', async context => {
    const receiver = await startReceiver(context)
    await receiver.post([
      changed('firstname', 'Ada', ours),
      changed('city', 'London', { ...ours, changeSource: 'API', eventId: 2 }),
      webhook('contact.creation', { ...ours, eventId: 3 }),
      changed('email', 'ada@example.com', { ...ours, eventId: 4, sourceId: Number(appId) }),
    ])
    assert.deepEqual(await receiver.visitors(), [])
    const { aliases, attributes } = only(await receiver.claims())
    assert.deepEqual([aliases, attributes], [['hubspot:contact:541935488729', 'email:ada@example.com'], {}])
    assert.equal(await counted(receiver, 'echo'), 3)
  })

  const others: readonly object[] = [
    { changeSource: 'INTEGRATION', sourceId: '1' },
    { changeSource: 'CRM_UI', sourceId: appId },
    { changeSource: undefined, sourceId: appId },
  ]
  for (const other of others)
    it(`P7 of ${JSON.stringify(other)} are not ours`, async context => {
      const receiver = await startReceiver(context)
      await receiver.post([changed('firstname', 'Ada', other)])
      assert.equal((await receiver.visitors()).length, 1)
    })

  it('P7 come in any order and more than once, and are each taken once', async context => {
    const receiver = await startReceiver(context)
    const items = Array.from({ length: 100 }, (_, eventId) => changed('city', `City ${eventId}`, { eventId }))
    const again = items.map(item => ({ ...item, attemptNumber: 3 })).reverse()
    assert.equal((await receiver.post([...items.slice(50), ...again])).status, 200)
    assert.equal((await receiver.post(again)).status, 200)
    const told = (await receiver.visitors()).map(({ traits }) => traits['city'])
    assert.deepEqual([told.length, new Set(told).size], [100, 100])
    assert.equal(await counted(receiver, 'repeated'), 150)
  })

  it('P7 of one event about several properties, or of several portals, are several', async context => {
    const receiver = await startReceiver(context)
    await receiver.post([
      changed('city', 'London'),
      changed('firstname', 'Ada'),
      changed('city', 'Paris', { portalId: 2 }),
      changed('city', 'Rome', { subscriptionId: 2 }),
      changed('city', 'Oslo', { objectId: 2 }),
      changed('city', 'Bern', { occurredAt: occurredAt + 1 }),
    ])
    assert.equal(new Set((await receiver.visitors()).map(({ eventId }) => eventId)).size, 6)
  })

  it('P7 that come again after a restart carry the same ids', async context => {
    const first = await startReceiver(context)
    const again = await startReceiver(context, { kafka: first.kafka })
    await first.post([changed('city', 'London', { attemptNumber: 0 })])
    await again.post([changed('city', 'London', { attemptNumber: 1 })])
    assert.equal(new Set((await again.visitors()).map(({ eventId }) => eventId)).size, 1)
    assert.equal(new Set((await again.claims()).map(({ id }) => id)).size, 1)
  })

  it('P7 are answered when Kafka has all of them, and 503 when it takes too long; then their repetition finds them done', async context => {
    const receiver = await startReceiver(context, { answersAtOnce: true })
    receiver.behave('silent')
    const { status, body } = await receiver.post([changed('city', 'London')])
    assert.deepEqual([status, body['code']], [503, 'NOT_ACKNOWLEDGED'])
    receiver.behave('up')
    while ((await receiver.visitors()).length === 0) await new Promise(setImmediate)
    await receiver.post([changed('city', 'London', { attemptNumber: 1 })])
    assert.equal((await receiver.visitors()).length, 1)
  })

  it('P7 that fail within a list are sent again with it, and the others are not taken twice', async context => {
    const receiver = await startReceiver(context)
    const [a, b] = [changed('city', 'A', { eventId: 1 }), changed('city', 'B', { eventId: 2 })]
    await receiver.post([a])
    receiver.behave('down')
    assert.equal((await receiver.post([a, b])).status, 503)
    receiver.behave('up')
    assert.equal((await receiver.post([a, b])).status, 200)
    assert.deepEqual((await receiver.visitors()).map(({ traits }) => traits['city']).toSorted(), ['A', 'B'])
  })
})
