import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { createPendoClient } from '../../services/sinks/pendo/client.ts'
import { pendoDestinations } from '../../services/sinks/pendo/destination.ts'
import { namesInUse } from '../../services/sinks/pendo/track/names-in-use.ts'
import { trackObject } from '../../services/sinks/pendo/track/track.ts'
import { manualClock } from '../clock.ts'
import type { WriteFacts } from '../delivery/delivering.ts'
import { DAY, HOUR } from '../sandbox/pendo.ts'
import { pendoSink } from './pendo-sink.ts'

let events = 0

const exported = (fields: WriteFacts['fields'] = {}, facts: Partial<WriteFacts> = {}): WriteFacts => {
  events += 1
  return {
    ...{ person: 'p1', object: 'track', operation: 'APPEND', once: `segment:m-${events}`, at: Date.now() },
    fields: { event: 'Report exported', visitorId: 'u-1', accountId: 'acme', ...fields },
    ...facts,
  }
}

describe('track events in Pendo', () => {
  it('S3 go out one a request, as Pendo describes them', async context => {
    const { write, done, requests, told } = await pendoSink(context, 'pendo-events')
    const at = Date.now() - 5_000
    await write(
      exported({ 'properties.rows': 12, 'properties.paid': true }, { at, id: 'first' }),
      exported({ accountId: null }, { at, id: 'second' }),
    )
    await done()
    const bodies = (await requests()).map(({ body }) => body)
    assert.deepEqual(
      bodies.toSorted((a, b) => Object.keys(b.properties).length - Object.keys(a.properties).length),
      [
        {
          ...{ type: 'track', event: 'Report exported', visitorId: 'u-1', accountId: 'acme', timestamp: at },
          properties: { rows: 12, paid: true },
          context: {},
        },
        { type: 'track', event: 'Report exported', visitorId: 'u-1', timestamp: at, properties: {}, context: {} },
      ],
    )
    assert.deepEqual(await told(), { first: ['CREATED'], second: ['CREATED'] })
  })

  it('S3 keep the rules of properties before they are sent, and say what was changed', async context => {
    const { write, done, subscription, told, metrics } = await pendoSink(context, 'pendo-events')
    await write(
      exported({ 'properties.first name': 'Ada', 'properties.long': 'x'.repeat(600) }, { id: 'changed' }),
      exported({ 'properties.plan': 'pro' }, { id: 'as it is' }),
    )
    await done()
    const kept = (await subscription.state('trackEvents')).map(({ properties }) => properties['properties'])
    assert.deepEqual(kept.map(one => JSON.stringify(one)).sort(), ['{"first_name":"Ada"}', '{"plan":"pro"}'])
    assert.deepEqual(await subscription.state('unprocessed'), [])
    assert.deepEqual(await told(), {
      changed: ['CREATED', 'PENDO_PROPERTIES_RENAMED', 'PENDO_PROPERTIES_TOO_LARGE'],
      'as it is': ['CREATED'],
    })
    const label = { sink: 'pendo-events', code: 'PENDO_PROPERTIES_TOO_LARGE' }
    assert.equal(await metrics.value('tributary_adjustments_total', label), 1)
  })

  it('S3 older than 7 days are not sent, and say so', async context => {
    const { write, done, requests, told } = await pendoSink(context, 'pendo-events')
    await write(
      exported({}, { at: Date.now() - 7 * DAY, id: 'old' }),
      exported({}, { at: Date.now() - 7 * DAY + HOUR, id: 'young' }),
    )
    await done()
    assert.deepEqual(await told(), { old: ['SKIPPED', 'PENDO_EVENT_TOO_OLD'], young: ['CREATED'] })
    assert.equal((await requests()).length, 1)
  })

  it('S3 K4 are sent once, unless an answer is lost: then at least once', async context => {
    const { write, done, subscription, outcomes } = await pendoSink(context, 'pendo-events')
    const fault = { match: { path: '/data/track' }, answer: 'reset-after-apply' }
    const once = exported({}, { id: 'once' })
    await write(once)
    await done()
    await write({ ...once, id: 'again' })
    await done()
    await subscription.call('POST', '/_sandbox/faults', fault)
    await write(exported({ event: 'Lost' }, { id: 'lost' }))
    await done()
    assert.deepEqual(await outcomes(), { once: 'CREATED', again: 'IMMUTABLE', lost: 'CREATED' })
    const counts = (await subscription.state('trackEvents')).map(({ properties }) => properties['numEvents'])
    assert.deepEqual(counts.sort(), [1, 2])
  })

  it('S3 have many requests under way, and never more than the bound', async context => {
    const { write, done, subscription, destination } = await pendoSink(context, 'pendo-events')
    let underWay = 0
    let peak = 0
    const { put } = destination.objects['track'] as ReturnType<typeof trackObject>
    Object.assign(destination.objects['track'] ?? {}, {
      put: async (...args: Parameters<typeof put>) => {
        underWay += 1
        peak = Math.max(peak, underWay)
        try {
          return await put(...args)
        } finally {
          underWay -= 1
        }
      },
    })
    const answer = { delayMs: 50 }
    await subscription.call('POST', '/_sandbox/faults', { match: { path: '/data/track' }, times: 60, answer })
    await write(...Array.from({ length: 60 }, () => exported()))
    await done()
    assert.ok(peak > 1 && peak <= destination.concurrency, `${peak} at once`)
    assert.equal(destination.concurrency, 16)
  })
})

