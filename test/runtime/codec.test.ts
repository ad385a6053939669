import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Track } from '../../schemas/generated.ts'
import { schemaOf } from '../../schemas/records.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { identities, tracks, webinars } from '../../topology/topics.ts'
import { examplesOf } from '../schemas/examples.ts'
import { type CodecUnderTest, codecUnderTest, codeOf, framed, messageOf, track } from './codec-under-test.ts'

let under: CodecUnderTest
let codec: Codec
beforeEach(async () => {
  under = await codecUnderTest()
  codec = under.codec
})

describe('framing', () => {
  it('is a zero byte, the id in four bytes, and the body', () => {
    const bytes = codec.encode(tracks, track)
    assert.equal(bytes[0], 0)
    assert.ok(bytes.readUInt32BE(1) > 0)
    assert.deepEqual(codec.decode(tracks, bytes), track)
  })

  it('holds a value of any size, and no later value shows in an earlier one', () => {
    const values = ['a', 'b'.repeat(100_000), 'c'.repeat(300_000), 'd'].map(name => ({ ...track, name }))
    const encoded = values.map(value => codec.encode(tracks, value))
    assert.deepEqual(
      encoded.map(bytes => codec.decode(tracks, bytes).name),
      values.map(({ name }) => name),
    )
  })

  it('our own records need no question to the registry', () => {
    assert.equal(codec.prepare([codec.encode(tracks, track), null]), undefined)
    assert.deepEqual(under.asked, [])
  })

  it('23 a foreign first byte is rejected', () => {
    for (const text of ['{"json":true}', '\u0001\u0000\u0000\u0000\u0001x']) {
      assert.equal(
        codeOf(() => codec.decode(tracks, Buffer.from(text))),
        'UNDECODABLE rejected',
      )
      assert.equal(codec.prepare([Buffer.from(text)]), undefined)
    }
  })

  it('23 fewer than five bytes are rejected', () => {
    for (let length = 0; length < 5; length++) {
      assert.equal(
        codeOf(() => codec.decode(tracks, Buffer.alloc(length))),
        'UNDECODABLE rejected',
      )
      assert.equal(codec.prepare([Buffer.alloc(length)]), undefined)
    }
  })

  it('23 a record cut off anywhere is rejected', () => {
    const whole = codec.encode(tracks, track)
    for (let length = 5; length < whole.length; length++) {
      assert.equal(
        codeOf(() => codec.decode(tracks, whole.subarray(0, length))),
        'UNDECODABLE rejected',
        `${length}`,
      )
    }
  })

  it('23 bytes after the record are rejected', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), more => {
        const long = Buffer.concat([codec.encode(tracks, track), more])
        assert.equal(
          codeOf(() => codec.decode(tracks, long)),
          'UNDECODABLE rejected',
        )
      }),
    )
  })

  it('23 a record of another topic is not taken for one of this', () => {
    assert.equal(
      codeOf(() => codec.decode(webinars, codec.encode(tracks, track))),
      'UNDECODABLE rejected',
    )
  })

  it('a topic that the codec was not made for is named', () => {
    const unknown = { name: 'elsewhere', record: 'track' as const }
    assert.match(
      messageOf(() => codec.encode(unknown, track)),
      /elsewhere/,
    )
  })
})

describe('values', () => {
  it('are plain objects at every depth, so that a stored row equals the row that was kept', () => {
    for (const { value } of examplesOf('identity')) {
      assert.deepStrictEqual(codec.decode(identities, codec.encode(identities, value)), value)
    }
  })

  it('any properties come back as they went', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor'))
    const values = fc.oneof(fc.constant(null), fc.boolean(), fc.double({ noNaN: true }), fc.string())
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values)), entries => {
        const value = { ...track, properties: Object.fromEntries(entries) }
        assert.deepEqual(codec.decode(tracks, codec.encode(tracks, value)), value)
      }),
    )
  })

  it('that do not fit are rejected with the path', () => {
    const broken = { ...track, occurredAt: 1.5, properties: { rows: { nested: true } } } as unknown as Track
    assert.equal(
      codeOf(() => codec.encode(tracks, broken)),
      'UNENCODABLE rejected',
    )
    assert.match(
      messageOf(() => codec.encode(tracks, broken)),
      /at occurredAt, properties\.rows\.$/,
    )
    assert.match(
      messageOf(() => codec.encode(tracks, null as unknown as Track)),
      /tracks/,
    )
  })

  it('never appear in an error', () => {
    const secrets = fc.string({ minLength: 6, maxLength: 30 }).filter(text => /[^\w\s.,]/.test(text))
    const places = ['eventId', 'occurredAt', 'kind', 'name', 'aliases', 'core', 'properties', 'account'] as const
    fc.assert(
      fc.property(
        secrets,
        fc.constantFrom(...places),
        fc.constantFrom('text', 'list', 'map', 'key'),
        (secret, place, as) => {
          const wrong = {
            text: secret,
            list: [secret, { secret }],
            map: { x: [secret] },
            key: { [secret]: { secret } },
          }[as]
          const message = messageOf(() =>
            codec.encode(tracks, { ...track, name: secret, [place]: wrong } as unknown as Track),
          )
          assert.ok(!message.includes(secret), message)
          const bytes = codec.encode(tracks, { ...track, name: secret, account: secret })
          for (const spoilt of [
            bytes.subarray(0, -2),
            Buffer.concat([bytes, Buffer.from(secret)]),
            Buffer.from(secret),
          ]) {
            assert.ok(!messageOf(() => codec.decode(tracks, spoilt)).includes(secret))
          }
        },
      ),
    )
  })

  it('of any bytes are a record or a rejection, nothing else', () => {
    const id = codec.encode(tracks, track).readUInt32BE(1)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const outcome = codeOf(() => codec.decode(tracks, framed(id, Buffer.from(bytes))))
        return ['nothing thrown', 'UNDECODABLE rejected'].includes(outcome)
      }),
    )
  })
})

describe('a codec that must not register', () => {
  it('24 names every subject whose current schema is not there', async () => {
    const empty = memoryRegistry()
    await empty.register('tracks-value', schemaOf('track'))
    await assert.rejects(
      createCodec({ registry: empty, topics: [tracks, webinars, identities], clock: under.clock, register: false }),
      {
        code: 'SCHEMAS_NOT_REGISTERED',
        message: /no current schema for webinars-value, identities-value\./,
      },
    )
  })

  it('keeps topics of different prefixes apart', async () => {
    const shared = memoryRegistry()
    await createCodec({ registry: shared, topics: [tracks], clock: under.clock, register: true, topicPrefix: 'blue-' })
    await assert.rejects(
      createCodec({ registry: shared, topics: [tracks], clock: under.clock, register: false }),
      /tracks-value/,
    )
    await createCodec({ registry: shared, topics: [tracks], clock: under.clock, register: false, topicPrefix: 'blue-' })
  })
})
