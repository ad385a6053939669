import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { checkClaim } from '../../../services/identity/claims.ts'
import { objectTypes } from '../../../services/producers/hubspot/object-types.ts'
import { recordsOf } from '../../../services/producers/hubspot/outgoing.ts'
import type { Found } from '../../../services/producers/hubspot/rest/client.ts'
import { readRecord } from '../../../services/producers/hubspot/sweep/read-record.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { accounts, identityClaims, visitors } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { mapping, receivedAt } from './receiving.ts'

const [contacts, companies] = objectTypes
assert.ok(contacts && companies)
const facts = { chosen: mapping.properties, receivedAt }
const contact = (properties: Found['properties'], id: unknown = '501') =>
  readRecord({ id, properties }, contacts, facts)
const modified = { lastmodifieddate: '2026-08-25T09:00:00.123Z' }

let codec: Codec
before(async () => {
  const topics = [visitors, accounts, identityClaims]
  codec = await createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })
})

describe('a record that was read of HubSpot', () => {
  const cases: readonly (readonly [what: string, properties: Found['properties'], aliases: readonly string[]])[] = [
    ['its id', {}, []],
    ['its address', { email: ' Ada@Example.com ' }, ['email:ada@example.com']],
    [
      'each of its addresses once',
      { email: 'a@x.example', hs_additional_emails: 'b@x.example; A@x.example' },
      ['email:a@x.example', 'email:b@x.example'],
    ],
    ['no address that is none', { email: 'nobody', hs_additional_emails: ';;@' }, []],
  ]
  for (const [what, properties, more] of cases)
    it(`P7 is known by ${what}`, () => {
      const [seen, ...others] = contact({ ...modified, ...properties })?.claims ?? []
      assert.deepEqual([seen?.aliases, others], [['hubspot:contact:501', ...more], []])
    })

  it('P7 is one person with those that were merged into it', () => {
    const [, merged] = contact({ ...modified, hs_merged_object_ids: '502;503;501;x' })?.claims ?? []
    assert.equal(merged?.kind, 'MERGE')
    assert.deepEqual(
      merged?.aliases,
      ['501', '502', '503'].map(id => `hubspot:contact:${id}`),
    )
  })

  it('P7 has the time at which it was modified, and that of the reading when there is none or a later one', () => {
    const timeOf = (lastmodifieddate: unknown) => contact({ lastmodifieddate })?.record.value.occurredAt
    assert.equal(timeOf(modified.lastmodifieddate), Date.parse(modified.lastmodifieddate))
    for (const odd of [undefined, 'soon', '2126-01-01T00:00:00Z', {}]) assert.equal(timeOf(odd), receivedAt)
  })

  it('P7 is the same as long as nothing that is told of it changes, and another when something does', () => {
    const ada = { ...modified, email: 'a@x.example', city: 'London', lifecyclestage: 'lead' }
    const contentOf = (properties: Found['properties']) => contact(properties)?.content
    assert.equal(contentOf({ ...ada, lifecyclestage: 'customer', firstname: '' }), contentOf(ada))
    for (const other of [{ city: 'Paris' }, { city: null }, { email: 'b@x.example' }, { hs_merged_object_ids: '9' }])
      assert.notEqual(contentOf({ ...ada, ...other }), contentOf(ada))
  })

  for (const id of [undefined, null, '', 'x', '0', '-1', 1.5, {}, '1'.repeat(20)])
    it(`P7 is none with the id ${JSON.stringify(id)}`, () =>
      assert.equal(readRecord({ id, properties: modified }, contacts, facts), undefined))

  it('P7 of anything that HubSpot may answer becomes what can be written, or nothing', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(';', 'a@b.example;c@d.example', '502;503'))
    const properties = fc.dictionary(
      fc.constantFrom(...contacts.identity, 'city', 'domain', 'name', 'lastmodifieddate', '__proto__', 'firstname'),
      fc.oneof(text, fc.jsonValue()),
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(), fc.jsonValue()),
        properties,
        fc.constantFrom(...objectTypes),
        (id, values, type) => {
          const read = readRecord({ id, properties: values }, type, facts)
          if (!read) return
          recordsOf(codec, read)
          for (const claim of read.claims) checkClaim(claim)
          assert.ok(read.record.value.occurredAt <= receivedAt)
        },
      ),
      { numRuns: 500 },
    )
  })
})
