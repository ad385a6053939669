import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readValue, spell, type Value } from '../../services/pendo-and-hubspot/values.ts'
import type { FieldType } from '../../topology/pendo-and-hubspot.ts'

/** As a side told it, and what both sides mean by it; undefined for what is none of the type. */
const rows: readonly (readonly [FieldType, Value, Value | undefined])[] = [
  ['text', 'Head of Data', 'Head of Data'],
  ['text', '', null],
  ['text', null, null],
  ['text', 42, '42'],
  ['number', '42', 42],
  ['number', '4.50', 4.5],
  ['number', 42, 42],
  ['number', '-0', 0],
  ['number', 'many', undefined],
  ['number', true, undefined],
  ['number', '', null],
  ['bool', 'true', true],
  ['bool', 'False', false],
  ['bool', true, true],
  ['bool', 'yes', undefined],
  ['date', '2026-03-04', '2026-03-04'],
  ['date', '1772582400000', '2026-03-04'],
  ['date', 86_400_000, '1970-01-02'],
  ['date', '2026-03-04T00:00:00.000Z', '2026-03-04'],
  ['date', 'soon', undefined],
  ['datetime', '2026-03-04T15:00:00Z', '2026-03-04T15:00:00.000Z'],
  ['datetime', '2026-03-04T16:00:00+01:00', '2026-03-04T15:00:00.000Z'],
  ['datetime', 1_772_636_400_000, '2026-03-04T15:00:00.000Z'],
]

const any: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map(date => date.toISOString()),
)
const type = fc.constantFrom<FieldType>('text', 'number', 'bool', 'date', 'datetime')

describe('values that Pendo and HubSpot share', () => {
  for (const [kind, told, meant] of rows)
    it(`P7 ${JSON.stringify(told)} as ${kind} is ${JSON.stringify(meant) ?? 'none'}`, () =>
      assert.equal(readValue(kind, told), meant))

  it('P7 are spelled so that each side says the same again', () => {
    fc.assert(
      fc.property(type, any, (kind, told) => {
        const meant = readValue(kind, told)
        if (meant === undefined) return
        for (const side of ['hubspot', 'pendo'] as const) {
          const spelled = spell(kind, side, meant)
          assert.equal(readValue(kind, spelled), meant)
          if (side === 'hubspot') assert.ok(spelled === null || typeof spelled === 'string')
        }
      }),
    )
  })
})
