import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Track } from '../../schemas/generated.ts'
import { productEventsReference } from '../../services/commands/generate/product-events.ts'
import { unfit } from '../../services/product-events/unfit.ts'
import { misfits } from '../../services/sinks/hubspot/product-events/fitting.ts'
import { deadLetters, receipts, tracks } from '../../topology/topics.ts'
import { addContact, contactsOf } from '../sinks/hubspot-sink.ts'
import { productEvent } from './events.ts'
import { openTimelines } from './timeline.ts'

/** Timelines with one contact whose visitor is known. */
const withAda = async (context: TestContext, options: Parameters<typeof openTimelines>[1] = {}) => {
  const opened = await openTimelines(context, options)
  const { account, system, arrived, occurrences } = opened
  const id = await addContact(account, { email: 'ada@example.com' })
  await system.person('user:42', `hubspot:contact:${id}`)
  /** Sends events one after the other; gives all occurrences. */
  const sent = async (...events: readonly Partial<Track>[]) => {
    for (const over of events) {
      const before = (await occurrences()).length
      await system.given(tracks, productEvent(over))
      await arrived(before + 1)
    }
    return await occurrences()
  }
  const adjustments = async () => (await system.values(receipts)).map(each => each.adjustments.join())
  return { ...opened, sent, adjustments }
}

const events = (consumer: string, outcome: string) => ({ consumer, outcome })

