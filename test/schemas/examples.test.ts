import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import avsc from 'avsc'
import { recordNames, schemaOf } from '../../schemas/records.ts'
import { parseAlias } from '../../services/identity/aliases.ts'
import { type AvroTopic, type Codec, createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { topics } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'
import { examplesOf } from './examples.ts'

/** Domains that nobody can own (RFC 2606, RFC 6761). */
const reserved = /(^|\.)(example\.(com|org|net)|example|test|invalid|localhost)$/

/** Domains of the addresses and links in a text that somebody could own. */
const ownableDomains = (text: string): string[] =>
  [...text.matchAll(/(?:@|https?:\/\/)([\w.-]+)/g)].flatMap(([, domain = '']) =>
    reserved.test(domain) ? [] : [domain],
  )

/** Every alias of a value: the fields `alias` and `aliases` at any depth. */
const aliasesIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'aliases' && Array.isArray(inner)) return inner as string[]
    // Of companies, which have no identity.
    if (name === 'related') return []
    return name === 'alias' && typeof inner === 'string' ? [inner] : aliasesIn(inner)
  })
}

/** Paths at which a value does not fit, unknown fields included. */
const misfits = (type: avsc.Type, value: unknown): string[] => {
  const paths: string[] = []
  const errorHook = (path: readonly string[]): number => paths.push(path.join('.') || 'the value')
  type.isValid(value, { noUndeclaredFields: true, errorHook } as Parameters<avsc.Type['isValid']>[1])
  return paths
}

let codec: Codec

describe('examples', () => {
  before(async () => {
    codec = await createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })
  })

  for (const record of recordNames) {
    const examples = examplesOf(record)
    const topic = topics.find(each => each.kind !== 'raw' && each.record === record) as AvroTopic<unknown>
    const type = avsc.Type.forSchema(schemaOf(record) as avsc.Schema, { wrapUnions: false })

    it(`${record} has one`, () => assert.ok(examples.length > 0, `Add schemas/examples/${record}/<case>.json.`))

    for (const { name, value } of examples) {
      it(`${record}/${name} fits its schema and comes back the same through the codec`, () => {
        assert.deepEqual(misfits(type, value), [])
        assert.deepEqual(codec.decode(topic, codec.encode(topic, value)), value)
      })

      it(`${record}/${name} names aliases in their one spelling and nobody's domain`, () => {
        for (const alias of aliasesIn(value)) assert.equal(parseAlias(alias), alias)
        assert.deepEqual(ownableDomains(JSON.stringify(value)), [])
      })
    }
  }
})

describe('the checks of examples', () => {
  const type = avsc.Type.forSchema(schemaOf('track') as avsc.Schema, { wrapUnions: false })
  const [track] = examplesOf('track')

  it('find a field of another type and an unknown field', () => {
    assert.deepEqual(misfits(type, { ...track?.value, name: 7 }), ['name'])
    assert.deepEqual(misfits(type, { ...track?.value, nmae: 'x' }).length, 1)
  })

  it("find an alias in another spelling and somebody's domain", () => {
    assert.throws(() => parseAlias('mail:ada@example.com'), { code: 'ALIAS_MALFORMED' })
    assert.deepEqual(ownableDomains('"a@gmail.com" "https://zoom.us/j/1" "https://zoom.example/j/1"'), [
      'gmail.com',
      'zoom.us',
    ])
  })
})
