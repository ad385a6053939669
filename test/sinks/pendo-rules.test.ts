import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isPropertyName as takenByPendo } from '../../services/sandbox/pendo/limits.ts'
import { fitMetadata } from '../../services/sinks/pendo/metadata/fit.ts'
import { asName, asPropertyName, hashedName, isName } from '../../services/sinks/pendo/names.ts'
import { fitProperties } from '../../services/sinks/pendo/track/properties.ts'
import type { FieldValue } from '../../topology/define.ts'

const takesAll = () => true
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

const value = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
)
const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.stringMatching(/^[a-z_.]{1,40}$/),
  fc.constantFrom('__x__', '____', '1st', 'a.b', 'a_b', 'a b', 'größe', ''),
)

describe('names of properties', () => {
  const names: { given: string; becomes: string }[] = [
    { given: 'plan', becomes: 'plan' },
    { given: 'address.city', becomes: 'address_city' },
    { given: 'First Name', becomes: 'First_Name' },
    { given: '1st', becomes: '_1st' },
    { given: '__secret__', becomes: 'x__secret__' },
    { given: 'größe', becomes: 'gr__e' },
    { given: 'a'.repeat(32), becomes: 'a'.repeat(32) },
    { given: 'a'.repeat(33), becomes: hashedName('a'.repeat(33)) },
  ]
  for (const { given, becomes } of names) {
    it(`S3 ${given} is ${becomes}`, () => assert.equal(asPropertyName(given), becomes))
  }

  it('S3 are such as Pendo takes, whatever is given, and a second time change nothing', () => {
    fc.assert(
      fc.property(name, given => {
        for (const made of [asPropertyName(given), hashedName(given)]) {
          assert.ok(takenByPendo(made), made)
          assert.equal(asPropertyName(made), made)
        }
        assert.ok(isName(asName(given)))
      }),
    )
  })
})

describe('properties of a track event', () => {
  const rows: { what: string; given: Record<string, FieldValue>; kept: object; codes: readonly string[] }[] = [
    {
      what: 'as they are',
      given: { plan: 'pro', seats: 3, paid: true },
      kept: { plan: 'pro', seats: 3, paid: true },
      codes: [],
    },
    { what: 'without a value', given: { plan: null }, kept: {}, codes: [] },
    { what: 'renamed', given: { 'a b': 1 }, kept: { a_b: 1 }, codes: ['PENDO_PROPERTIES_RENAMED'] },
    {
      what: 'two that come to one name',
      given: { 'a b': 1, 'a.b': 2, a_b: 3 },
      kept: { [hashedName('a b')]: 1, [hashedName('a.b')]: 2, a_b: 3 },
      codes: ['PENDO_PROPERTIES_RENAMED'],
    },
    {
      what: 'too large, of which the small ones stay',
      given: { first: 1, long: 'x'.repeat(600), last: 2 },
      kept: { first: 1, last: 2 },
      codes: ['PENDO_PROPERTIES_TOO_LARGE'],
    },
  ]
  for (const { what, given, kept, codes } of rows) {
    it(`S3 ${what}`, () => {
      const fitted = fitProperties(given, takesAll)
      assert.deepEqual([fitted.properties, fitted.codes], [kept, codes])
    })
  }

  it('S3 have at most 512 bytes as JSON: one that has exactly so many stays', () => {
    const long = 'x'.repeat(512 - bytesOf({ a: '' }))
    assert.equal(bytesOf(fitProperties({ a: long }, takesAll).properties), 512)
    assert.deepEqual(fitProperties({ a: `${long}x` }, takesAll).properties, {})
    const shorter = long.slice(',"b":1'.length)
    assert.equal(bytesOf(fitProperties({ a: shorter, b: 1 }, takesAll).properties), 512)
    assert.deepEqual(fitProperties({ a: `${shorter}x`, b: 1 }, takesAll).properties, { a: `${shorter}x` })
  })

  it('S3 beyond the names that Pendo has room for are left out', () => {
    const { properties, codes } = fitProperties({ known: 1, other: 2 }, one => one === 'known')
    assert.deepEqual([properties, codes], [{ known: 1 }, ['PENDO_PROPERTY_NAMES_FULL']])
  })

  it('S3 come to what Pendo keeps, all of it, and every change has its code', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 30 }), given => {
        const { properties, codes } = fitProperties(given, takesAll)
        assert.ok(Object.keys(properties).every(takenByPendo))
        assert.ok(bytesOf(properties) <= 512)
        const wanted = Object.entries(given).filter(([, one]) => one !== null)
        const isSame = wanted.every(([key, one]) => Object.is(properties[key], one))
        assert.equal(codes.length === 0, isSame && Object.keys(properties).length === wanted.length)
        assert.deepEqual(fitProperties(properties, takesAll), { properties, codes: [] })
      }),
    )
  })
})

