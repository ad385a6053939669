import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Track } from '../../schemas/generated.ts'
import { type AvroSchema, schemaOf } from '../../schemas/records.ts'
import type { Codec } from '../../services/runtime/codec.ts'
import { tracks } from '../../topology/topics.ts'
import { type CodecUnderTest, codecUnderTest, codeOf, framed, track, writtenWith } from './codec-under-test.ts'

let under: CodecUnderTest
let codec: Codec
beforeEach(async () => {
  under = await codecUnderTest()
  codec = under.codec
})

describe('a record of another version', () => {
  /** Decodes what a program with this schema wrote to `tracks`. */
  const read = async (schema: AvroSchema, value: unknown): Promise<Track> => {
    const id = 900 + under.asked.length
    under.answer(() => Promise.resolve(schema))
    const bytes = framed(id, writtenWith(schema, value))
    await under.patiently(codec.prepare([bytes]))
    return codec.decode(tracks, bytes)
  }
  type Definition = Extract<AvroSchema, { readonly type: AvroSchema }>
  const ours = schemaOf('track') as Definition
  const withFields = (change: (fields: readonly object[]) => readonly object[]): AvroSchema =>
    ({ ...ours, fields: change(ours.fields ?? []) }) as AvroSchema
  const without = (...names: string[]): AvroSchema =>
    withFields(fields => fields.filter(field => !names.includes((field as { name: string }).name)))
  const replaced = (replacedName: string, type: unknown): AvroSchema =>
    withFields(fields =>
      fields.map(field => ((field as { name: string }).name === replacedName ? { name: replacedName, type } : field)),
    )

  it('an older one gets the defaults of what it lacks', async () => {
    const { core: _, properties: __, account: ___, ...older } = track
    assert.deepEqual(await read(without('core', 'properties', 'account'), older), { ...track, account: null })
  })

  it('a newer one loses what we do not know', async () => {
    const schema = withFields(fields => [{ name: 'mood', type: { type: 'map', values: 'string' } }, ...fields])
    assert.deepEqual(await read(schema, { ...track, mood: { today: 'good' } }), track)
  })

  it('25 another order of fields and a narrower number give the same value', async () => {
    const schema = withFields(fields =>
      fields
        .toReversed()
        .map(field => ((field as { name: string }).name === 'occurredAt' ? { ...field, type: 'int' } : field)),
    )
    assert.deepEqual(await read(schema, { ...track, occurredAt: 12 }), { ...track, occurredAt: 12 })
  })

  it('25 a field that may have more types gives the same value for the types we know', async () => {
    const schema = replaced('properties', { type: 'map', values: ['null', 'boolean', 'int', 'double', 'string'] })
    const written = { rows: { int: 12 }, share: { double: 0.5 }, format: { string: 'csv' }, none: null }
    const { properties } = await read(schema, { ...track, properties: written })
    assert.deepEqual(properties, { rows: 12, share: 0.5, format: 'csv', none: null })
  })

  it('25 a field that may have a type we cannot read is refused by name of the schema, without its values', async () => {
    const schema = replaced('account', ['null', 'string', { type: 'array', items: 'string' }])
    await assert.rejects(read(schema, { ...track, account: 'acct-secret' }), {
      code: 'UNDECODABLE',
      errorClass: 'rejected',
      message: /^(?!.*acct-secret).*a schema that can be read as track, came schema id \d+, which cannot/,
    })
  })

  it('25 a whole number beyond 2^53 is refused, and says so', async () => {
    const schema = replaced('receivedAt', { type: 'fixed', name: 'Raw', size: 9 })
    const huge = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
    const body = writtenWith(schema, { ...track, receivedAt: huge })
    await assert.rejects(async () => codec.decode(tracks, framed(codec.encode(tracks, track).readUInt32BE(1), body)), {
      code: 'UNDECODABLE',
      message: /a whole number beyond 2\^52/,
    })
  })

  it('25 a whole number comes back exactly or is refused', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), occurredAt => {
        const encode = (): Buffer => codec.encode(tracks, { ...track, occurredAt })
        if (Math.abs(occurredAt) > 2 ** 52) assert.equal(codeOf(encode), 'UNENCODABLE rejected')
        else assert.equal(codec.decode(tracks, encode()).occurredAt, occurredAt)
      }),
    )
  })

  it('26 a count bomb in a record is refused', () => {
    const schema = replaced('aliases', { type: 'fixed', name: 'Bomb', size: 5 })
    const bomb = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])
    const body = writtenWith(schema, { ...track, aliases: bomb })
    const bytes = framed(codec.encode(tracks, track).readUInt32BE(1), body)
    assert.equal(
      codeOf(() => codec.decode(tracks, bytes)),
      'UNDECODABLE rejected',
    )
  })
})
