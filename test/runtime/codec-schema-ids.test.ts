import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type AvroSchema, schemaOf } from '../../schemas/records.ts'
import type { Codec } from '../../services/runtime/codec.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { tracks } from '../../topology/topics.ts'
import { type CodecUnderTest, codecUnderTest, codeOf, framed, track } from './codec-under-test.ts'

let under: CodecUnderTest
let codec: Codec
beforeEach(async () => {
  under = await codecUnderTest()
  codec = under.codec
})

describe('an unknown schema id', () => {
  const foreign = framed(4_711)

  it('22 is asked for three times, then counts as unknown without more questions', async () => {
    await under.patiently(codec.prepare([foreign, foreign]))
    assert.deepEqual(under.asked, [4_711, 4_711, 4_711])
    for (let again = 0; again < 10; again++) {
      assert.equal(codec.prepare([foreign]), undefined)
      assert.equal(
        codeOf(() => codec.decode(tracks, foreign)),
        'SCHEMA_UNKNOWN rejected',
      )
    }
    assert.equal(under.asked.length, 3)
  })

  it('22 is asked for again after a minute, and read once it is there', async () => {
    await under.patiently(codec.prepare([foreign]))
    under.clock.advance(60_000)
    under.answer(() => Promise.resolve(schemaOf('track')))
    await under.patiently(codec.prepare([foreign]))
    assert.equal(under.asked.length, 4)
    const bytes = framed(4_711, codec.encode(tracks, track).subarray(5))
    assert.deepEqual(codec.decode(tracks, bytes), track)
  })

  it('22 that appears between the questions is read', async () => {
    under.answer(() => Promise.resolve(under.asked.length < 3 ? undefined : schemaOf('track')))
    await under.patiently(codec.prepare([foreign]))
    assert.deepEqual(codec.decode(tracks, framed(4_711, codec.encode(tracks, track).subarray(5))), track)
  })

  it('22 asked for by many at once is asked for once', async () => {
    let release = (): void => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    under.answer(async () => {
      await held
      return schemaOf('track')
    })
    const prepared = Promise.all(Array.from({ length: 20 }, () => codec.prepare([foreign, framed(4_712)])))
    release()
    await prepared
    assert.deepEqual(under.asked.toSorted(), [4_711, 4_712])
  })

  it('20 21 an outage is retryable, leaves nothing remembered, and never looks like an unknown id', async () => {
    const outage = new TributaryError('REGISTRY_UNAVAILABLE', 'not there', { errorClass: 'retryable' })
    under.answer(() => Promise.reject(outage))
    for (let attempt = 1; attempt <= 4; attempt++) {
      await assert.rejects(under.patiently(codec.prepare([foreign])), outage)
      assert.equal(under.asked.length, attempt)
    }
    assert.equal(
      codeOf(() => codec.decode(tracks, foreign)),
      'SCHEMA_NOT_PREPARED retryable',
    )
    under.answer(() => Promise.resolve(schemaOf('track')))
    await under.patiently(codec.prepare([foreign]))
    assert.deepEqual(codec.decode(tracks, framed(4_711, codec.encode(tracks, track).subarray(5))), track)
  })

  it('21 an outage does not touch ids that are known', () => {
    under.answer(() => Promise.reject(new Error('must not be asked')))
    const bytes = codec.encode(tracks, track)
    assert.equal(codec.prepare([bytes]), undefined)
    assert.deepEqual(codec.decode(tracks, bytes), track)
  })

  it('that nobody prepared is asked for by the next preparation, whatever that is about', async () => {
    under.answer(() => Promise.resolve(schemaOf('track')))
    assert.equal(
      codeOf(() => codec.decode(tracks, foreign)),
      'SCHEMA_NOT_PREPARED retryable',
    )
    await under.patiently(codec.prepare([]))
    assert.deepEqual(under.asked, [4_711])
    assert.equal(codec.prepare([]), undefined)
  })

  it('of a schema that is no Avro of ours is rejected, and nothing else waits for it', async () => {
    under.answer(() =>
      Promise.resolve({ $schema: 'https://json-schema.example', type: 'object' } as unknown as AvroSchema),
    )
    await under.patiently(codec.prepare([foreign, codec.encode(tracks, track)]))
    assert.equal(
      codeOf(() => codec.decode(tracks, foreign)),
      'UNDECODABLE rejected',
    )
    assert.equal(codec.prepare([foreign]), undefined)
  })
})
