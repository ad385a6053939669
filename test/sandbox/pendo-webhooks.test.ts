import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anonymousId } from '../../services/sandbox/pendo/ids.ts'
import { webhookSignature } from '../../services/sandbox/pendo/webhooks/signature.ts'
import { HOUR, openReceiver, openSubscription, type Received, SAMPLES } from './pendo.ts'
import { until } from './zoom-receiver.ts'

type Sample = Record<string, unknown> & { properties: Record<string, unknown> }

const webhooks = (received: readonly Received[]): Sample[] => received.map(({ raw }) => JSON.parse(raw))

/** Keys and types of a value, without the values; of lists those of the first item. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]))
}

describe('the signature', () => {
  const { secret, raw_body: body, hex, base64 } = SAMPLES.signature
  it('is that of the recorded vector, in hexadecimal and in base64', () => {
    assert.equal(webhookSignature(secret, body, 'hex'), hex)
    assert.equal(webhookSignature(secret, body, 'base64'), base64)
  })

  for (const signature of ['hex', 'base64'] as const) {
    it(`of a webhook is over its bytes, in ${signature}`, async context => {
      const { url, received } = await openReceiver(context)
      const subscription = await openSubscription(context, { ingestUrl: url, choices: { signature } })
      await subscription.use({ kind: 'track', name: 'Registered', properties: { plan: 'Größe' } })
      await until(() => received.length === 3, 'three webhooks')
      for (const { path, raw, signature: sent } of received) {
        assert.equal(path, '/webhooks/pendo')
        assert.equal(sent, webhookSignature('sandbox-secret', raw, signature))
      }
    })
  }
})

describe('a webhook', () => {
  const happenings: [kind: string, more: object, sample: string][] = [
    ['guideDisplayed', {}, 'guideDisplayed'],
    ['npsDisplayed', {}, 'npsDisplayed'],
    ['npsSubmitted', { properties: { rating: 9, reason: 'Good', source: 'web' } }, 'npsSubmitted'],
    ['page', { name: 'Dashboard' }, 'COMPOSED_visitorCreated'],
  ]
  for (const [kind, more, sample] of happenings) {
    it(`has the keys and types of the example ${sample}`, async context => {
      const { url, received } = await openReceiver(context)
      const subscription = await openSubscription(context, { ingestUrl: url })
      await subscription.use({ kind, name: 'Quarterly NPS', ...more })
      const { event } = SAMPLES.webhooks[sample]
      await until(() => webhooks(received).some(one => one['event'] === event), event)
      const webhook = webhooks(received).find(one => one['event'] === event)
      assert.deepEqual(shapeOf(webhook), shapeOf(SAMPLES.webhooks[sample]))
      assert.deepEqual(Object.keys(webhook ?? {}), Object.keys(SAMPLES.webhooks[sample]))
    })
  }

  it('tells seconds, and a key of 40 hexadecimal digits that is another each time', async context => {
    const { url, received } = await openReceiver(context)
    const subscription = await openSubscription(context, { ingestUrl: url })
    const at = subscription.clock.now() - 1500
    for (let count = 0; count < 2; count += 1) await subscription.use({ kind: 'track', name: 'Registered', at })
    await until(() => received.length === 4, 'four webhooks')
    const all = webhooks(received)
    assert.ok(all.every(one => one['timestamp'] === Math.floor(at / 1000)))
    assert.equal(new Set(all.map(one => one['uniqueId'])).size, 4)
    assert.ok(all.every(one => /^[0-9a-f]{40}$/.test(String(one['uniqueId']))))
  })

  it('of a survey that was answered by mail has no language', async context => {
    const { url, received } = await openReceiver(context)
    const subscription = await openSubscription(context, { ingestUrl: url })
    const nps = { rating: 10, reason: '', source: 'email' }
    await subscription.use({ kind: 'npsSubmitted', name: 'Quarterly NPS', properties: nps })
    await until(() => received.length === 3, 'three webhooks')
    const [webhook] = webhooks(received).filter(({ event }) => event === 'npsSubmitted')
    assert.deepEqual([webhook?.properties['language'], webhook?.properties['nps']], ['', nps])
  })

  it('is in a list, and its keys of track events are others, when those are the choices', async context => {
    const { url, received } = await openReceiver(context)
    const trackWebhookKeys = { name: 'eventName', properties: 'values' }
    const choices = { webhookBody: 'array', trackWebhookKeys } as const
    const subscription = await openSubscription(context, { ingestUrl: url, choices })
    await subscription.track()
    await until(() => received.length === 1, 'a webhook')
    const [list] = webhooks(received)
    assert.ok(Array.isArray(list))
    assert.deepEqual(list[0].properties, { eventName: 'Registered', values: SAMPLES.api.track.request.body.properties })
  })
})

describe('visitors and accounts are first seen', () => {
  const created = (received: readonly Received[]): [event: unknown, visitorId: unknown, accountId: unknown][] =>
    webhooks(received).flatMap(({ event, visitorId, accountId }) =>
      /Created/.test(String(event)) ? [[event, visitorId, accountId]] : [],
    )

  it('in the app only, each once', async context => {
    const { url, received } = await openReceiver(context)
    const subscription = await openSubscription(context, { ingestUrl: url })
    await subscription.track({ visitorId: 'v1', accountId: 'a1' })
    const records = [{ visitorId: 'v1', values: { firstname: 'Ada' } }]
    await subscription.call('POST', '/api/v1/metadata/visitor/custom/value?create=true', records)
    await until(() => received.length === 1, 'the webhook of the track event')
    assert.deepEqual(created(received), [])
    for (const name of ['Dashboard', 'Reports']) await subscription.use({ kind: 'page', name })
    subscription.clock.advance(HOUR)
    await subscription.use({ kind: 'track', name: 'Registered', visitorId: 'v2' })
    await until(() => received.length === 5, 'five webhooks')
    assert.deepEqual(created(received).sort(), [
      ['accountCreated', 'v1', 'a1'],
      ['visitorCreated', 'v1', 'a1'],
      ['visitorCreated', 'v2', 'a1'],
    ])
  })

  it('also when they are anonymous, unless that is the choice', async context => {
    const { url, received } = await openReceiver(context)
    const nobody = { kind: 'page', name: 'Pricing', visitorId: anonymousId('x'), accountId: '' }
    for (const anonymousWebhooks of [true, false]) {
      const subscription = await openSubscription(context, { ingestUrl: url, choices: { anonymousWebhooks } })
      await subscription.use(nobody)
      await subscription.use({ kind: 'guideDisplayed', name: 'Welcome tour', visitorId: 'v1', accountId: '' })
    }
    await until(() => received.length === 5, 'five webhooks')
    const first = created(received).map(([, visitorId]) => visitorId)
    assert.deepEqual(first.sort(), [nobody.visitorId, 'v1', 'v1'])
  })

  it('and track events of servers cause none when that is the choice', async context => {
    const { url, received } = await openReceiver(context)
    const subscription = await openSubscription(context, { ingestUrl: url, choices: { serverTrackWebhooks: false } })
    await subscription.track()
    await subscription.use({ kind: 'guideDisplayed', name: 'Welcome tour' })
    await until(() => received.length === 3, 'three webhooks')
    assert.ok(webhooks(received).every(({ event }) => event !== 'trackEventReceived'))
  })
})

describe('each webhook is sent once', () => {
  const outcomes: [answer: number | 'reset' | 'silence', state: string][] = [
    [200, 'delivered'],
    [204, 'delivered'],
    [302, 'failed'],
    [404, 'failed'],
    [500, 'failed'],
    ['reset', 'failed'],
    ['silence', 'failed'],
  ]
  for (const [answer, state] of outcomes) {
    it(`and is ${state} when the answer is ${answer}`, async context => {
      const { url, received } = await openReceiver(context, () => answer)
      const choices = answer === 'silence' ? { webhookTimeoutMs: 50 } : {}
      const subscription = await openSubscription(context, { ingestUrl: url, choices })
      await subscription.track()
      const deliveries = async () => (await subscription.call('GET', '/_sandbox/webhooks')).body
      await until(async () => (await deliveries())[0]?.state !== 'waiting', 'an outcome')
      const [delivery] = await deliveries()
      assert.deepEqual([delivery.state, delivery.status], [state, typeof answer === 'number' ? answer : null])
      subscription.clock.advance(HOUR)
      await subscription.call('GET', '/_sandbox/state')
      assert.equal(received.length, 1)
    })
  }

  it('and never when nobody configured an address', async context => {
    const subscription = await openSubscription(context)
    await subscription.track()
    assert.deepEqual((await subscription.call('GET', '/_sandbox/webhooks')).body, [])
  })
})
