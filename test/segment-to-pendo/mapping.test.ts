import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chosenEvent, chosenValues } from '../../services/segment-to-pendo/chosen.ts'
import { metadataFieldsOf } from '../../services/segment-to-pendo/needed-fields.ts'
import { accountWrites, trackWrites, visitorWrites } from '../../services/segment-to-pendo/writes.ts'
import {
  type ChosenEvents,
  type ChosenValues,
  type SegmentToPendo,
  segmentToPendo,
} from '../../topology/segment-to-pendo.ts'
import { account, nameless, track, visitor } from './events.ts'

const mapped = (over: Partial<SegmentToPendo>): SegmentToPendo => ({ ...segmentToPendo, ...over })

describe('what a sender says of destinations', () => {
  const rows: { destinations: Record<string, boolean>; sent: boolean }[] = [
    { destinations: {}, sent: true },
    { destinations: { HubSpot: false }, sent: true },
    { destinations: { Pendo: false }, sent: false },
    { destinations: { All: false }, sent: false },
    { destinations: { All: true, Pendo: false }, sent: false },
    { destinations: { All: false, Pendo: true }, sent: true },
    { destinations: { All: false, pendo: true }, sent: false },
  ]
  for (const { destinations, sent } of rows)
    it(`S4 ${JSON.stringify(destinations)} is ${sent ? 'sent to' : 'kept from'} Pendo, whatever it is`, () => {
      const writes = [
        visitorWrites(visitor({ destinations }), segmentToPendo),
        accountWrites(account({ destinations }), segmentToPendo),
        trackWrites(track({ destinations }), segmentToPendo),
      ]
      assert.deepEqual(
        writes.map(({ length }) => length),
        [Number(sent), Number(sent), Number(sent)],
      )
    })
})

describe('the values that a mapping chooses', () => {
  const given = { plan: 'pro', seats: 3, 'address.city': 'Oslo', phone: null }
  const rows: { name: string; chosen: ChosenValues; sent: object }[] = [
    { name: 'all', chosen: { send: 'all' }, sent: given },
    {
      name: 'all except some',
      chosen: { send: 'all', except: ['phone', 'seats'] },
      sent: { plan: 'pro', 'address.city': 'Oslo' },
    },
    { name: 'some, of which one is not there', chosen: { send: ['seats', 'none'] }, sent: { seats: 3 } },
    { name: 'renamed', chosen: { send: ['address.city'], rename: { 'address.city': 'city' } }, sent: { city: 'Oslo' } },
    {
      name: 'renamed to a name that another one has: the renamed counts',
      chosen: { send: 'all', except: ['address.city', 'phone'], rename: { seats: 'plan' } },
      sent: { plan: 3 },
    },
    {
      name: 'with constants, which count more',
      chosen: { send: ['plan'], constants: { plan: 'x', origin: 'segment' } },
      sent: { plan: 'x', origin: 'segment' },
    },
    { name: 'nothing', chosen: { send: [] }, sent: {} },
  ]
  for (const { name, chosen, sent } of rows) it(`S4 ${name}`, () => assert.deepEqual(chosenValues(chosen, given), sent))

  it('S4 are in the order in which they were chosen, constants first', () => {
    const chosen = { send: ['seats', 'plan'], constants: { origin: 'segment' } }
    assert.deepEqual(Object.keys(chosenValues(chosen, given)), ['origin', 'seats', 'plan'])
  })

  it('S4 may be called like what every object has', () => {
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}')
    assert.deepEqual(Object.entries(chosenValues({ send: 'all' }, odd)), Object.entries(odd))
  })
})

