import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '../../../services/runtime/avro-bounds.ts'
import avsc from 'avsc'
import type { IdentityClaim } from '../../../schemas/generated.ts'
import { identityClaims } from '../../../topology/topics.ts'
import { codecUnderTest } from '../../runtime/codec-under-test.ts'
import { examplesOf } from '../../schemas/examples.ts'
import { readerOfFieldsBefore } from '../foreign-schema.ts'

const long = avsc.Type.forSchema('long')
const strictly = new TextDecoder('utf8', { fatal: true })

describe('Avro', () => {
  it('a list of items without bytes kept a process busy for hours: block after block claimed as many as there were bytes', async () => {
    const read = await readerOfFieldsBefore({ type: 'array', items: 'null' })
    const block = long.toBuffer(90_000)
    const bomb = Buffer.concat([...Array<Buffer>(30_000).fill(block), Buffer.from([0])])
    assert.equal(read(bomb), 'UNDECODABLE rejected')
    assert.equal(read(Buffer.from([4, 0])), 'nothing thrown')
  })

  it('so did lists of such lists', async () => {
    const read = await readerOfFieldsBefore({ type: 'array', items: { type: 'array', items: 'null' } })
    const inner = Buffer.concat([long.toBuffer(90_000), Buffer.from([0])])
    const bomb = Buffer.concat([long.toBuffer(25_000), ...Array<Buffer>(25_000).fill(inner), Buffer.from([0])])
    assert.equal(read(bomb), 'UNDECODABLE rejected')
  })

  it('half a character in a short text was written as bytes that are no UTF-8, which readers in other languages refuse', async () => {
    const { codec } = await codecUnderTest()
    const [example] = examplesOf('identity-claim')
    assert.ok(example)
    for (const odd of ['\ud800', 'a\udc00b', `${'x'.repeat(80)}\ud83d`]) {
      const claim: IdentityClaim = { ...example.value, source: odd, attributes: { [odd]: odd, plain: 'kept' } }
      const bytes = codec.encode(identityClaims, claim)
      const read = codec.decode(identityClaims, bytes)
      const whole = odd.toWellFormed()
      assert.equal(read.source, whole)
      assert.deepEqual({ ...read.attributes }, { [whole]: whole, plain: 'kept' })
      const text = avsc.Type.forSchema('string').toBuffer(odd)
      assert.equal(strictly.decode(text.subarray(text.length - Buffer.byteLength(whole))), whole)
    }
  })

  it('a number of 33 bits was read as an `int`, and could not be written again', () => {
    const int = avsc.Type.forSchema('int')
    for (const beyond of [2 ** 31, -(2 ** 31) - 1, 2 ** 52]) assert.throws(() => int.fromBuffer(long.toBuffer(beyond)))
    for (const within of [2 ** 31 - 1, -(2 ** 31), 0]) assert.equal(int.fromBuffer(long.toBuffer(within)), within)
  })
})
