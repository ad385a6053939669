import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_CHOICES } from '../../services/sandbox/pendo/choices.ts'
import { createSubscription } from '../../services/sandbox/pendo/model/subscription.ts'
import { openStore } from '../../services/sandbox/store.ts'
import { manualClock } from '../clock.ts'
import { DAY, HOUR, hours, openSubscription, SAMPLES, type TestSubscription, unprocessed } from './pendo.ts'

const tracked = (subscription: TestSubscription): Promise<Record<string, unknown>[]> =>
  subscription.aggregate({ source: { trackEvents: null, timeSeries: hours(subscription.clock) } }, { sort: ['hour'] })

describe('a track event', () => {
  it('is taken as Pendo’s example has it, and found by its track type', async context => {
    const subscription = await openSubscription(context)
    const { status, body } = await subscription.track()
    assert.deepEqual([status, body], [200, 'OK'])
    const types = (await subscription.call('GET', '/api/v1/tracktype')).body
    const { id } = types.find(({ name }: { name: string }) => name === 'Registered')
    const [row] = await subscription.aggregate({
      source: { trackEvents: { trackTypeId: id }, timeSeries: hours(subscription.clock) },
    })
    const { body: sent } = SAMPLES.api.track.request
    assert.deepEqual(
      [row?.['visitorId'], row?.['accountId'], row?.['trackTypeId'], row?.['properties'], row?.['numEvents']],
      [sent.visitorId, sent.accountId, id, sent.properties, 1],
    )
    assert.deepEqual([row?.['remoteIp'], row?.['server']], [sent.context.ip, 'your.domain.com'])
    const expected = Object.keys(SAMPLES.api.aggregation_track_events.response.body.results[0])
    assert.deepEqual(Object.keys(row ?? {}).sort(), expected.sort())
  })

  const refusals: [what: string, values: object][] = [
    ['without its type', { type: undefined }],
    ['of another type', { type: 'identify' }],
    ['without a name', { event: '' }],
    ['without a visitor', { visitorId: undefined }],
    ['of a placeholder', { visitorId: 'VISITOR-UNIQUE-ID' }],
    ['without a time', { timestamp: undefined }],
    ['with its time as a text', { timestamp: '2026-10-14T12:00:00Z' }],
  ]
  for (const [what, values] of refusals) {
    it(`${what} is refused`, async context => {
      const subscription = await openSubscription(context)
      assert.equal((await subscription.track(values)).status, 400)
      assert.deepEqual(await tracked(subscription), [])
    })
  }

  const accepted: [what: string, values: object][] = [
    ['without an account', { accountId: undefined }],
    ['with an empty context', { context: {} }],
    ['without properties', { properties: undefined }],
  ]
  for (const [what, values] of accepted) {
    it(`${what} is processed`, async context => {
      const subscription = await openSubscription(context)
      assert.equal((await subscription.track(values)).status, 200)
      assert.equal((await tracked(subscription)).length, 1)
    })
  }
})

describe('an event that Pendo takes and does not process is counted', () => {
  const early: [what: string, age: number, values: object, reason: string | undefined][] = [
    ['at most seven days old', 7 * DAY, {}, undefined],
    ['older than seven days', 7 * DAY + 1, {}, 'older than 7 days'],
    ['in seconds', 1_790_000_000_000, {}, 'older than 7 days'],
    ['of a new name, in this hour', 5, { event: 'New' }, undefined],
    ['of a new name, before this hour', HOUR, { event: 'New' }, 'earlier than its event name'],
  ]
  for (const [what, age, values, reason] of early) {
    it(what, async context => {
      const subscription = await openSubscription(context)
      subscription.clock.advance(10)
      const answer = await subscription.track({ timestamp: subscription.clock.now() - age, ...values })
      assert.equal(answer.status, 200)
      assert.deepEqual(await unprocessed(subscription), reason === undefined ? {} : { [reason]: 1 })
      assert.equal((await subscription.state('trackEvents')).length, reason === undefined ? 1 : 0)
    })
  }

  it('from before the subscription', async context => {
    const subscription = await openSubscription(context, { ageMs: HOUR })
    await subscription.track({ timestamp: subscription.clock.now() - 2 * HOUR })
    assert.deepEqual(await unprocessed(subscription), { 'earlier than the subscription': 1 })
  })

  it('of a visitor whom somebody excluded', async context => {
    const subscription = await openSubscription(context)
    await subscription.track({ visitorId: 'v1' })
    const path = '/api/v1/metadata/visitor/pendo/value/v1/donotprocess'
    assert.equal((await subscription.call('PUT', path, true)).status, 200)
    await subscription.track({ visitorId: 'v1' })
    assert.deepEqual(await unprocessed(subscription), { 'visitor is not to be processed': 1 })
    assert.equal((await tracked(subscription))[0]?.['numEvents'], 1)
  })
})

