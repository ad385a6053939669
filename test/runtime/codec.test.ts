import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Track } from '../../schemas/generated.ts'
import { type AvroSchema, schemaOf } from '../../schemas/records.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { memoryRegistry, type SchemaRegistry } from '../../services/runtime/registry.ts'
import { identities, topics, tracks, webinars } from '../../topology/topics.ts'
import { type ManualClock, manualClock } from '../clock.ts'
import { examplesOf } from '../schemas/examples.ts'
import { trackEvent } from '../tracks/events.ts'
import { writtenWith } from './foreign-writer.ts'

let registry: SchemaRegistry
let codec: Codec
let clock: ManualClock
/** Ids that the registry was asked for. */
let asked: number[]
/** What the registry answers instead of the truth, when set. */
let answer: ((id: number) => Promise<AvroSchema | undefined>) | undefined

const track = trackEvent('email:ada@example.com', 'Export report')
const framed = (id: number, body: Buffer = Buffer.alloc(0)): Buffer => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, body])
}

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'nothing thrown'
  } catch (error) {
    return error instanceof TributaryError ? `${error.code} ${error.errorClass}` : String(error)
  }
}
const messageOf = (act: () => unknown): string => {
  try {
    act()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
/** Lets what waits for answers and for the clock go on, until `done`. */
const patiently = async <Result>(work: Promise<Result> | undefined): Promise<Result | undefined> => {
  let settled = false
  const result = Promise.resolve(work).finally(() => {
    settled = true
  })
  result.catch(() => undefined)
  while (!settled) {
    clock.advance(100)
    await new Promise(resolve => setImmediate(resolve))
  }
  return await result
}

beforeEach(async () => {
  const memory = memoryRegistry()
  asked = []
  answer = undefined
  registry = {
    ...memory,
    schema: id => {
      asked.push(id)
      return answer ? answer(id) : memory.schema(id)
    },
  }
  clock = manualClock()
  codec = await createCodec({ registry, topics, clock, register: true })
})

describe('framing', () => {
  it('is a zero byte, the id in four bytes, and the body', () => {
    const bytes = codec.encode(tracks, track)
    assert.equal(bytes[0], 0)
    assert.ok(bytes.readUInt32BE(1) > 0)
    assert.deepEqual(codec.decode(tracks, bytes), track)
  })

  it('our own records need no question to the registry', () => {
    assert.equal(codec.prepare([codec.encode(tracks, track), null]), undefined)
    assert.deepEqual(asked, [])
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

describe('an unknown schema id', () => {
  const foreign = framed(4_711)

  it('22 is asked for three times, then counts as unknown without more questions', async () => {
    await patiently(codec.prepare([foreign, foreign]))
    assert.deepEqual(asked, [4_711, 4_711, 4_711])
    for (let again = 0; again < 10; again++) {
      assert.equal(codec.prepare([foreign]), undefined)
      assert.equal(
        codeOf(() => codec.decode(tracks, foreign)),
        'SCHEMA_UNKNOWN rejected',
      )
    }
    assert.equal(asked.length, 3)
  })

  it('22 is asked for again after a minute, and read once it is there', async () => {
    await patiently(codec.prepare([foreign]))
    clock.advance(60_000)
    answer = () => Promise.resolve(schemaOf('track'))
    await patiently(codec.prepare([foreign]))
    assert.equal(asked.length, 4)
    const bytes = framed(4_711, codec.encode(tracks, track).subarray(5))
    assert.deepEqual(codec.decode(tracks, bytes), track)
  })

  it('22 that appears between the questions is read', async () => {
    answer = () => Promise.resolve(asked.length < 3 ? undefined : schemaOf('track'))
    await patiently(codec.prepare([foreign]))
    assert.deepEqual(codec.decode(tracks, framed(4_711, codec.encode(tracks, track).subarray(5))), track)
  })

  it('22 asked for by many at once is asked for once', async () => {
    let release = (): void => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    answer = async () => {
      await held
      return schemaOf('track')
    }
    const prepared = Promise.all(Array.from({ length: 20 }, () => codec.prepare([foreign, framed(4_712)])))
    release()
    await prepared
    assert.deepEqual(asked.toSorted(), [4_711, 4_712])
  })

  it('20 21 an outage is retryable, leaves nothing remembered, and never looks like an unknown id', async () => {
    const outage = new TributaryError('REGISTRY_UNAVAILABLE', 'not there', { errorClass: 'retryable' })
    answer = () => Promise.reject(outage)
    for (let attempt = 1; attempt <= 4; attempt++) {
      await assert.rejects(patiently(codec.prepare([foreign])), outage)
      assert.equal(asked.length, attempt)
    }
    assert.equal(
      codeOf(() => codec.decode(tracks, foreign)),
      'SCHEMA_NOT_PREPARED retryable',
    )
    answer = () => Promise.resolve(schemaOf('track'))
    await patiently(codec.prepare([foreign]))
    assert.deepEqual(codec.decode(tracks, framed(4_711, codec.encode(tracks, track).subarray(5))), track)
  })

  it('21 an outage does not touch ids that are known', () => {
    answer = () => Promise.reject(new Error('must not be asked'))
    const bytes = codec.encode(tracks, track)
    assert.equal(codec.prepare([bytes]), undefined)
    assert.deepEqual(codec.decode(tracks, bytes), track)
  })

  it('that nobody prepared is asked for by the next preparation, whatever that is about', async () => {
    answer = () => Promise.resolve(schemaOf('track'))
    assert.equal(
      codeOf(() => codec.decode(tracks, foreign)),
      'SCHEMA_NOT_PREPARED retryable',
    )
    await patiently(codec.prepare([]))
    assert.deepEqual(asked, [4_711])
    assert.equal(codec.prepare([]), undefined)
  })

  it('of a schema that is no Avro of ours is rejected, and nothing else waits for it', async () => {
    answer = () => Promise.resolve({ $schema: 'https://json-schema.example', type: 'object' } as unknown as AvroSchema)
    await patiently(codec.prepare([foreign, codec.encode(tracks, track)]))
    assert.equal(
      codeOf(() => codec.decode(tracks, foreign)),
      'UNDECODABLE rejected',
    )
    assert.equal(codec.prepare([foreign]), undefined)
  })
})

describe('a record of another version', () => {
  /** Decodes what a program with this schema wrote to `tracks`. */
  const read = async (schema: AvroSchema, value: unknown): Promise<Track> => {
    const id = 900 + asked.length
    answer = () => Promise.resolve(schema)
    const bytes = framed(id, writtenWith(schema, value))
    await patiently(codec.prepare([bytes]))
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
      message: /a schema that can be read as track, came schema id \d+, which cannot/,
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
      createCodec({ registry: empty, topics: [tracks, webinars, identities], clock, register: false }),
      {
        code: 'SCHEMAS_NOT_REGISTERED',
        message: /no current schema for webinars-value, identities-value\./,
      },
    )
  })

  it('keeps topics of different prefixes apart', async () => {
    const shared = memoryRegistry()
    await createCodec({ registry: shared, topics: [tracks], clock, register: true, topicPrefix: 'blue-' })
    await assert.rejects(createCodec({ registry: shared, topics: [tracks], clock, register: false }), /tracks-value/)
    await createCodec({ registry: shared, topics: [tracks], clock, register: false, topicPrefix: 'blue-' })
  })
})
