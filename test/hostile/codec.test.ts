import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import { recordNames } from '../../schemas/records.ts'
import type { AvroTopic, Codec } from '../../services/runtime/codec.ts'
import { tracks } from '../../topology/topics.ts'
import { codecUnderTest, framed } from '../runtime/codec-under-test.ts'
import { examplesOf } from '../schemas/examples.ts'
import { readerOfFieldsBefore } from './foreign-schema.ts'
import { codecOfAll, decodeAnything, topicOf } from './targets/codec-decode.ts'

let codec: Codec
before(async () => {
  codec = await codecOfAll()
})

interface Valid {
  readonly topic: AvroTopic<unknown>
  readonly bytes: Buffer
}
/** Each example of each schema, written. */
const examples = (): readonly Valid[] =>
  recordNames.flatMap(record => {
    const topic = topicOf.get(record)
    return topic ? examplesOf(record).map(({ value }) => ({ topic, bytes: codec.encode(topic, value) })) : []
  })

const long = avsc.Type.forSchema('long')

describe('bytes that are no record', () => {
  it('26 cut at any byte are rejected, for every schema', () => {
    for (const { topic, bytes } of examples())
      for (let length = 0; length < bytes.length; length++)
        assert.equal(decodeAnything(codec, topic, bytes.subarray(0, length)), undefined, `${topic.name} at ${length}`)
  })

  it('26 with bytes left over are rejected, for every schema', () => {
    for (const { topic, bytes } of examples())
      assert.equal(decodeAnything(codec, topic, Buffer.concat([bytes, Buffer.alloc(1)])), undefined)
  })

  it('26 with another first byte are rejected', () => {
    for (const { topic, bytes } of examples()) {
      const other = Buffer.from(bytes)
      other[0] = 1
      assert.equal(decodeAnything(codec, topic, other), undefined)
    }
  })

  it('26 made of a record by any change are rejected, or are another record', () => {
    const valid = examples()
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.nat({ max: valid.length - 1 }), changes, (index, places) => {
        const { topic, bytes } = valid[index] as Valid
        const changed = Buffer.from(bytes)
        for (const [place, byte] of places) changed[5 + (place % (changed.length - 5))] = byte
        decodeAnything(codec, topic, changed)
      }),
      { numRuns: 3_000 },
    )
  })

  it('26 with a length or a count of any size in any place are rejected, or are another record', () => {
    const sizes = [-(2 ** 52), -(2 ** 31), -1_000_000, -1, 1_000, 2 ** 31, 2 ** 40, 2 ** 52].map(size =>
      long.toBuffer(size),
    )
    const valid = examples()
    fc.assert(
      fc.property(fc.nat({ max: valid.length - 1 }), fc.nat(), fc.constantFrom(...sizes), (index, place, size) => {
        const { topic, bytes } = valid[index] as Valid
        const at = 5 + (place % (bytes.length - 5))
        decodeAnything(codec, topic, Buffer.concat([bytes.subarray(0, at), size, bytes.subarray(at + 1)]))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('records of others', () => {
  it('26 with a schema that nests itself are read, or rejected when they are too deep, and never end the process', async () => {
    const nest = { type: 'record', name: 'Nest', fields: [{ name: 'inner', type: ['null', 'Nest'] }] }
    const read = await readerOfFieldsBefore(nest)
    const outcomes = [0, 1, 100, 1_000_000].map(depth =>
      read(Buffer.concat([Buffer.alloc(depth, 2), Buffer.from([0])])),
    )
    assert.deepEqual(outcomes, [...Array(3).fill('nothing thrown'), 'UNDECODABLE rejected'])
  })

  it('26 with a schema of which the registry knows nothing cost one question to it, however many come', async () => {
    const test = await codecUnderTest()
    test.answer(() => Promise.resolve(undefined))
    const unknown = framed(77, Buffer.from('x'))
    for (let round = 0; round < 50; round++) {
      await test.patiently(test.codec.prepare(Array.from({ length: 20 }, () => unknown)))
      assert.throws(() => test.codec.decode(tracks, unknown), { code: 'SCHEMA_UNKNOWN' })
    }
    assert.deepEqual([...new Set(test.asked)], [77])
    assert.ok(test.asked.length <= 3, `asked ${test.asked.length} times`)
  })
})