describe('the limits of an app', () => {
  const event = { visitorId: 'v1', accountId: '', place: { server: '', remoteIp: '', userAgent: '' } }
  const open = () => {
    const clock = manualClock()
    const options = { choices: DEFAULT_CHOICES, processingLagMs: 0, ageMs: DAY, tagged: [], emit: () => {} }
    const subscription = createSubscription(openStore({ vendor: 'pendo', clock }), clock, options)
    const track = (name: string, properties: Record<string, number>): void =>
      subscription.trackFromServer({ ...event, event: name, timestamp: clock.now(), properties })
    const counts = () => subscription.unprocessed.all().map(({ reason, count }) => [reason, count])
    return { ...subscription, track, counts }
  }

  it('are 5,000 event names; a known name still goes', () => {
    const { track, counts, usage } = open()
    for (let number = 0; number < 5_000; number += 1) track(`Event ${number}`, {})
    assert.deepEqual(counts(), [])
    track('One more', {})
    track('Event 1', {})
    assert.deepEqual(counts(), [['beyond 5,000 event names', 1]])
    assert.equal(
      usage.read().reduce((sum, { numEvents }) => sum + numEvents, 0),
      5_001,
    )
  })

  it('are 10,000 property keys; a known key still goes', () => {
    const { track, counts, usage } = open()
    for (let number = 0; number < 10_000; number += 1) track('Event', { [`k${number}`]: 1 })
    assert.deepEqual(counts(), [])
    track('Last', { k9999: 2, one_more: 1 })
    assert.deepEqual(counts(), [['property key beyond 10,000', 1]])
    assert.deepEqual(usage.read().at(-1)?.properties, { k9999: 2 })
  })
})

describe('properties', () => {
  const kept = async (subscription: TestSubscription, properties: object): Promise<unknown> => {
    await subscription.track({ properties })
    return (await tracked(subscription))[0]?.['properties']
  }
  /** Of so many bytes, in fewer characters. */
  const sized = (bytes: number): object => ({ text: 'x'.repeat(bytes - '{"text":"é"}'.length - 1).concat('é') })

  it('of 512 bytes are kept', async context => {
    const properties = sized(512)
    assert.equal(Buffer.byteLength(JSON.stringify(properties)), 512)
    assert.deepEqual(await kept(await openSubscription(context), properties), properties)
  })

  it('of more are replaced by Pendo’s text', async context => {
    const subscription = await openSubscription(context)
    assert.equal(await kept(subscription, sized(513)), 'event properties JSON too large')
    assert.deepEqual(await unprocessed(subscription), { 'properties over 512 bytes': 1 })
    const other = await openSubscription(context, { choices: { largeProperties: 'null' } })
    assert.equal(await kept(other, sized(513)), null)
  })

  const names: [name: string, allowed: boolean][] = [
    ['plan', true],
    ['_plan_2', true],
    ['a'.repeat(32), true],
    ['a'.repeat(33), false],
    ['2nd', false],
    ['with space', false],
    ['größe', false],
    ['__x__', false],
  ]
  for (const [name, allowed] of names) {
    it(`${name} is ${allowed ? 'kept' : 'left out, or refused when that is the choice'}`, async context => {
      const subscription = await openSubscription(context)
      assert.deepEqual(await kept(subscription, { [name]: 1, ok: 2 }), allowed ? { [name]: 1, ok: 2 } : { ok: 2 })
      const strict = await openSubscription(context, { choices: { invalidProperties: 'refused' } })
      assert.equal((await strict.track({ properties: { [name]: 1 } })).status, allowed ? 200 : 400)
    })
  }
})

describe('a track event from a server', () => {
  it('writes no metadata of a visitor who is known', async context => {
    const subscription = await openSubscription(context)
    await subscription.use({ kind: 'page', name: 'Dashboard' })
    const before = await subscription.call('GET', '/api/v1/visitor/v1')
    subscription.clock.advance(HOUR)
    await subscription.track({ visitorId: 'v1' })
    assert.deepEqual((await subscription.call('GET', '/api/v1/visitor/v1')).body, before.body)
  })

  for (const [creates, status] of [
    [true, 200],
    [false, 404],
  ] as const) {
    it(`${creates ? 'makes' : 'does not make'} a visitor who is not, by choice`, async context => {
      const subscription = await openSubscription(context, { choices: { serverTrackCreates: creates } })
      await subscription.track({ visitorId: 'new' })
      assert.equal((await subscription.call('GET', '/api/v1/visitor/new')).status, status)
    })
  }
})
