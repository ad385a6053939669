import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Track } from '../../../schemas/generated.ts'
import { startPendoSandbox } from '../../../services/sandbox/pendo/start.ts'
import { type Receiver, receivedAt, signed, startReceiver, used, webhook } from './receiving.ts'

const only = <Item>(items: readonly Item[]): Item => {
  assert.equal(items.length, 1)
  return items[0] as Item
}

const trackOf = async ({ tracks }: Receiver): Promise<Track> => only(await tracks())

describe('a webhook of Pendo', () => {
  it('P1 of a track event becomes a track and a claim, under the uniqueId', async context => {
    const receiver = await startReceiver(context)
    const { status, body } = await receiver.post(used('Registered', { uniqueId: 'ccb0', timestamp: 1_626_804_431 }))
    assert.deepEqual([status, body], [200, { outcome: 'produced' }])
    const about = { source: 'pendo:default', occurredAt: 1_626_804_431_000, receivedAt, destinations: {} }
    assert.deepEqual(await trackOf(receiver), {
      ...{ ...about, eventId: 'pendo:ccb0', kind: 'TRACK', name: 'Registered', core: true },
      ...{ person: 'user:ada', aliases: ['user:ada'], account: 'acme', properties: { plan: 'Pro' } },
    })
    assert.deepEqual(await receiver.claims(), [
      {
        ...{ id: 'pendo:ccb0:seen', time: 1_626_804_431_000, kind: 'SEEN', source: 'pendo:default' },
        ...{ aliases: ['user:ada'], attributes: {} },
      },
    ])
  })

  const people: readonly (readonly [visitorId: unknown, aliases: readonly string[]])[] = [
    ['ada', ['user:ada']],
    ['Ada@Example.com', ['user:Ada@Example.com', 'email:ada@example.com']],
    ['_PENDO_T_Xy', ['anonymous:_PENDO_T_Xy']],
    [4711, ['user:4711']],
  ]
  for (const [visitorId, aliases] of people)
    it(`P1 of the visitor ${visitorId} is of ${aliases.join(' and ')}`, async context => {
      const receiver = await startReceiver(context)
      await receiver.post(used('E', { visitorId }))
      assert.deepEqual((await trackOf(receiver)).aliases, aliases)
      assert.deepEqual(only(await receiver.claims()).aliases, aliases)
    })

  const uses: readonly (readonly [event: string, properties: object, track: Partial<Track>])[] = [
    ['trackEventReceived', { trackEventName: 'Registered' }, { kind: 'TRACK', name: 'Registered', core: true }],
    ['trackEventReceived', { trackEventName: 'Looked' }, { kind: 'TRACK', name: 'Looked', core: false }],
    ['trackEventReceived', { trackEventName: 'New one' }, { kind: 'TRACK', name: 'New one', core: false }],
    ['trackEventReceived', { trackTypeId: 't1' }, { kind: 'TRACK', name: 'Registered', core: true }],
    ['trackEventReceived', { name: 'Registered', properties: { a: { b: 1 } } }, { properties: { 'a.b': 1 } }],
    ['pageLoaded', { pageId: 'p1' }, { kind: 'PAGE', name: 'Reports', core: true }],
    ['pageLoaded', { page: { id: 'p1', name: 'An older name' } }, { kind: 'PAGE', name: 'Reports', core: true }],
    ['pageViewed', { pageName: 'Reports' }, { kind: 'PAGE', name: 'Reports', core: true }],
    ['pageLoad', { pageName: 'Registered' }, { kind: 'PAGE', name: 'Registered', core: false }],
    [
      'featureClicked',
      { featureId: 'f1', parameters: { x: 1 } },
      { kind: 'FEATURE', name: 'Export', properties: { x: 1 } },
    ],
    ['featureClick', { feature: { name: 'Export' } }, { kind: 'FEATURE', name: 'Export', core: false }],
  ]
  for (const [event, properties, track] of uses)
    it(`P4 ${event} with ${JSON.stringify(properties)} is ${JSON.stringify(track)}`, async context => {
      const receiver = await startReceiver(context)
      await receiver.post(webhook(event, { properties }))
      const found = await trackOf(receiver)
      assert.deepEqual(Object.fromEntries(Object.keys(track).map(key => [key, found[key as keyof Track]])), track)
    })

  it('P7 of a first visitor or account becomes a visitor or an account', async context => {
    const receiver = await startReceiver(context)
    await receiver.post(webhook('visitorCreated', { visitorId: 'ada', accountId: 'acme', uniqueId: '1' }))
    await receiver.post(webhook('accountCreated', { accountId: 'acme', uniqueId: '2' }))
    const { person, account, eventId } = only(await receiver.visitors())
    assert.deepEqual([eventId, person, account], ['pendo:1', 'user:ada', 'acme'])
    const { account: id, domain } = only(await receiver.accounts())
    assert.deepEqual([id, domain], ['acme', null])
    assert.equal((await receiver.claims()).length, 1)
  })

  it('P8 is signed in hexadecimal or base64', async context => {
    const receiver = await startReceiver(context)
    for (const encoding of ['hex', 'base64'] as const) {
      const body = JSON.stringify(used(encoding, { uniqueId: encoding }))
      assert.equal((await receiver.post(body, signed(body, undefined, encoding))).status, 200)
    }
    assert.deepEqual((await receiver.tracks()).map(({ name }) => name).toSorted(), ['base64', 'hex'])
  })

  it('P8 may be a list: each is taken once, whatever comes with it', async context => {
    const receiver = await startReceiver(context)
    const list = [used('A', { uniqueId: '1' }), webhook('npsSubmitted'), used('B', { uniqueId: '2' })]
    assert.equal((await receiver.post(list)).status, 200)
    await receiver.post([...list, used('C', { uniqueId: '3' })])
    await receiver.post([])
    assert.deepEqual((await receiver.tracks()).map(({ name }) => name).toSorted(), ['A', 'B', 'C'])
  })

  it('P8 that comes again after a restart carries the same id', async context => {
    const first = await startReceiver(context)
    const again = await startReceiver(context, { kafka: first.kafka })
    await first.post(used('E', { uniqueId: 'same' }))
    await again.post(used('E', { uniqueId: 'same' }))
    assert.deepEqual(new Set((await again.tracks()).map(({ eventId }) => eventId)), new Set(['pendo:same']))
  })

  it('P8 is answered when Kafka has it, and 503 when it takes too long; then its repetition finds it done', async context => {
    const receiver = await startReceiver(context, { answersAtOnce: true })
    receiver.behave('silent')
    const { status, body, headers } = await receiver.post(used('E', { uniqueId: 'slow' }))
    assert.deepEqual([status, body['code'], headers.get('retry-after')], [503, 'NOT_ACKNOWLEDGED', '30'])
    receiver.behave('up')
    while ((await receiver.tracks()).length === 0) await new Promise(setImmediate)
    await receiver.post(used('E', { uniqueId: 'slow' }))
    assert.equal((await receiver.tracks()).length, 1)
  })

  it('P8 that fails within a list is sent again with it, and the others are not taken twice', async context => {
    const receiver = await startReceiver(context)
    await receiver.post(used('A', { uniqueId: '1' }))
    receiver.behave('down')
    assert.equal((await receiver.post([used('A', { uniqueId: '1' }), used('B', { uniqueId: '2' })])).status, 503)
    receiver.behave('up')
    assert.equal((await receiver.post([used('A', { uniqueId: '1' }), used('B', { uniqueId: '2' })])).status, 200)
    assert.deepEqual((await receiver.tracks()).map(({ name }) => name).toSorted(), ['A', 'B'])
  })
})

for (const choices of [{ signature: 'hex' }, { signature: 'base64', webhookBody: 'array' }] as const)
  it(`P8 everything that the emulated Pendo sends is taken (${JSON.stringify(choices)})`, async context => {
    const receiver = await startReceiver(context)
    const { url, close } = await startPendoSandbox({
      ...{ choices, ingestUrl: receiver.url },
      webhookSecret: receiver.secret,
    })
    context.after(close)
    const body = JSON.stringify({ count: 300 })
    const played = await fetch(`${url}/_sandbox/play`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    const { total } = (await played.json()) as { readonly total: { readonly sent: number; readonly delivered: number } }
    assert.ok(total.sent > 20)
    assert.equal(total.delivered, total.sent)
    assert.deepEqual(await receiver.letters(), [])
    assert.ok((await receiver.tracks()).some(({ kind }) => kind === 'TRACK'))
    assert.ok((await receiver.visitors()).length > 0)
  })
