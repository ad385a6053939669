import type { Random } from './random.ts'

/** What a mutation may draw on. */
export interface Material {
  /** Inputs that reached something. */
  readonly corpus: readonly Buffer[]
  /** Texts that the code under test knows. */
  readonly dictionary: readonly string[]
}

const longestBytes = 16_384

/** An input made from one of the corpus by one to six changes. */
export const mutated = (random: Random, material: Material): Buffer => {
  let input = random.oneOf(material.corpus)
  for (let changes = 1 + random.below(6); changes > 0; changes--)
    input = random.oneOf(isJson(input) ? [...jsonChanges, ...byteChanges.slice(0, 2)] : byteChanges)(
      input,
      random,
      material,
    )
  return input.length > longestBytes ? input.subarray(0, longestBytes) : input
}

type Change = (input: Buffer, random: Random, material: Material) => Buffer

const isJson = (input: Buffer): boolean => input[0] === 0x7b || input[0] === 0x5b

/** Numbers at the edges of what fits into so many bytes. */
const edges: readonly number[] = [
  ...[
    0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fff4, 0xffff_ffff,
  ],
]

const flipBit: Change = (input, random) => {
  const changed = Buffer.from(input)
  const at = random.below(Math.max(1, changed.length))
  if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
  return changed
}

const anyByte: Change = (input, random) => {
  const changed = Buffer.from(input)
  const at = random.below(Math.max(1, changed.length))
  if (at < changed.length) changed[at] = random.below(256)
  return changed
}

const edgeNumber: Change = (input, random) => {
  const changed = Buffer.from(input)
  const bytes = random.oneOf([1, 2, 4])
  if (changed.length < bytes) return changed
  changed.writeUIntBE(random.oneOf(edges) % 2 ** (8 * bytes), random.below(changed.length - bytes + 1), bytes)
  return changed
}

const cut: Change = (input, random) => {
  const [from, to] = [random.below(input.length + 1), random.below(input.length + 1)].sort((a, b) => a - b)
  return Buffer.concat([input.subarray(0, from), input.subarray(to)])
}

const repeat: Change = (input, random) => {
  const from = random.below(input.length + 1)
  const part = input.subarray(from, from + 1 + random.below(32))
  const times = 1 + random.below(8)
  return Buffer.concat([input.subarray(0, from), ...Array<Buffer>(times).fill(part), input.subarray(from)])
}

const splice: Change = (input, random, { corpus }) => {
  const other = random.oneOf(corpus)
  return Buffer.concat([
    input.subarray(0, random.below(input.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ])
}

const insertWord: Change = (input, random, { dictionary }) => {
  if (dictionary.length === 0) return input
  const at = random.below(input.length + 1)
  return Buffer.concat([input.subarray(0, at), Buffer.from(random.oneOf(dictionary)), input.subarray(at)])
}

const byteChanges: readonly Change[] = [flipBit, anyByte, edgeNumber, edgeNumber, cut, repeat, splice, insertWord]

/** JSON texts that are at the edge of something. */
const jsonEdges: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-1',
    '1e400',
    '-1e400',
    '1e21',
    '0.1',
    '[]',
    '{}',
    '""',
    '" "',
    '"null"',
    '"NaN"',
  ],
  ...[
    '4503599627370497',
    '9007199254740993',
    '8640000000000001',
    '-8640000000000001',
    '1262304000000',
    '253402300800000',
  ],
  ...['"1970-01-01T00:00:00Z"', '"2021-07-13T21:44:51Z"', '"+275760-09-13T00:00:00.001Z"', '"2021-02-31T25:61:00Z"'],
  ...['"\\ud800"', '"a\\udc00@example.com"', '"\\u0000"', '"\\u0130"', '"__proto__"', '{"__proto__":{"x":1}}'],
  ...[
    '{"toString":1}',
    '{"toString":null,"valueOf":null}',
    '{"length":1e9}',
    '{"constructor":{"name":1}}',
    '[[[[1]]]]',
  ],
  `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  `"${'x'.repeat(400)}"`,
  `"${'9'.repeat(30)}"`,
]

const jsonToken = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{}]/g

/** Changes the text of a token, so that what no value can hold is reached too: 1e400, a key twice, -0. */
const changeTokens =
  (by: (token: string, random: Random, material: Material) => string): Change =>
  (input, random, material) => {
    const text = input.toString('utf8')
    const tokens = [...text.matchAll(jsonToken)]
    if (tokens.length === 0) return input
    const token = random.oneOf(tokens)
    const [found] = token
    return Buffer.from(
      text.slice(0, token.index) + by(found, random, material) + text.slice(token.index + found.length),
    )
  }

const toEdge = changeTokens((_, random) => random.oneOf(jsonEdges))
const toWord = changeTokens((_, random, { dictionary }) =>
  JSON.stringify(random.oneOf(dictionary.length > 0 ? dictionary : [''])),
)
const toTokenOfOther = changeTokens((token, random, { corpus }) => {
  const tokens = random.oneOf(corpus).toString('utf8').match(jsonToken)
  return tokens === null ? token : random.oneOf(tokens)
})

interface Place {
  readonly holder: Record<string, unknown>
  readonly key: string
}

const placesIn = (value: unknown, depth = 0): readonly Place[] =>
  typeof value !== 'object' || value === null || depth > 20
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [
        { holder: value as Record<string, unknown>, key },
        ...placesIn(inner, depth + 1),
      ])

/** Changes the value at some place of a body, and leaves it JSON. */
const changeValues =
  (by: (place: Place, random: Random, places: readonly Place[]) => void): Change =>
  (input, random) => {
    try {
      const body: unknown = JSON.parse(input.toString('utf8'))
      const places = placesIn(body)
      if (places.length === 0) return input
      by(random.oneOf(places), random, places)
      return Buffer.from(JSON.stringify(body))
    } catch {
      return input
    }
  }

const without = changeValues(({ holder, key }) => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
})
const edgeValue = changeValues(({ holder, key }, random) => {
  const text = random.oneOf(jsonEdges)
  holder[key] = JSON.parse(text) as unknown
})
const swap = changeValues(({ holder, key }, random, places) => {
  const other = random.oneOf(places)
  holder[key] = structuredClone(other.holder[other.key])
})
const wrap = changeValues(({ holder, key }, random) => {
  holder[key] = random.below(2) === 0 ? [holder[key], holder[key]] : { [key]: holder[key] }
})
const retyped = changeValues(({ holder, key }) => {
  const value = holder[key]
  holder[key] = typeof value === 'string' ? Number(value) : String(value)
})

const jsonChanges: readonly Change[] = [toEdge, toWord, toTokenOfOther, without, edgeValue, swap, wrap, retyped]
