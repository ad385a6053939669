import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { IdentityClaim } from '../../../schemas/generated.ts'
import { readBody } from '../../../services/producers/input/json-body.ts'
import { scalarsOf } from '../../../services/producers/input/scalars.ts'
import { domainOf } from '../../../services/producers/input/web-domain.ts'
import { aliasesOf, linkedAliases } from '../../../services/producers/segment/aliases.ts'
import { attributesOf } from '../../../services/producers/segment/attributes.ts'
import { fewestClaims } from '../../../services/producers/segment/claims.ts'
import { createWriteKeys } from '../../../services/producers/segment/write-key.ts'

describe('S5 a body', () => {
  const longest = 1_000
  const read = (raw: Buffer | string) => readBody(Buffer.from(raw), longest)
  const json = '{"a":1}'
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

  it('is JSON, as it is or as gzip, with a byte order mark or without', () => {
    for (const raw of [json, gzipSync(json), `\uFEFF${json}`]) {
      const body = read(raw)
      assert.deepEqual('value' in body && body.value, { a: 1 })
    }
  })

  const rows: [string, Buffer | string, string][] = [
    ['nothing', '', 'unreadable'],
    ['no JSON', 'hello', 'unreadable'],
    ['half of JSON', '{"a":', 'unreadable'],
    ['two values', '{}{}', 'unreadable'],
    ['broken gzip', gzipSync(json).subarray(0, 12), 'unreadable'],
    ['what only begins like gzip', Buffer.from([0x1f, 0x8b]), 'unreadable'],
    ['more than may be', `"${'x'.repeat(longest)}"`, 'too-large'],
    ['a gzip bomb', gzipSync(Buffer.alloc(10_000_000, 32)), 'too-large'],
    ['101 levels', deep(101), 'too-deep'],
    ['levels that never end', '['.repeat(900), 'too-deep'],
  ]
  for (const [given, raw, problem] of rows) {
    it(`is refused as ${problem}: ${given}`, () => assert.deepEqual(read(raw), { problem }))
  }

  it('may have 100 levels, and brackets in texts are none', () => {
    assert.ok('value' in read(deep(100)))
    assert.ok('value' in read(JSON.stringify({ text: `\\"${'['.repeat(200)}\\`, other: '"{' })))
  })
})

describe('S5 a write key', () => {
  const keys = createWriteKeys([
    { source: 'web', key: 'WK' },
    { source: 'server', key: 'K2' },
    { source: 'web', key: 'NEW' },
  ])
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
  const rows: [string, string | undefined, unknown, string | undefined][] = [
    ['Basic with a colon', basic('WK:'), undefined, 'web'],
    ['Basic without a colon', basic('K2'), undefined, 'server'],
    ['Basic with a password', basic('NEW:anything'), undefined, 'web'],
    ['the scheme in small letters', basic('WK:').replace('Basic', 'basic'), undefined, 'web'],
    ['the body alone', undefined, 'K2', 'server'],
    ['a bearer token and the body', 'Bearer eyJh.bGci.OiJ', 'K2', 'server'],
    ['both, the header first', basic('WK:'), 'K2', 'web'],
    ['a foreign header and a key in the body', basic('proxy:secret'), 'WK', 'web'],
    ['a bearer token alone', 'Bearer WK', undefined, undefined],
    ['an unknown key', basic('WKX:'), 'wk', undefined],
    ['an empty one', basic(':'), '', undefined],
    ['no text', undefined, 42, undefined],
    ['nothing', undefined, undefined, undefined],
  ]
  for (const [given, authorization, body, source] of rows) {
    it(`${given}: ${source ?? 'no source'}`, () => assert.equal(keys.sourceOf(authorization, body), source))
  }
})

describe('S1 the aliases of a message', () => {
  const rows: [string, Record<string, unknown>, readonly string[]][] = [
    [
      'all, the strongest first',
      { type: 'identify', userId: 'u1', anonymousId: 'a1', traits: { email: 'Ada@Example.com' } },
      ['user:u1', 'email:ada@example.com', 'anonymous:a1'],
    ],
    ['a number is an id', { userId: 42 }, ['user:42']],
    ['null is absent', { userId: null, anonymousId: 'a1' }, ['anonymous:a1']],
    ['placeholders are nobody', { userId: 'null', anonymousId: '00000000-0000-0000-0000-000000000000' }, []],
    ['objects and lists are nobody', { userId: {}, anonymousId: ['a'] }, []],
    [
      'the address of the context',
      { type: 'track', userId: 'u1', context: { traits: { email: 'a@b.c' } } },
      ['user:u1', 'email:a@b.c'],
    ],
    [
      'the address of a group is not the person’s',
      { type: 'group', userId: 'u1', traits: { email: 'info@b.c' } },
      ['user:u1'],
    ],
    ['what is no address', { type: 'identify', userId: 'u1', traits: { email: 'none' } }, ['user:u1']],
    ['halves of characters', { userId: 'a\ud800' }, ['user:a\ufffd']],
  ]
  for (const [given, body, aliases] of rows) {
    it(given, () => assert.deepEqual(aliasesOf(body), aliases))
  }

  const links: [string, Record<string, unknown>, readonly string[]][] = [
    [
      'a former user id, which may have been an anonymous one',
      { userId: 'u1', previousId: 'old' },
      ['user:u1', 'user:old', 'anonymous:old'],
    ],
    [
      'the anonymous id of this browser',
      { userId: 'u1', previousId: 'a1', anonymousId: 'a1' },
      ['user:u1', 'anonymous:a1'],
    ],
    ['itself', { userId: 'u1', previousId: 'u1' }, ['user:u1', 'anonymous:u1']],
    ['no previous id', { userId: 'u1', previousId: null }, []],
    ['a placeholder', { userId: 'u1', previousId: 'undefined' }, []],
    ['no user id', { previousId: 'old', anonymousId: 'a1' }, []],
  ]
  for (const [given, body, aliases] of links) {
    it(`S6 an alias call links ${given}`, () => assert.deepEqual(linkedAliases(body), aliases))
  }
})