describe('metadata', () => {
  const known = new Map([
    ['firstname', 'string'],
    ['address_city', 'string'],
    ['seats', 'integer'],
    ['score', 'float'],
    ['paid', 'boolean'],
    ['since', 'time'],
    ['tags', 'list'],
    ['odd', 'a type of tomorrow'],
  ])
  const rows: { given: Record<string, FieldValue>; kept: object; codes: readonly string[] }[] = [
    { given: { firstname: 'Ada' }, kept: { firstname: 'Ada' }, codes: [] },
    { given: { firstName: 'Ada' }, kept: { firstname: 'Ada' }, codes: ['PENDO_FIELDS_RENAMED'] },
    { given: { 'address.city': 'Oslo' }, kept: { address_city: 'Oslo' }, codes: ['PENDO_FIELDS_RENAMED'] },
    { given: { firstName: 'Ada', firstname: 'Bea' }, kept: { firstname: 'Bea' }, codes: ['PENDO_FIELDS_UNKNOWN'] },
    { given: { shoe_size: 43 }, kept: {}, codes: ['PENDO_FIELDS_UNKNOWN'] },
    { given: { firstname: null, seats: null }, kept: { firstname: null, seats: null }, codes: [] },
    { given: { firstname: 42 }, kept: { firstname: '42' }, codes: ['PENDO_VALUES_CONVERTED'] },
    { given: { seats: 3, score: 2.5, paid: false }, kept: { seats: 3, score: 2.5, paid: false }, codes: [] },
    {
      given: { seats: '3', score: '2.5', paid: 'true' },
      kept: { seats: 3, score: 2.5, paid: true },
      codes: ['PENDO_VALUES_CONVERTED'],
    },
    { given: { seats: 2.5 }, kept: {}, codes: ['PENDO_VALUES_UNFIT'] },
    { given: { seats: '03', score: 'many', paid: 'yes' }, kept: {}, codes: ['PENDO_VALUES_UNFIT'] },
    { given: { since: '2026-10-14T12:00:00Z' }, kept: { since: '2026-10-14T12:00:00Z' }, codes: [] },
    { given: { since: 1_791_968_670_000 }, kept: { since: 1_791_968_670_000 }, codes: [] },
    { given: { since: 'soon' }, kept: {}, codes: ['PENDO_VALUES_UNFIT'] },
    { given: { tags: '["a"]' }, kept: {}, codes: ['PENDO_VALUES_UNFIT'] },
    { given: { odd: 'any' }, kept: { odd: 'any' }, codes: [] },
  ]
  for (const { given, kept, codes } of rows) {
    it(`S1 S2 ${JSON.stringify(given)} comes to ${JSON.stringify(kept)}`, () => {
      assert.deepEqual(fitMetadata(given, known), { fields: kept, adjustments: codes })
    })
  }

  it('S1 S2 that was fitted once is not changed again', () => {
    const names = fc.oneof(fc.constantFrom(...known.keys(), 'firstName', 'address.city', 'SEATS'), name)
    fc.assert(
      fc.property(fc.dictionary(names, value), given => {
        const { fields } = fitMetadata(given, known)
        assert.deepEqual(fitMetadata(fields, known), { fields, adjustments: [] })
      }),
    )
  })
})
