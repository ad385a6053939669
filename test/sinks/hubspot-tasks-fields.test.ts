import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { propertyTextLength } from '../../services/sinks/hubspot/limits.ts'
import { addressesIn, fitTask, heldFields, propertiesOf } from '../../services/sinks/hubspot/tasks/fields.ts'
import { nobody, type Owners } from '../../services/sinks/hubspot/tasks/owners.ts'

const owners: Owners = {
  kind: 'owners',
  idOf: addresses => (addresses.includes('ada@example.com') ? '7' : undefined),
  addressOf: id => (id === '7' ? 'ada@example.com' : undefined),
}

describe('the fields of a task in HubSpot', () => {
  it('T1 stay as they are when HubSpot takes them', () => {
    const fields = { hs_task_subject: 'x'.repeat(propertyTextLength), hs_task_body: null, deleted: false }
    assert.deepEqual(fitTask(fields), { fields, adjustments: [] })
  })

  it('T1 are cut to what HubSpot takes, and told', () => {
    const long = 'x'.repeat(propertyTextLength + 1)
    const { fields, adjustments } = fitTask({ hs_task_subject: long, hs_task_body: long })
    assert.equal(String(fields['hs_task_subject']).length, propertyTextLength)
    assert.deepEqual(adjustments, ['HUBSPOT_TASK_SUBJECT_CUT', 'HUBSPOT_TASK_BODY_CUT'])
  })

  it('T1 keep characters, tags and entities whole where they are cut', () => {
    const filled = (rest: string, place: number): string => `${'x'.repeat(propertyTextLength - place)}${rest}`
    const body = (html: string): unknown => fitTask({ hs_task_body: html }).fields['hs_task_body']
    assert.equal(body(filled('<b class="y">z</b>', 5)), 'x'.repeat(propertyTextLength - 5))
    assert.equal(body(filled('&amp;zzz', 2)), 'x'.repeat(propertyTextLength - 2))
    const subject = fitTask({ hs_task_subject: filled('👩zzz', 1) }).fields['hs_task_subject']
    assert.equal(subject, 'x'.repeat(propertyTextLength - 1))
  })

  it('T1 that were cut are cut no further', () => {
    const piece = fc.oneof(fc.constantFrom('<b>', '</b>', '&amp;', '👩', '<', '&'), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
        const html = `${'x'.repeat(propertyTextLength - 20)}${pieces.join('')}`
        const once = fitTask({ hs_task_body: html, hs_task_subject: html }).fields
        assert.deepEqual(fitTask(once), { fields: once, adjustments: [] })
        assert.ok(html.startsWith(String(once['hs_task_body'])))
      }),
    )
  })

  it('T1 reach HubSpot as texts, the empty one for what is cleared', () => {
    const fields = { hs_task_subject: 'Call', hs_task_body: null, contact: '12', deleted: false }
    const { properties } = propertiesOf(fields, nobody)
    assert.deepEqual(properties, { hs_task_subject: 'Call', hs_task_body: '' })
  })

  it('T6 are given to the first owner that HubSpot knows, to nobody, or left as they are', () => {
    for (const [value, expected, adjustments] of [
      ['ada@example.com', '7', []],
      ['bob@example.com  ada@example.com', '7', []],
      ['bob@example.com', undefined, ['OWNER_UNKNOWN']],
      [null, '', []],
    ] as const) {
      const set = propertiesOf({ hubspot_owner_id: value }, owners)
      assert.deepEqual([set.properties['hubspot_owner_id'], set.adjustments], [expected, adjustments])
    }
    assert.ok(!('hubspot_owner_id' in propertiesOf({ hs_task_subject: 'x' }, owners).properties))
  })

  it('T6 name any number of addresses', () => {
    fc.assert(
      fc.property(fc.array(fc.emailAddress()), addresses => {
        assert.deepEqual(addressesIn({ hubspot_owner_id: ` ${addresses.join('  ')} ` }), addresses)
      }),
    )
  })

  it('T1 are read as a write would say them', () => {
    const properties = { hs_timestamp: '2026-03-04T15:00:00Z', hubspot_owner_id: '7', hs_task_body: '' }
    const names = ['hs_timestamp', 'hubspot_owner_id', 'hs_task_body', 'contact', 'company', 'deleted']
    assert.deepEqual(heldFields(names, { properties, contact: '12', company: 'domain:a.example', owners }), {
      hs_timestamp: '2026-03-04T15:00:00.000Z',
      hubspot_owner_id: 'ada@example.com',
      hs_task_body: null,
      contact: '12',
      company: 'domain:a.example',
      deleted: false,
    })
  })
})