describe('the two secrets of Pendo', () => {
  const clock = systemClock
  const { signal } = new AbortController()

  it('S3 without the secret of track events there is nowhere to send them', () => {
    const facts = { integrationKey: 'sandbox', trackSecret: null, baseUrl: 'http://127.0.0.1:1', clock }
    assert.deepEqual(Object.keys(pendoDestinations(facts)), ['pendo'])
  })

  it('S3 each goes only to its own API', async context => {
    const { subscription } = await pendoSink(context, 'pendo-events')
    const swapped = pendoDestinations({
      ...{ integrationKey: 'sandbox-secret', trackSecret: 'sandbox', baseUrl: subscription.url, clock },
    })
    const prepared = await swapped.pendo.prepare(signal)
    assert.equal(prepared.kind, 'needs-person')
    assert.match(prepared.kind === 'needs-person' ? prepared.message : '', /PENDO_INTEGRATION_KEY/)
    const { track } = swapped['pendo-events']?.objects ?? {}
    assert.ok(track?.kind === 'appended' && track.of === null)
    const { once = '', at = null, fields } = exported()
    const [result] = await track.put([{ key: once, fields, at, known: false, repeated: false }], signal)
    assert.equal(result?.kind, 'needs-person')
    assert.match(result?.kind === 'needs-person' ? result.message : '', /PENDO_TRACK_SECRET/)
    const { body } = await subscription.call('GET', '/_sandbox/requests')
    const statuses = body.filter(({ path }: { path: string }) => !path.startsWith('/_sandbox'))
    assert.ok(statuses.slice(-2).every(({ status }: { status: number }) => status === 403))
  })

  it('S3 an integration key that may not read keeps no event from being sent', async context => {
    const { write, done, told } = await pendoSink(context, 'pendo-events', { destination: { integrationKey: 'wrong' } })
    await write(exported({}, { id: 'sent' }))
    await done()
    assert.deepEqual(await told(), { sent: ['CREATED'] })
  })
})

describe('names that count towards the limits of Pendo', () => {
  const clock = manualClock()
  const client = { waitMs: () => 0, call: () => Promise.reject(new Error('nothing is asked')) }
  const fields = { event: 'New', visitorId: 'u-1', accountId: null, 'properties.new': 1, 'properties.old': 2 }

  it('S3 an event with the 5,001st name is not sent', () => {
    const names = namesInUse({ events: 2, properties: 10 })
    const { fit } = trackObject(client, names, clock)
    names.sent('Old', [])
    assert.equal(fit?.(fields, clock.now()).refusal, undefined)
    names.sent('Older', [])
    assert.equal(fit?.(fields, clock.now()).refusal, 'PENDO_EVENT_NAMES_FULL')
    assert.equal(fit?.({ ...fields, event: 'Old' }, clock.now()).refusal, undefined)
  })

  it('S3 a property with the 10,001st name is left out', () => {
    const names = namesInUse({ events: 10, properties: 1 })
    const { fit } = trackObject(client, names, clock)
    names.sent('Old', ['old'])
    const fitted = fit?.(fields, clock.now())
    assert.deepEqual(fitted?.adjustments, ['PENDO_PROPERTY_NAMES_FULL'])
    assert.equal(fitted?.fields['properties.new'], undefined)
    assert.equal(fitted?.fields['properties.old'], 2)
  })

  it('S3 those that Pendo lists count', async context => {
    const { subscription } = await pendoSink(context, 'pendo-events')
    await subscription.track({ event: 'Listed', timestamp: Date.now() })
    const names = namesInUse({ events: 1, properties: 1 })
    const facts = { key: 'sandbox', baseUrl: subscription.url, clock: systemClock }
    await names.read(createPendoClient({ ...facts, secret: 'PENDO_INTEGRATION_KEY' }), new AbortController().signal)
    assert.deepEqual([names.takesEvent('Listed'), names.takesEvent('Another')], [true, false])
  })
})
