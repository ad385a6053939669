import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '../../services/runtime/avro-bounds.ts'
import avsc from 'avsc'
import fc from 'fast-check'

/** Counts the items that a decoder takes: `{ "type": …, "logicalType": "counted" }`. */
const countingTypes = () => {
  const taken = { items: 0 }
  class Counted extends avsc.types.LogicalType {
    protected override _fromValue(value: unknown): unknown {
      taken.items += 1
      return value
    }
  }
  return { taken, logicalTypes: { counted: Counted } }
}

const long = avsc.Type.forSchema('long')
/** The head of a block that claims `count` items, and in the form with a size when that is negative. */
const claim = (count: number): Buffer =>
  count < 0 ? Buffer.concat([long.toBuffer(count), long.toBuffer(8)]) : long.toBuffer(count)

const text = { type: 'string', logicalType: 'counted' } as const
const collections = {
  array: { type: 'array', items: text },
  map: { type: 'map', values: text },
  'array of arrays': { type: 'array', items: { type: 'array', items: text } },
  'map of maps': { type: 'map', values: { type: 'map', values: text } },
} as const

describe('a collection that claims more items than there are bytes', () => {
  for (const [name, schema] of Object.entries(collections)) {
    for (const count of [1_000, 3_000_000, 2 ** 31, 2 ** 52, -(2 ** 31)]) {
      it(`26 ${name} of ${count} is refused before an item is read`, () => {
        const { taken, logicalTypes } = countingTypes()
        const type = avsc.Type.forSchema(schema as unknown as avsc.Schema, { logicalTypes })
        const bomb = Buffer.concat([claim(count), Buffer.from('few bytes')])
        assert.throws(() => type.decode(bomb, 0), { message: 'count exceeds the bytes left' })
        assert.equal(taken.items, 0)
      })

      it(`26 ${name} of ${count} in a field that we do not have is refused too`, () => {
        const record = (fields: readonly object[]): avsc.Type =>
          avsc.Type.forSchema({ type: 'record', name: 'R', fields } as unknown as avsc.Schema)
        const [writer, reader] = [record([{ name: 'old', type: schema }]), record([])]
        const bomb = Buffer.concat([claim(count), Buffer.from('few bytes')])
        const read = (): unknown => reader.decode(bomb, 0, reader.createResolver(writer))
        // The form with a size says how much to skip, so it is over at once; the bytes are then too few.
        assert.throws(() => assert.ok((read() as { offset: number }).offset < 0), {
          message: 'count exceeds the bytes left',
        })
      })
    }

    it(`26 ${name}: no bytes make it take more items than there are bytes`, () => {
      const { taken, logicalTypes } = countingTypes()
      const type = avsc.Type.forSchema(schema as unknown as avsc.Schema, { logicalTypes })
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
          taken.items = 0
          try {
            type.decode(Buffer.from(bytes), 0)
          } catch {}
          return taken.items <= bytes.length
        }),
      )
    })
  }
})

describe('collections', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'))
  const maps = avsc.Type.forSchema(
    { type: 'map', values: ['null', 'boolean', 'double', 'string'] },
    { wrapUnions: false },
  )
  const values = fc.oneof(fc.constant(null), fc.boolean(), fc.double({ noNaN: true }), fc.string())

  it('come back as they went, whatever their names and values', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values)), entries => {
        const map = Object.fromEntries(entries)
        assert.deepEqual(maps.fromBuffer(maps.toBuffer(map)), map)
      }),
    )
    const lists = avsc.Type.forSchema({ type: 'array', items: 'string' })
    fc.assert(
      fc.property(fc.array(fc.string()), list => assert.deepEqual(lists.fromBuffer(lists.toBuffer(list)), list)),
    )
  })

  it('are read in several blocks, also those that tell their size', () => {
    const lists = avsc.Type.forSchema({ type: 'array', items: 'string' })
    const item = avsc.Type.forSchema('string').toBuffer('x')
    const blocks = [
      long.toBuffer(1),
      item,
      long.toBuffer(-2),
      long.toBuffer(2 * item.length),
      item,
      item,
      long.toBuffer(0),
    ]
    assert.deepEqual(lists.fromBuffer(Buffer.concat(blocks)), ['x', 'x', 'x'])
  })
})
