import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StandaloneObject } from '../../services/delivery/destination.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { createPendoClient } from '../../services/sinks/pendo/client.ts'
import { knownFields } from '../../services/sinks/pendo/metadata/known-fields.ts'
import { metadataObject } from '../../services/sinks/pendo/metadata/metadata.ts'
import { manualClock } from '../clock.ts'
import type { WriteFacts } from '../delivery/delivering.ts'
import { openReceiver, openSubscription, type TestSubscription } from '../sandbox/pendo.ts'
import { pendoSink } from './pendo-sink.ts'

const visitor = (key: string, fields: WriteFacts['fields'], facts: Partial<WriteFacts> = {}): WriteFacts => ({
  ...{ person: 'p1', object: 'visitor', key, fields },
  ...facts,
})

const account = (key: string, fields: WriteFacts['fields'], facts: Partial<WriteFacts> = {}): WriteFacts => ({
  ...{ person: null, object: 'account', key, fields },
  ...facts,
})

const customOf = async (subscription: TestSubscription, list: 'visitors' | 'accounts') =>
  Object.fromEntries((await subscription.state(list)).map(({ id, properties }) => [id, properties['custom']]))

describe('metadata in Pendo', () => {
  it('S1 S2 makes visitors and accounts, in one request each, and updates them', async context => {
    const { write, done, subscription, requests, told } = await pendoSink(context, 'pendo')
    await write(
      visitor('u-1', { firstName: 'Ada', plan: 'pro' }, { id: 'ada' }),
      visitor('u-2', { plan: 'free' }, { person: 'p2', id: 'bob' }),
      account('acme', { name: 'Acme', employees: 120 }, { id: 'acme' }),
    )
    await done()
    assert.deepEqual(await customOf(subscription, 'visitors'), {
      'u-1': { firstname: 'Ada', plan: 'pro' },
      'u-2': { plan: 'free' },
    })
    assert.deepEqual(await customOf(subscription, 'accounts'), { acme: { name: 'Acme', employees: 120 } })
    assert.equal((await requests()).length, 2)
    assert.ok((await requests()).every(({ path }) => path.endsWith('/custom/value?create=true')))
    await write(visitor('u-1', { plan: null, jobtitle: 'Engineer' }, { time: Date.now(), id: 'later' }))
    await done()
    assert.deepEqual((await customOf(subscription, 'visitors'))['u-1'], { firstname: 'Ada', jobtitle: 'Engineer' })
    assert.deepEqual(await told(), {
      ada: ['APPLIED', 'PENDO_FIELDS_RENAMED'],
      bob: ['APPLIED'],
      acme: ['APPLIED'],
      later: ['APPLIED'],
    })
  })

  it('S1 makes a visitor of whom nothing is known but the id', async context => {
    const { write, done, subscription } = await pendoSink(context, 'pendo')
    await write(visitor('u-1', {}))
    await done()
    assert.deepEqual(await customOf(subscription, 'visitors'), { 'u-1': {} })
  })

  it('S1 leaves out fields that Pendo does not have, and says so', async context => {
    const { write, done, subscription, told, requests } = await pendoSink(context, 'pendo')
    await write(visitor('u-1', { shoe_size: 43, plan: 'pro' }, { time: 1, id: 'first' }))
    await done()
    await write(visitor('u-1', { shoe_size: 44 }, { time: 2, id: 'only unknown' }))
    await done()
    assert.deepEqual(await customOf(subscription, 'visitors'), { 'u-1': { plan: 'pro' } })
    assert.equal((await requests()).length, 1)
    assert.deepEqual(await told(), {
      first: ['APPLIED', 'PENDO_FIELDS_UNKNOWN'],
      'only unknown': ['UNCHANGED', 'PENDO_FIELDS_UNKNOWN'],
    })
  })

  it('S1 goes on without a field that somebody removed meanwhile, and sets nothing aside', async context => {
    const clock = manualClock(Date.now())
    const subscription = await openSubscription(context)
    await subscription.call('POST', '/_sandbox/fields', { kind: 'visitor', name: 'shoe_size', type: 'integer' })
    const client = createPendoClient({
      ...{ secret: 'PENDO_INTEGRATION_KEY', key: 'sandbox', baseUrl: subscription.url, clock },
    })
    const fields = knownFields(client, 'visitor', clock)
    const visitors = metadataObject(client, 'visitor', fields)
    const { signal } = new AbortController()
    await fields.keepFresh(signal)
    await subscription.call('DELETE', '/_sandbox/fields/visitor/custom/shoe_size')
    clock.advance(2 * 60_000)
    const put = (values: WriteFacts['fields']) => {
      const { fields: fitted = values } = visitors.fit?.(values, null) ?? {}
      return visitors.put([{ key: 'u-1', fields: fitted, at: null, known: false, repeated: false }], signal)
    }
    const [first] = await put({ shoe_size: 43, plan: 'pro' })
    assert.deepEqual([first?.kind, first?.kind === 'retry' && first.code], ['retry', 'PENDO_FIELDS_CHANGED'])
    const [second] = await put({ shoe_size: 43, plan: 'pro' })
    assert.equal(second?.kind, 'put')
    assert.deepEqual(await customOf(subscription, 'visitors'), { 'u-1': { plan: 'pro' } })
  })

  it('S1 uses a field that somebody makes, without a restart', async context => {
    const clock = manualClock(Date.now())
    const subscription = await openSubscription(context)
    const client = createPendoClient({
      ...{ secret: 'PENDO_INTEGRATION_KEY', key: 'sandbox', baseUrl: subscription.url, clock },
    })
    const fields = knownFields(client, 'visitor', clock)
    const { signal } = new AbortController()
    await fields.keepFresh(signal)
    assert.deepEqual(fields.fit({ shoe_size: 43 }).fields, {})
    await subscription.call('POST', '/_sandbox/fields', { kind: 'visitor', name: 'shoe_size', type: 'integer' })
    await fields.keepFresh(signal)
    assert.deepEqual(fields.fit({ shoe_size: 43 }).fields, {})
    clock.advance(10 * 60_000)
    await fields.keepFresh(signal)
    assert.deepEqual(fields.fit({ shoe_size: 43 }).fields, { shoe_size: 43 })
  })
})

