import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import avsc from 'avsc'
import fc from 'fast-check'
import { incompatibilities } from '../../schemas/compatibility.ts'
import { type AvroSchema, recordNames, schemaOf } from '../../schemas/records.ts'
import { schemaPairs } from './schema-pairs.ts'

const releasedFile = (name: string): string =>
  fileURLToPath(new URL(`../../schemas/released/${name}.avsc`, import.meta.url))

describe('schemas against the last release', () => {
  for (const name of recordNames) {
    it(`${name}: records written with the released schema can be read`, () => {
      assert.ok(existsSync(releasedFile(name)), `${name} was never released. Run \`node schemas/release.ts\`.`)
      const released = JSON.parse(readFileSync(releasedFile(name), 'utf8')) as AvroSchema
      const problems = incompatibilities(schemaOf(name), released)
      assert.equal(problems.join('\n'), '', `${name} breaks records of the last release:\n${problems.join('\n')}`)
    })
  }
})

const record = (fields: readonly object[], name = 'Order'): AvroSchema =>
  ({ type: 'record', name, namespace: 'shop', fields }) as unknown as AvroSchema
const field = (type: unknown, more: object = {}): object => ({ name: 'total', type, ...more })
const colour = (...symbols: string[]): object => ({ type: 'enum', name: 'Colour', symbols })
const time = { type: 'long', logicalType: 'timestamp-millis' }
const line = (type: unknown, name = 'Line'): object => ({ type: 'record', name, fields: [{ name: 'price', type }] })

describe('incompatibilities', () => {
  const cases: { name: string; next: AvroSchema; released: AvroSchema; expected: readonly string[] }[] = [
    { name: 'the same', next: record([field('long')]), released: record([field('long')]), expected: [] },
    {
      name: 'a new field with a default',
      next: record([field('long', { default: 0 })]),
      released: record([]),
      expected: [],
    },
    {
      name: 'a new field without a default',
      next: record([field('long')]),
      released: record([]),
      expected: ['total: the field is new and has no default'],
    },
    { name: 'a removed field', next: record([]), released: record([field('long')]), expected: [] },
    {
      name: 'a field with another name',
      next: record([{ name: 'sum', type: 'long' }]),
      released: record([field('long')]),
      expected: ['sum: the field is new and has no default'],
    },
    {
      name: 'a field with another name that remembers the old one',
      next: record([{ name: 'sum', type: 'long', aliases: ['total'] }]),
      released: record([field('long')]),
      expected: [],
    },
    {
      name: 'another type',
      next: record([field('string')]),
      released: record([field('long')]),
      expected: ['total: the type was long and is string'],
    },
    { name: 'a wider type', next: record([field('double')]), released: record([field('int')]), expected: [] },
    {
      name: 'a narrower type',
      next: record([field('int')]),
      released: record([field('long')]),
      expected: ['total: the type was long and is int'],
    },
    { name: 'a logical type', next: record([field(time)]), released: record([field('long')]), expected: [] },
    { name: 'text from bytes', next: record([field('string')]), released: record([field('bytes')]), expected: [] },
    {
      name: 'a field that may be null now',
      next: record([field(['null', 'long'])]),
      released: record([field('long')]),
      expected: [],
    },
    {
      name: 'a field that must not be null any more',
      next: record([field('long')]),
      released: record([field(['null', 'long'])]),
      expected: ['total: the type was null and is long'],
    },
    {
      name: 'a removed union branch',
      next: record([field(['null', 'long'])]),
      released: record([field(['null', 'long', 'string'])]),
      expected: ['total: the union lost the branch string'],
    },
    {
      name: 'an added union branch',
      next: record([field(['null', 'long', 'string'])]),
      released: record([field(['null', 'long'])]),
      expected: [],
    },
    {
      name: 'a removed symbol',
      next: record([field(colour('RED'))]),
      released: record([field(colour('RED', 'BLUE'))]),
      expected: ['total: the enum Colour lost BLUE and has no default to read it as'],
    },
    {
      name: 'a removed symbol that is read as the default',
      next: record([field({ ...colour('RED'), default: 'RED' })]),
      released: record([field(colour('RED', 'BLUE'))]),
      expected: [],
    },
    {
      name: 'an added symbol',
      next: record([field(colour('RED', 'BLUE'))]),
      released: record([field(colour('RED'))]),
      expected: [],
    },
    {
      name: 'a renamed enum',
      next: record([field({ ...colour('RED'), name: 'Hue' })]),
      released: record([field(colour('RED'))]),
      expected: ['total: the enum was named Colour and is named Hue'],
    },
    {
      name: 'a renamed record',
      next: record([], 'Purchase'),
      released: record([]),
      expected: ['the record: the record was named shop.Order and is named shop.Purchase'],
    },
    {
      name: 'a change inside an array of records',
      next: record([field({ type: 'array', items: line('int') })]),
      released: record([field({ type: 'array', items: line('string') })]),
      expected: ['total[].price: the type was string and is int'],
    },
    {
      name: 'a change inside a map',
      next: record([field({ type: 'map', values: line('int') })]),
      released: record([field({ type: 'map', values: line('string') })]),
      expected: ['total{}.price: the type was string and is int'],
    },
    {
      name: 'a change inside a record that may be null',
      next: record([field(['null', line('int')])]),
      released: record([field(['null', line('string')])]),
      expected: ['total.price: the type was string and is int'],
    },
    {
      name: 'a fixed of another size',
      next: record([field({ type: 'fixed', name: 'Digest', size: 32 })]),
      released: record([field({ type: 'fixed', name: 'Digest', size: 16 })]),
      expected: ['total: the size was 16 and is 32'],
    },
    {
      name: 'a record that contains itself',
      next: record([field(['null', 'Order'], { default: null }), { name: 'note', type: 'long' }]),
      released: record([field(['null', 'Order']), { name: 'note', type: 'string' }]),
      expected: ['note: the type was string and is long'],
    },
    {
      name: 'two mistakes at once',
      next: record([field('int'), { name: 'note', type: 'string' }]),
      released: record([field('string')]),
      expected: ['total: the type was string and is int', 'note: the field is new and has no default'],
    },
  ]
  for (const { name, next, released, expected } of cases) {
    it(name, () => assert.deepEqual(incompatibilities(next, released), expected))
  }

  it('says the same as avsc of any two small schemas, and names a path whenever it objects', () => {
    let refused = 0
    fc.assert(
      fc.property(schemaPairs, ({ next, released }) => {
        const problems = incompatibilities(next, released)
        if (problems.length > 0) refused += 1
        assert.equal(problems.length === 0, canRead(next, released), problems.join('\n') || 'no problem was seen')
        for (const problem of problems) assert.match(problem, /^(the record|[a-d][a-d.[\]{}]*): /)
      }),
      { numRuns: 500 },
    )
    assert.ok(refused > 25 && refused < 475, `of 500 pairs ${refused} are incompatible: too few of one kind`)
  })
})

const canRead = (next: AvroSchema, released: AvroSchema): boolean => {
  const [reader, writer] = [next, released].map(schema =>
    avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true }),
  )
  try {
    return reader !== undefined && writer !== undefined && reader.createResolver(writer) !== undefined
  } catch {
    return false
  }
}
