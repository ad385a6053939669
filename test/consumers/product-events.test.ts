import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { Track } from '../../schemas/generated.ts'
import { productContactsBy } from '../../services/consumers/product-contacts.ts'
import productEvents, { productEventsBy } from '../../services/consumers/product-events.ts'
import type { Person } from '../../topology/define.ts'
import type { PendoToHubSpot } from '../../topology/pendo-to-hubspot.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetters, hubspotEvents, tracks } from '../../topology/topics.ts'
import { productEvent, selecting } from '../product-events/events.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { ada, drive, writesTo } from './drive.ts'
import { checkLaws } from './laws.ts'

const target = 'hubspot:product_event'
const known: Person = { ...ada, aliases: [...ada.aliases, 'user:42', 'hubspot:contact:501'] }
const when = (event: Track, over: Partial<PendoToHubSpot> = {}) =>
  writesTo(drive(productEventsBy(selecting(over))).when(event, known), target)

describe('product-events', () => {
  const kinds = { TRACK: 'track', PAGE: 'page', FEATURE: 'feature' } as const
  for (const [kind, called] of Object.entries(kinds)) {
    it(`P1 a ${called} becomes an occurrence, once per event at the source, at its time`, () => {
      const event = productEvent({ kind: kind as Track['kind'], properties: { format: 'csv' } })
      const [write, ...others] = when(event)
      assert.deepEqual(others, [])
      assert.equal(write?.operation, 'APPEND')
      assert.equal(write?.once, `product:${event.eventId}`)
      assert.equal(write?.at, event.occurredAt)
      assert.deepEqual(write?.fields, {
        'event.kind': called,
        'event.name': 'Report exported',
        'property.format': 'csv',
      })
    })
  }

  const properties: { name: string; given: Track['properties']; over?: Partial<PendoToHubSpot>; fields: object }[] = [
    {
      name: 'texts, numbers and truths, as they are',
      given: { format: 'csv', rows: 1250.5, scheduled: false },
      fields: { 'property.format': 'csv', 'property.rows': 1250.5, 'property.scheduled': false },
    },
    { name: 'null is none', given: { format: null }, fields: {} },
    {
      name: 'only those that are chosen',
      given: { format: 'csv', email: 'ada@example.com' },
      over: { properties: { except: ['email'] } },
      fields: { 'property.format': 'csv' },
    },
    {
      name: 'one named like what says which event it is',
      given: { 'event.name': 'x', name: 'y' },
      fields: { 'property.event.name': 'x', 'property.name': 'y' },
    },
    {
      name: 'one named like a method of objects',
      given: { constructor: 'x' },
      fields: { 'property.constructor': 'x' },
    },
  ]
  for (const { name, given, over = {}, fields } of properties) {
    it(`P5 properties: ${name}`, () => {
      const [write] = when(productEvent({ properties: given }), over)
      const { 'event.kind': _, 'event.name': __, ...rest } = write?.fields ?? {}
      assert.deepEqual(rest, fields)
    })
  }
})

let system: TestSystem

describe('an event of the product', () => {
  afterEach(() => system.close())
  const start = async (over: Partial<PendoToHubSpot> = {}, parkLimitMs?: number): Promise<void> => {
    const consumers = [productEventsBy(selecting(over)), productContactsBy(selecting(over))]
    system = await startTestSystem({ ...pipeline, consumers }, parkLimitMs === undefined ? {} : { parkLimitMs })
  }
  const sent = async (): Promise<unknown[]> =>
    (await system.values(hubspotEvents)).map(({ fields }) => fields['event.name'])
  const outcomes = (outcome: string): Promise<number> =>
    system.metrics.value('tributary_events_total', { consumer: 'product-events', outcome })

  it('P3 waits while nobody knows the visitor, and goes once the contact is known, in order and once', async () => {
    await start()
    const [first, second] = [productEvent({ name: 'first' }), productEvent({ name: 'second' })]
    await system.given(tracks, first, second, first)
    assert.deepEqual(await sent(), [])
    await system.person('user:42', 'email:ada@example.com')
    assert.deepEqual(await sent(), [], 'a person without a contact is not enough')
    await system.restart()
    await system.given(tracks, productEvent({ name: 'third' }))
    await system.claim({ aliases: ['email:ada@example.com', 'hubspot:contact:501'] })
    assert.deepEqual(await sent(), ['first', 'second', 'third'])
    await system.restart()
    await system.given(tracks, productEvent({ name: 'fourth' }))
    assert.deepEqual(await sent(), ['first', 'second', 'third', 'fourth'])
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
  })

  it('P2 goes at once to a visitor who is known by the record id alone', async () => {
    await start()
    const id = await system.person('user:42', 'hubspot:contact:501')
    await system.given(tracks, productEvent())
    const [write] = await system.values(hubspotEvents)
    assert.equal(write?.person, id)
  })

  it('P3 somebody else is not held up', async () => {
    await start()
    await system.person('user:43', 'hubspot:contact:502')
    await system.given(tracks, productEvent({ name: 'waits' }), productEvent({ name: 'goes', person: 'user:43' }))
    assert.deepEqual(await sent(), ['goes'])
  })

  it('P3 waits for PARK_LIMIT, is then counted, and is no dead letter: many visitors are never known', async () => {
    await start({}, 60_000)
    await system.given(tracks, productEvent({ name: 'too early' }))
    system.clock.advance(61_000)
    await system.settle()
    await system.person('user:42', 'hubspot:contact:501')
    assert.deepEqual(await sent(), [])
    assert.equal(await outcomes('expired'), 1)
    assert.deepEqual(await system.records(deadLetters.name), [])
  })

  it('P4 that is not selected is not sent and does not wait', async () => {
    await start()
    await system.given(tracks, productEvent({ core: false }), productEvent({ source: 'segment:web' }))
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
    assert.equal(await outcomes('not-concerned'), 2)
    await system.person('user:42', 'hubspot:contact:501')
    assert.deepEqual(await sent(), [])
  })

  it('P8 waits no more when it was switched off meanwhile', async () => {
    const switched = { ...selecting()() }
    let on = true
    const selection = () => ({ ...switched, selects: (event: Track) => on && switched.selects(event) })
    system = await startTestSystem({ ...pipeline, consumers: [productEventsBy(selection)] })
    await system.given(tracks, productEvent({ name: 'waits' }))
    on = false
    await system.person('user:42', 'hubspot:contact:501')
    assert.deepEqual(await sent(), [])
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
  })
})

const contact = (user: string, id: string) => ({ person: user, aliases: [user, `hubspot:contact:${id}`] })
checkLaws(productEvents, [
  productEvent({ ...contact('user:42', '501'), properties: { format: 'csv', rows: 2 } }),
  productEvent({ ...contact('user:42', '501'), kind: 'PAGE', name: 'Dashboard' }),
  productEvent({ ...contact('user:43', '502'), kind: 'FEATURE', name: 'Export' }),
])
