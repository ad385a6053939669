import fc from 'fast-check'

/** JSON texts that are valid and that a careless reader trips over. */
export const oddTexts: readonly string[] = [
  ...[
    '1e400',
    '-1e400',
    '-0',
    '1e-400',
    '9007199254740993',
    '8640000000000000',
    '8640000000000001',
    '-8640000000000001',
  ],
  ...['""', '"NaN"', '"\\ud800"', '"\\udc00x"', '"\\u0000"', '"\\u0130"', '"\\ufeff"', 'null', '[]', '{}', 'true'],
  ...['"1969-12-31T23:59:59Z"', '"2021-07-13T21:44:51Z"', '"2021-07-13 21:44:51"', '"+275760-09-13T00:00:00.001Z"'],
  ...['"2021-07-13T21:44:51+99:99"', '"-000001-01-01T00:00:00Z"', '"13/07/2021"', '"1626212691"', '1626212691', '1e15'],
  ...[
    '{"toString":1}',
    '{"valueOf":null,"toString":null}',
    '{"__proto__":{"email":"a@example.com"}}',
    '{"constructor":1}',
  ],
  ...[
    '{"length":4294967296}',
    '{"then":1}',
    '["a",["b",["c"]]]',
    `"${'x'.repeat(5_000)}"`,
    `"${'\u0315\u0300'.repeat(500)}"`,
  ],
]

/** Any JSON text: values of any kind and depth, odd ones, and objects with a key twice. */
export const anyJson: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.constantFrom(...oddTexts),
  fc
    .tuple(fc.constantFrom('event', 'payload', '__proto__', 'id', 'x'), fc.constantFrom(...oddTexts), fc.json())
    .map(([key, first, second]) => `{"${key}":${first},"${key}":${second}}`),
  fc.tuple(fc.constantFrom('[', '{"a":'), fc.integer({ min: 1, max: 20_000 })).map(nested),
)

function nested([open, depth]: readonly [string, number]): string {
  return `${open.repeat(depth)}1${(open === '[' ? ']' : '}').repeat(depth)}`
}

interface Damage {
  readonly place: number
  readonly change: 'delete' | 'replace' | 'double' | 'swap' | 'retype'
  readonly text: string
}

const damage: fc.Arbitrary<Damage> = fc.record({
  place: fc.nat({ max: 500 }),
  change: fc.constantFrom('delete', 'replace', 'double', 'swap', 'retype'),
  text: fc.constantFrom(...oddTexts),
})

/** One of the valid texts, in which some fields are deleted, replaced, doubled, exchanged, or of another type. */
export const damagedJson = (valid: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...valid), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([text, damages]) => damages.reduce(damaged, text))

const member = /"(?:[^"\\]|\\.)*"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g

/** Works on the text, so that what no value can hold comes about too: 1e400, a key twice. */
const damaged = (text: string, { place, change, text: odd }: Damage): string => {
  const members = [...text.matchAll(member)]
  const chosen = members[place % Math.max(1, members.length)]
  if (!chosen) return text
  const [whole, value = ''] = chosen
  const name = whole.slice(0, whole.length - value.length)
  const other = members[(place * 7 + 3) % members.length]?.[1] ?? value
  const instead = {
    delete: '"gone":0',
    replace: name + odd,
    double: `${whole},${name}${odd}`,
    swap: name + other,
    retype: name + (value.startsWith('"') ? '17' : `"${value}"`),
  }[change]
  return text.slice(0, chosen.index) + instead + text.slice(chosen.index + whole.length)
}
