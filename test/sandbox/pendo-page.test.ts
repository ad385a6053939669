import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openReceiver, openSubscription, type TestSubscription } from './pendo.ts'

const form = (subscription: TestSubscription, path: string, fields: Record<string, string>): Promise<Response> =>
  fetch(subscription.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const text = async (subscription: TestSubscription, path: string): Promise<string> =>
  (await fetch(subscription.url + path)).text()

describe('the pages', () => {
  it('show visitors with what the browser and the API say, and search them', async context => {
    const subscription = await openSubscription(context)
    await subscription.use({ kind: 'page', name: 'Dashboard', agent: { visitor: { full_name: 'Ada <b>' } } })
    await subscription.use({ kind: 'page', name: 'Dashboard', visitorId: 'v2', accountId: '' })
    const page = await text(subscription, '/')
    assert.match(page, /Ada &lt;b&gt;/)
    assert.match(page, /id="visitor-v2"/)
    const found = await text(subscription, '/?q=ada+full_name')
    assert.match(found, /id="visitor-v1"/)
    assert.doesNotMatch(found, /id="visitor-v2"/)
  })

  it('show every table, empty and after traffic', async context => {
    const { url } = await openReceiver(context)
    const subscription = await openSubscription(context, { ingestUrl: url })
    const paths = ['/', '/accounts', '/events', '/product', '/webhooks', '/_sandbox/log']
    for (const count of [0, 200]) {
      if (count > 0) await subscription.call('POST', '/_sandbox/play', { count })
      for (const path of paths) assert.equal((await fetch(subscription.url + path)).status, 200, path)
    }
    assert.match(
      await text(subscription, '/events'),
      /Reports <span class="muted">page<\/span> <span class="badge good">core/,
    )
    assert.match(await text(subscription, '/webhooks'), /delivered 200/)
    assert.match(await text(subscription, '/accounts'), /Maple &amp; Finch/)
  })

  it('let a person add, edit and delete a visitor', async context => {
    const subscription = await openSubscription(context)
    const created = await form(subscription, '/profiles/visitor', { id: 'ada/1' })
    const path = created.headers.get('location') ?? ''
    assert.deepEqual([created.status, path], [303, '/profiles/visitor/ada%2F1'])
    await form(subscription, path, { 'custom.leadscore': '7', 'custom.newsletter': 'true', 'agent.role': 'Analyst' })
    await form(subscription, path, { 'agent.role': '' })
    const [visitor] = await subscription.state('visitors')
    assert.deepEqual(
      [visitor?.properties['custom'], visitor?.properties['agent']],
      [{ leadscore: 7, newsletter: true }, {}],
    )
    assert.match(await text(subscription, path), /name="custom\.leadscore" value="7"/)
    await form(subscription, `${path}/delete`, {})
    assert.deepEqual(await subscription.state('visitors'), [])
    assert.equal((await fetch(subscription.url + path)).status, 404)
  })

  it('come back with the reason of a refusal', async context => {
    const subscription = await openSubscription(context)
    const path = '/profiles/visitor/v1'
    const refused = await form(subscription, path, { 'custom.leadscore': 'high' })
    const location = refused.headers.get('location') ?? ''
    assert.match(location, /^\/profiles\/visitor\/v1\?problem=/)
    assert.match(await text(subscription, location), /expected a value of type integer/)
  })

  it('let a person use the product and say what is a Core Event', async context => {
    const subscription = await openSubscription(context)
    const [page] = await subscription.state('pages')
    const item = page?.id ?? ''
    await form(subscription, '/events', { visitorId: 'v1', accountId: 'a1', item, properties: '' })
    const [row] = await subscription.state('pageEvents')
    assert.deepEqual([row?.properties['itemId'], row?.properties['visitorId']], [item, 'v1'])
    const before = page?.properties['isCoreEvent']
    await form(subscription, `/product/${item}/core`, {})
    const after = (await subscription.state('pages')).find(({ id }) => id === item)
    assert.equal(after?.properties['isCoreEvent'], !before)
    await form(subscription, '/product', { kind: 'Feature', name: 'New button' })
    assert.ok((await subscription.state('features')).some(({ properties }) => properties['name'] === 'New button'))
  })

  it('turn live traffic up and down', async context => {
    const subscription = await openSubscription(context)
    await form(subscription, '/traffic', { rate: '2.5' })
    assert.match(await text(subscription, '/'), /name="rate"[^>]*value="2\.5"/)
    await form(subscription, '/traffic', { rate: '0' })
    assert.match(await text(subscription, '/'), /name="rate"[^>]*value="0"/)
  })
})
