import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PEOPLE, PRODUCT } from '../../services/sandbox/pendo/data/data.ts'
import { isAnonymous } from '../../services/sandbox/pendo/ids.ts'
import { createLiveSessions } from '../../services/sandbox/pendo/live/sessions.ts'
import type { Happening } from '../../services/sandbox/pendo/model/in-app.ts'
import { openReceiver, openSubscription } from './pendo.ts'
import { until } from './zoom-receiver.ts'

const NOW = 1_790_000_000_000

const happenings = (count: number, seed = 1): Happening[] => {
  const sessions = createLiveSessions(seed)
  return Array.from({ length: count }, (_, index) => sessions.next(NOW + index * 1000))
}

describe('live sessions', () => {
  it('are the same for the same seed', () => {
    assert.deepEqual(happenings(500), happenings(500))
    assert.notDeepEqual(happenings(500), happenings(500, 2))
  })

  it('have pages, features, track events, guides, surveys and polls, Core Events among them', () => {
    const all = happenings(5_000)
    const kinds = new Set(all.map(({ kind }) => kind))
    assert.deepEqual([...kinds].sort(), [
      ...[
        'feature',
        'guideDisplayed',
        'npsDisplayed',
        'npsSubmitted',
        'page',
        'pollDisplayed',
        'pollSubmitted',
        'track',
      ],
    ])
    const core = new Set(PRODUCT.items.flatMap(({ name, isCoreEvent }) => (isCoreEvent ? [name] : [])))
    assert.ok(all.some(({ name }) => core.has(name)) && all.some(({ name }) => !core.has(name)))
    const tagged = new Set(PRODUCT.items.map(({ kind, name }) => `${kind} ${name}`))
    for (const { kind, name } of all) {
      const item = { page: 'Page', feature: 'Feature', track: 'TrackType' }[kind as string]
      if (item !== undefined) assert.ok(tagged.has(`${item} ${name}`), `${item} ${name}`)
    }
  })

  it('are of people by address, by another id, and of nobody yet', () => {
    const visitors = new Set(happenings(20_000).map(({ visitorId }) => visitorId))
    const anonymous = [...visitors].filter(isAnonymous)
    const known = [...visitors].filter(id => !isAnonymous(id))
    assert.ok(anonymous.length > 50 && anonymous.length <= 200, `${anonymous.length} are anonymous`)
    assert.deepEqual(known.sort(), PEOPLE.visitors.map(({ visitorId }) => visitorId).sort())
    assert.ok(known.some(id => id.includes('@')) && known.some(id => !id.includes('@')))
    assert.ok(PEOPLE.visitors.some(({ email, accountId }) => email === undefined || accountId === undefined))
  })

  it('are coherent: the anonymous have no account and no metadata, and only they are merged', () => {
    const coherent = (seed: number): void => {
      const seen = new Set<string>()
      for (const { visitorId, accountId, agent, merges } of happenings(300, seed)) {
        if (isAnonymous(visitorId)) assert.deepEqual([accountId, agent], ['', {}])
        if (merges !== undefined) assert.ok(seen.has(merges) && !isAnonymous(visitorId))
        seen.add(visitorId)
      }
    }
    fc.assert(fc.property(fc.nat(), coherent), { numRuns: 30 })
  })
})

describe('POST /_sandbox/play', () => {
  it('plays so many happenings at once and answers when their webhooks are settled', async context => {
    const { url, received } = await openReceiver(context)
    const subscription = await openSubscription(context, { ingestUrl: url })
    const { body } = await subscription.call('POST', '/_sandbox/play', { count: 400 })
    assert.equal(body.total.sent, received.length)
    assert.equal(body.total.delivered, received.length)
    const { body: state } = await subscription.call('GET', '/_sandbox/state')
    const events = ['pageEvents', 'featureEvents', 'trackEvents'].flatMap(type => state[type])
    const used = events.reduce((sum, { properties }) => sum + properties.numEvents, 0)
    const surveys = received.filter(({ raw }) => /guideDisplayed|nps|poll/.test(JSON.parse(raw).event)).length
    assert.equal(used + surveys, 400)
    assert.equal(
      received.filter(({ raw }) => JSON.parse(raw).event === 'visitorCreated').length,
      state.visitors.length,
      'everybody was first seen once',
    )
  })

  it('begins anew after a reset', async context => {
    const subscription = await openSubscription(context)
    const visitors = async (): Promise<string[]> => {
      await subscription.call('POST', '/_sandbox/play', { count: 40 })
      return (await subscription.state('visitors')).map(({ id }) => id)
    }
    const before = await visitors()
    await subscription.call('POST', '/_sandbox/reset')
    assert.deepEqual(await visitors(), before)
  })

  it('keeps a rate until it is 0', async context => {
    const subscription = await openSubscription(context)
    const count = async (): Promise<number> => (await subscription.call('GET', '/_sandbox/writes')).body.length
    assert.equal((await subscription.call('POST', '/_sandbox/play', { rate: 10 })).body.rate, 10)
    await until(async () => {
      subscription.clock.advance(100)
      return (await count()) > 20
    }, 'twenty writes')
    assert.equal((await subscription.call('POST', '/_sandbox/play', { rate: 0 })).body.rate, 0)
    const before = await count()
    for (let tenths = 0; tenths < 20; tenths += 1) subscription.clock.advance(100)
    assert.equal(await count(), before)
  })

  it('loses webhooks when nobody listens, and goes on', async context => {
    const subscription = await openSubscription(context, { ingestUrl: 'http://127.0.0.1:1' })
    const { body } = await subscription.call('POST', '/_sandbox/play', { count: 100 })
    assert.ok(body.total.sent > 20)
    assert.equal(body.total.failed, body.total.sent)
  })

  for (const wanted of [{}, { rate: -1 }, { count: 0 }, { file: 'product-webinar' }]) {
    it(`refuses ${JSON.stringify(wanted)}`, async context => {
      const subscription = await openSubscription(context)
      assert.equal((await subscription.call('POST', '/_sandbox/play', wanted)).status, 400)
    })
  }
})
