import { badRequest } from '../errors.ts'

export type Row = Readonly<Record<string, unknown>>

/** The value at a path of names with dots; null when there is none. */
export const valueAt = (row: Row, path: string): unknown => {
  let value: unknown = row
  for (const name of path.split('.'))
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Row)[name] : null
  return value ?? null
}

const PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

/** Refuses what is not the path of a field: the sandbox computes nothing in these places. */
export const assertPath = (text: unknown, stage: string): string => {
  if (typeof text === 'string' && PATH.test(text)) return text
  throw badRequest(
    `${stage}: ${JSON.stringify(text)} is not emulated; it takes the path of a field, as in metadata.auto.lastvisit`,
  )
}

type Evaluate = (row: Row) => unknown

/** Compiles a filter: comparisons of fields and literals, joined by `&&` and `||`, negated by `!`, in parentheses. */
export const compileFilter = (text: string): ((row: Row) => boolean) => {
  const tokens = tokensOf(text)
  const evaluate = either(tokens)
  if (tokens.length > 0) throw notUnderstood(tokens[0])
  return row => evaluate(row) === true
}

const TOKEN = /\s*(&&|\|\||[=!<>]=|[<>!()]|-?\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z_]\w*(?:\.\w+)*)/y

const tokensOf = (text: string): string[] => {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const source = text.trimEnd()
  while (TOKEN.lastIndex < source.length) {
    const from = TOKEN.lastIndex
    const [, token] = TOKEN.exec(source) ?? []
    if (token === undefined) throw notUnderstood(source.slice(from))
    tokens.push(token)
  }
  return tokens
}

const notUnderstood = (at: string | undefined): Error =>
  badRequest(
    `filter: not emulated from ${JSON.stringify(at ?? 'its end')} on; it takes ==, !=, <, <=, >, >= of fields and literals, &&, ||, ! and parentheses`,
  )

const either = (tokens: string[]): Evaluate => {
  let evaluate = both(tokens)
  while (tokens[0] === '||') {
    tokens.shift()
    const [left, right] = [evaluate, both(tokens)]
    evaluate = row => left(row) === true || right(row) === true
  }
  return evaluate
}

const both = (tokens: string[]): Evaluate => {
  let evaluate = comparison(tokens)
  while (tokens[0] === '&&') {
    tokens.shift()
    const [left, right] = [evaluate, comparison(tokens)]
    evaluate = row => left(row) === true && right(row) === true
  }
  return evaluate
}

const comparison = (tokens: string[]): Evaluate => {
  const left = term(tokens)
  const compare = COMPARISONS[tokens[0] ?? '']
  if (!compare) return left
  tokens.shift()
  const right = term(tokens)
  return row => compare(left(row), right(row))
}

const COMPARISONS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => differenceOf(a, b) < 0,
  '<=': (a, b) => differenceOf(a, b) <= 0,
  '>': (a, b) => differenceOf(a, b) > 0,
  '>=': (a, b) => differenceOf(a, b) >= 0,
}

/** Less than 0 when the first is less. Numbers compare with numbers, texts with texts; of anything else none is more or less: NaN. */
const differenceOf = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== 'string' || typeof b !== 'string') return Number.NaN
  return a < b ? -1 : Number(a > b)
}

const LITERALS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }

const term = (tokens: string[]): Evaluate => {
  const token = tokens.shift()
  if (token === '!') {
    const negated = term(tokens)
    return row => negated(row) !== true
  }
  if (token === '(') {
    const inner = either(tokens)
    if (tokens.shift() !== ')') throw notUnderstood(undefined)
    return inner
  }
  if (token === undefined || /^[^\w"'-]/.test(token) || tokens[0] === '(') throw notUnderstood(token)
  if (Object.hasOwn(LITERALS, token)) return () => LITERALS[token]
  const literal = literalOf(token)
  return literal === undefined ? row => valueAt(row, token) : () => literal
}

const literalOf = (token: string): string | number | undefined => {
  if (token.startsWith('"')) return JSON.parse(token) as string
  if (token.startsWith("'")) return token.slice(1, -1)
  return /^-?\d/.test(token) ? Number(token) : undefined
}