describe('the events that a mapping chooses', () => {
  const chosen: ChosenEvents = {
    ...{ others: 'leave-out', send: 'all' },
    events: { Ordered: { name: 'Bought', send: ['total'] }, Viewed: {}, Heartbeat: 'leave-out' },
  }
  const rows: { name: string; chosen: ChosenEvents; event: string; sent: readonly unknown[] | undefined }[] = [
    { name: 'renamed, with its own properties', chosen, event: 'Ordered', sent: ['Bought', ['total']] },
    { name: 'as it is', chosen, event: 'Viewed', sent: ['Viewed', 'all'] },
    { name: 'not named', chosen, event: 'Other', sent: undefined },
    {
      name: 'not named, when others are sent',
      chosen: { ...chosen, others: 'send' },
      event: 'Other',
      sent: ['Other', 'all'],
    },
    { name: 'left out', chosen: { ...chosen, others: 'send' }, event: 'Heartbeat', sent: undefined },
    {
      name: 'under a common name',
      chosen: { others: 'send', send: 'all', called: 'Viewed {name} page' },
      event: 'Home',
      sent: ['Viewed Home page', 'all'],
    },
    {
      name: 'with a name like a pattern',
      chosen: { others: 'send', send: 'all', called: 'Page {name}' },
      event: '$&',
      sent: ['Page $&', 'all'],
    },
    { name: 'called like what every object has', chosen, event: 'constructor', sent: undefined },
  ]
  for (const { name, chosen: choice, event, sent } of rows) {
    it(`S4 ${name}`, () => {
      const result = chosenEvent(choice, event)
      assert.deepEqual(result && [result.name, result.values.send], sent)
    })
  }
})

describe('what a mapping makes of calls', () => {
  const keysOf = (writes: readonly { readonly key: string | null }[]) => writes.map(({ key }) => key)

  it('S6 pages and screens are track events when they are mapped', () => {
    const page: ChosenEvents = { others: 'send', called: 'Viewed {name}', send: ['path'] }
    const [write] = trackWrites(
      track({ kind: 'PAGE', name: 'Pricing', properties: { path: '/p', title: 'P' } }),
      mapped({ page }),
    )
    assert.deepEqual(write?.fields, {
      ...{ event: 'Viewed Pricing', visitorId: 'u-1', accountId: 'acme' },
      'properties.path': '/p',
    })
    const screen: ChosenEvents = { others: 'send', send: 'all' }
    assert.equal(trackWrites(track({ kind: 'SCREEN' }), mapped({ screen })).length, 1)
    assert.equal(trackWrites(track({ kind: 'FEATURE' }), mapped({ page, screen })).length, 0)
  })

  it('S4 a call that is left out asks for nothing', () => {
    assert.deepEqual(visitorWrites(visitor(), mapped({ identify: 'leave-out' })), [])
    assert.deepEqual(accountWrites(account(), mapped({ group: 'leave-out' })), [])
    assert.deepEqual(trackWrites(track(), mapped({ track: 'leave-out' })), [])
    const [write] = visitorWrites(visitor({ account: 'acme' }), mapped({ group: 'leave-out' }))
    assert.deepEqual(write?.fields, { plan: 'pro' })
    const [other] = visitorWrites(visitor({ account: 'acme' }), mapped({ identify: 'leave-out' }))
    assert.deepEqual(other?.fields, { accountid: 'acme' })
  })

  it('S4 the account of a visitor is in the field that is chosen, or in none', () => {
    const group = { send: 'all', visitorField: 'company' } as const
    const belonging = visitor({ account: 'acme', traits: {} })
    assert.deepEqual(visitorWrites(belonging, mapped({ group }))[0]?.fields, { company: 'acme' })
    const none = mapped({ group: { ...group, visitorField: null }, identify: 'leave-out' })
    assert.deepEqual(visitorWrites(belonging, none), [])
  })

  it('S4 somebody without a user id is their device, when that is chosen', () => {
    const mapping = mapped({ anonymous: 'as-device' })
    assert.deepEqual(keysOf(visitorWrites(visitor(nameless), mapping)), ['_PENDO_T_device-1'])
    assert.equal(trackWrites(track(nameless), mapping)[0]?.fields.visitorId, '_PENDO_T_device-1')
    assert.deepEqual(keysOf(visitorWrites(visitor(), mapping)), ['u-1'])
    const byAddress = { person: 'email:ada@example.com', aliases: ['email:ada@example.com'] }
    assert.deepEqual(visitorWrites(visitor(byAddress), mapping), [])
  })
})

describe('the metadata fields that a mapping needs', () => {
  it('S4 are those that it names', () => {
    const identify = { send: ['plan', 'firstName'], rename: { firstName: 'first' }, constants: { origin: 'segment' } }
    const group = { send: 'all', rename: { name: 'company' }, visitorField: 'accountid' } as const
    assert.deepEqual(metadataFieldsOf(mapped({ identify, group })), {
      visitor: ['plan', 'first', 'origin', 'accountid'],
      account: ['company'],
    })
    assert.deepEqual(metadataFieldsOf(mapped({ identify: 'leave-out', group: 'leave-out' })), {
      visitor: [],
      account: [],
    })
  })
})