describe('a metadata field that somebody makes while nothing else is sent', () => {
  it('S1 is found by the writes that lack it, one request a while', async context => {
    const clock = manualClock(Date.now())
    const subscription = await openSubscription(context)
    const client = createPendoClient({
      ...{ secret: 'PENDO_INTEGRATION_KEY', key: 'sandbox', baseUrl: subscription.url, clock },
    })
    const fields = knownFields(client, 'visitor', clock)
    await fields.keepFresh(new AbortController().signal)
    await subscription.call('POST', '/_sandbox/fields', { kind: 'visitor', name: 'shoe_size', type: 'integer' })
    const reads = async (): Promise<number> =>
      (await subscription.call('GET', '/_sandbox/requests')).body.filter(({ path }: { path: string }) =>
        path.startsWith('/api/v1/metadata/schema'),
      ).length
    assert.deepEqual(fields.fit({ shoe_size: 43 }).fields, {})
    assert.equal(await reads(), 1)
    clock.advance(10 * 60_000)
    while (Object.keys(fields.fit({ shoe_size: 43 }).fields).length === 0) await new Promise(setImmediate)
    assert.deepEqual(fields.fit({ shoe_size: 43 }).fields, { shoe_size: 43 })
    assert.equal(await reads(), 2)
  })
})

/** A visitor object that knows no fields, so that what Pendo says of wrong ones is what counts. */
const unfitted = (subscription: TestSubscription): StandaloneObject => {
  const facts = { key: 'sandbox', baseUrl: subscription.url, clock: systemClock }
  const client = createPendoClient({ ...facts, secret: 'PENDO_INTEGRATION_KEY' })
  const fields = {
    ...knownFields(client, 'visitor', systemClock),
    fit: (given: WriteFacts['fields']) => ({ fields: given, adjustments: [] }),
    readAgain: () => Promise.resolve(),
  }
  return metadataObject(client, 'visitor', fields)
}

describe('a batch of metadata of which some fail', () => {
  const sandboxes = [
    ['and Pendo names them', { listsErrors: true }],
    ['and Pendo names nobody', { listsErrors: false }],
    ['and Pendo refuses all of it', { invalidValues: 'refused' }],
  ] as const
  for (const [what, choices] of sandboxes) {
    it(`S1 ${what}: only they are refused`, async context => {
      const subscription = await openSubscription(context, { choices })
      const visitors = unfitted(subscription)
      const wrong = new Set([3, 11])
      const inputs = Array.from({ length: 16 }, (_, n) => ({
        ...{ key: `u-${n}`, at: null, known: false, repeated: false },
        fields: { leadscore: wrong.has(n) ? 'high' : n },
      }))
      const results = await visitors.put(inputs, new AbortController().signal)
      assert.deepEqual(
        results.flatMap(({ kind }, n) => (kind === 'put' ? [] : [[n, kind]])),
        [...wrong].map(n => [n, 'rejected']),
      )
      const custom = await customOf(subscription, 'visitors')
      assert.deepEqual(custom['u-15'], { leadscore: 15 })
      assert.equal(Object.keys(custom).length, 14)
    })
  }

  it('S1 named in part: all of it is sent again, so that nobody is taken for done who is not', async context => {
    const subscription = await openSubscription(context)
    const answer = { status: 200, body: { total: 3, updated: 1, failed: 2, missing: ['u-0'], kind: 'visitor' } }
    await subscription.call('POST', '/_sandbox/faults', { match: { path: '/api/v1/metadata/visitor/custom' }, answer })
    const inputs = [0, 1, 2].map(n => ({
      ...{ key: `u-${n}`, fields: { leadscore: n }, at: null, known: false, repeated: false },
    }))
    const results = await unfitted(subscription).put(inputs, new AbortController().signal)
    assert.ok(results.every(({ kind }) => kind === 'put'))
    assert.deepEqual(Object.keys(await customOf(subscription, 'visitors')).sort(), ['u-0', 'u-1', 'u-2'])
  })

  it('S1 answered with a redirect is for a person to look at, and the key goes nowhere else', async context => {
    const subscription = await openSubscription(context)
    const elsewhere = await openReceiver(context)
    const answer = { status: 307, headers: { location: elsewhere.url } }
    await subscription.call('POST', '/_sandbox/faults', { match: { path: '/api/v1/metadata/visitor/custom' }, answer })
    const input = { key: 'u-1', fields: {}, at: null, known: false, repeated: false }
    const [result] = await unfitted(subscription).put([input], new AbortController().signal)
    assert.equal(result?.kind, 'needs-person')
    assert.deepEqual(elsewhere.received, [])
  })

  it('S1 answered without counts is tried again, and not taken for done', async context => {
    const subscription = await openSubscription(context)
    const answer = { status: 200, body: { ok: true } }
    await subscription.call('POST', '/_sandbox/faults', { match: { path: '/api/v1/metadata/visitor/custom' }, answer })
    const input = { key: 'u-1', fields: {}, at: null, known: false, repeated: false }
    const [result] = await unfitted(subscription).put([input], new AbortController().signal)
    assert.deepEqual([result?.kind, result?.kind === 'retry' && result.code], ['retry', 'PENDO_ANSWER_UNREADABLE'])
  })
})