describe('S1 traits as a flat map', () => {
  const flat = (value: unknown) => ({ ...scalarsOf(value) })
  const rows: [unknown, Record<string, unknown>][] = [
    [
      { a: 1, b: 'x', c: true, d: null },
      { a: 1, b: 'x', c: true, d: null },
    ],
    [{ address: { city: 'Oslo', geo: { lat: 1 } } }, { 'address.city': 'Oslo', 'address.geo.lat': 1 }],
    [{ tags: ['a', { b: 1 }], none: {} }, { tags: '["a",{"b":1}]' }],
    [{ a: { b: { c: { d: { e: { f: 1 } } } } } }, { 'a.b.c.d.e': '{"f":1}' }],
    [{ ['n'.repeat(100)]: { a: 1 } }, { ['n'.repeat(100)]: '{"a":1}' }],
    [{ a: { b: 1 }, 'a.b': 2 }, { 'a.b': 2 }],
    ['text', {}],
    [['list'], {}],
    [null, {}],
  ]
  for (const [value, expected] of rows) {
    it(JSON.stringify(value).slice(0, 60), () => assert.deepEqual(flat(value), expected))
  }

  it('a number beyond double is null, and halves of characters are replaced, in names too', () =>
    assert.deepEqual(flat(JSON.parse('{"a":1e999,"\\ud800":"\\udfff"}')), { a: null, '\ufffd': '\ufffd' }))

  it('a name like __proto__ is a name', () => {
    const scalars = scalarsOf(JSON.parse('{"__proto__":"x","constructor":1}'))
    assert.deepEqual(Object.entries(scalars), [
      ['__proto__', 'x'],
      ['constructor', 1],
    ])
  })

  it('is at most some times as large as what it was made of', () =>
    fc.assert(
      fc.property(fc.object({ maxDepth: 8, withNullPrototype: false }), object => {
        const text = JSON.stringify(object)
        const size = JSON.stringify({ ...scalarsOf(JSON.parse(text)) }).length
        assert.ok(size <= text.length * 20 + 10)
      }),
    ))
})

describe('S1 what a claim tells of the person', () => {
  it('is read from Segment’s reserved traits, and only what is there', () =>
    assert.deepEqual(
      attributesOf({
        firstName: ' Ada ',
        title: 'CTO',
        company: { name: 'Example', industry: 'Tools' },
        address: { street: 'Main 1', postalCode: 123 },
        phone: '',
        lastName: 'x'.repeat(1_001),
        age: 3,
      }),
      { firstName: 'Ada', jobTitle: 'CTO', company: 'Example', industry: 'Tools', address: 'Main 1', zip: '123' },
    ))

  it('is nothing for what is no object', () => assert.deepEqual(attributesOf('Ada'), {}))
})

describe('S2 the web domain of a group', () => {
  const rows: [unknown, string | null][] = [
    [{ domain: 'Example.COM' }, 'example.com'],
    [{ website: 'https://www.example.com/about?x=1' }, 'example.com'],
    [{ website: 'www.example.co.uk' }, 'example.co.uk'],
    [{ domain: 'none', website: 'example.org' }, 'example.org'],
    [{ domain: '127.0.0.1' }, null],
    [{ website: 'not a site' }, null],
    [{ website: 7 }, null],
    [null, null],
  ]
  for (const [traits, expected] of rows) {
    it(JSON.stringify(traits), () => assert.equal(domainOf(traits), expected))
  }
})

describe('S6 the fewest claims that tell the same', () => {
  const claim = (time: number, aliases: readonly string[], more: Partial<IdentityClaim> = {}): IdentityClaim => ({
    ...{ id: `${time}`, time, kind: 'SEEN', aliases, attributes: {}, source: 'segment:web' },
    ...more,
  })

  it('are the earliest and the latest of those with the same aliases and nothing else', () => {
    const [first, second, third, other] = [2, 1, 3, 5].map(time => claim(time, time === 5 ? ['user:2'] : ['user:1']))
    assert.ok(first && second && third && other)
    assert.deepEqual(fewestClaims([first, second, third, other]), [second, third, other])
  })

  it('are all of those that tell more', () => {
    const told = claim(1, ['user:1'], { attributes: { city: 'Oslo' } })
    const erased = claim(2, ['user:1'], { kind: 'ERASE' })
    assert.deepEqual(fewestClaims([told, erased, told]), [told, erased, told])
  })

  it('have the same earliest and latest time for every list of aliases', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.constantFrom('a', 'b', 'c'))), pairs => {
        const ends = (claims: readonly IdentityClaim[]) =>
          ['a', 'b', 'c'].map(alias => {
            const times = claims.filter(({ aliases }) => aliases[0] === alias).map(({ time }) => time)
            return times.length === 0 ? null : [Math.min(...times), Math.max(...times)]
          })
        const claims = pairs.map(([time, alias]) => claim(time, [alias]))
        const fewest = fewestClaims(claims)
        assert.deepEqual(ends(fewest), ends(claims))
        assert.ok(fewest.length <= 6)
      }),
    ))
})