/** Each row of the reference, tried from the topic of tracks to the emulated account. */
const trials: Readonly<Record<keyof typeof unfit, (context: TestContext) => Promise<void>>> = {
  'not-selected': async context => {
    const { system, sent } = await withAda(context)
    await system.given(tracks, productEvent({ core: false }), productEvent({ kind: 'SCREEN' }))
    assert.equal((await sent({ name: 'selected' })).length, 1)
    const counted = await system.metrics.value('tributary_events_total', events('product-events', 'not-concerned'))
    assert.equal(counted, 2)
  },
  'no-person': async context => {
    const { system, sent } = await withAda(context, { parkLimitMs: 60_000 })
    await system.given(tracks, productEvent({ person: 'user:nobody' }))
    system.clock.advance(61_000)
    assert.equal((await sent({})).length, 1)
    assert.equal(await system.metrics.value('tributary_events_total', events('product-events', 'expired')), 1)
    assert.deepEqual(await system.records(deadLetters.name), [])
  },
  'no-address': async context => {
    const { account, system, sent } = await withAda(context, { createContacts: true })
    await system.person('user:43', 'email:grace@example.com')
    await system.given(tracks, productEvent({ person: 'user:43' }))
    assert.equal((await sent({})).length, 1)
    assert.equal((await contactsOf(account)).length, 1)
  },
  repeated: async context => {
    const { system, sent } = await withAda(context)
    const event = productEvent()
    await sent(event)
    await system.given(tracks, event, event)
    assert.equal((await sent({ name: 'other' })).length, 2)
  },
  'null-property': async context => {
    const { sent, adjustments } = await withAda(context)
    const [occurrence] = await sent({ properties: { format: null, rows: 1 } })
    assert.deepEqual([occurrence?.['format'], occurrence?.['rows']], [undefined, '1'])
    assert.deepEqual(await adjustments(), [''])
  },
  'odd-event-name': async context => {
    const { sent } = await withAda(context)
    const names = (await sent({ name: 'n'.repeat(80) }, { name: 'Crème brûlée!' }, { name: '報告' })).map(
      ({ eventName }) => eventName,
    )
    assert.deepEqual(names.slice(0, 2), [`pendo_track_${'n'.repeat(38)}`, 'pendo_track_creme_brulee'])
    assert.match(names[2] ?? '', /^pendo_track_[0-9a-f]{6}$/)
  },
  'same-event-name': async context => {
    const { sent } = await withAda(context)
    const occurrences = await sent(
      { name: 'Report exported' },
      { name: 'report-exported' },
      { name: 'Report exported' },
    )
    const [first, second, third] = occurrences.map(({ eventName }) => eventName)
    assert.deepEqual([first, third], ['pendo_track_report_exported', 'pendo_track_report_exported'])
    assert.match(second ?? '', /^pendo_track_report_exported_[0-9a-f]{6}$/)
  },
  'odd-property-name': async context => {
    const { sent, adjustments } = await withAda(context)
    const properties = { '2nd': 'a', hs_browser: 'b', [`long ${'x'.repeat(80)}`]: 'c', 報告: 'd' }
    const [occurrence] = await sent({ properties })
    assert.deepEqual([occurrence?.['p_2nd'], occurrence?.['p_hs_browser']], ['a', 'b'])
    assert.equal(occurrence?.[`long_${'x'.repeat(45)}`], 'c')
    assert.ok(Object.entries(occurrence ?? {}).some(([name, value]) => value === 'd' && /^p_[0-9a-f]{6}$/.test(name)))
    assert.deepEqual(await adjustments(), [''])
  },
  'many-properties': async context => {
    const { sent, adjustments } = await withAda(context)
    const properties = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`term${n}`, n]))
    const [occurrence] = await sent({ properties })
    assert.equal(Object.keys(occurrence ?? {}).filter(name => name.startsWith('term')).length, 50)
    assert.deepEqual(await adjustments(), ['HUBSPOT_PROPERTIES_TOO_MANY'])
  },
  'other-type': async context => {
    const { sent, adjustments } = await withAda(context)
    const [, text, wrong] = await sent(
      { properties: { rows: 1 } },
      { properties: { rows: '2' } },
      { properties: { rows: 'many', format: 'csv' } },
    )
    assert.deepEqual([text?.['rows'], wrong?.['rows'], wrong?.['format']], ['2', undefined, 'csv'])
    assert.equal((await adjustments()).at(-1), 'HUBSPOT_PROPERTY_OF_OTHER_TYPE')
  },
  decimals: async context => {
    const { sent, adjustments, system } = await withAda(context)
    const [occurrence] = await sent({ properties: { price: 19.96 } })
    assert.equal(occurrence?.['price'], '20')
    assert.deepEqual(await adjustments(), ['HUBSPOT_PROPERTY_ROUNDED'])
    const labels = { sink: 'hubspot-events', code: 'HUBSPOT_PROPERTY_ROUNDED' }
    assert.equal(await system.metrics.value('tributary_adjustments_total', labels), 1)
  },
  'no-number': async context => {
    const { sent, adjustments } = await withAda(context)
    const [occurrence] = await sent({ properties: { ratio: Number.POSITIVE_INFINITY, rows: 1e16, format: 'csv' } })
    assert.deepEqual(
      [occurrence?.['ratio'], occurrence?.['rows'], occurrence?.['format']],
      [undefined, undefined, 'csv'],
    )
    assert.deepEqual(await adjustments(), ['HUBSPOT_PROPERTY_NO_NUMBER'])
  },
  'long-text': async context => {
    const { sent, adjustments } = await withAda(context)
    const [occurrence] = await sent({ properties: { text: 'x'.repeat(300), page_url: 'y'.repeat(1_030) } })
    assert.deepEqual([occurrence?.['text']?.length, occurrence?.['page_url']?.length], [256, 1_024])
    assert.deepEqual(await adjustments(), ['HUBSPOT_PROPERTY_CUT'])
  },
  'all-defined': async context => {
    const { account, system, sent, until } = await withAda(context)
    await sent({ name: 'Known' })
    const path = '/events/v3/event-definitions'
    for (let made = (await account.call('GET', path)).body.total; made < 500; made++)
      await account.call('POST', path, { label: `Other ${made}`, name: `other_${made}` })
    await system.given(tracks, productEvent({ name: 'New' }))
    await until(async () => (await system.records(deadLetters.name)).length > 0)
    const [letter] = await system.records(deadLetters.name)
    assert.equal(letter?.headers['error.code']?.toString(), 'HUBSPOT_EVENT_NOT_DEFINED')
    assert.equal((await sent({ name: 'Known' })).length, 2)
  },
}

describe('what does not fit HubSpot, or belongs on nobody’s timeline', () => {
  for (const [row, trial] of Object.entries(trials)) {
    it(`P3 P4 P5 ${unfit[row as keyof typeof unfit].given}`, trial)
  }

  it('P5 is told by codes whose meaning is in the reference', () => {
    const reference = productEventsReference().join('\n')
    const missing = Object.entries(misfits).filter(
      ([code, meaning]) => !(reference.includes(`| \`${code}\` |`) && reference.includes(meaning.slice(1))),
    )
    assert.deepEqual(missing, [])
  })
})
