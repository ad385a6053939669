import { malformedQuery } from '../errors.ts'
import { type Token, type TokenKind, tokensOf, unexpected } from './tokens.ts'

/** A field by its name, or through one relationship: `Who.Type`. */
export interface FieldPath {
  readonly names: readonly string[]
  readonly column: number
}

export interface Literal {
  readonly kind: 'string' | 'number' | 'boolean' | 'date' | 'datetime' | 'null'
  /** As written; of a string with its escapes. */
  readonly text: string
}

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=' | 'LIKE' | 'IN' | 'NOT IN'

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'comparison'
      readonly path: FieldPath
      readonly operator: Operator
      readonly literals: readonly Literal[]
    }

export interface Query {
  /** What is selected; `count` is `COUNT()`. */
  readonly select: readonly FieldPath[] | 'count'
  readonly from: string
  readonly where: Condition | undefined
  readonly orderBy: readonly { readonly path: FieldPath; readonly descending: boolean; readonly nullsLast: boolean }[]
  readonly limit: number | undefined
  readonly offset: number
}

/** Characters; facts/salesforce.md does not say how a longer one is refused. */
const LONGEST_QUERY = 100_000

const COMPARISONS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
}

/**
 * Reads a query in the part of SOQL that the sandbox knows: SELECT fields or COUNT(), FROM one object, WHERE, ORDER BY, LIMIT, OFFSET.
 * Throws MALFORMED_QUERY.
 */
export const parsedQuery = (soql: string): Query => {
  if (soql.length > LONGEST_QUERY)
    throw malformedQuery(`SOQL statements cannot be longer than ${LONGEST_QUERY} characters`)
  const reader = createReader(tokensOf(soql))
  reader.demand('SELECT')
  const select = selection(reader)
  reader.demand('FROM')
  const query: Query = {
    select,
    from: reader.next('word').text,
    where: reader.accept('WHERE') ? alternatives(reader) : undefined,
    orderBy: reader.accept('ORDER') ? ordering(reader) : [],
    limit: reader.accept('LIMIT') ? Number(reader.next('number').text) : undefined,
    offset: reader.accept('OFFSET') ? Number(reader.next('number').text) : 0,
  }
  reader.next('end')
  return query
}

interface Reader {
  /** The next token when it is this keyword or symbol; it is then read. */
  accept(text: string): boolean
  demand(text: string): void
  next(kind: TokenKind): Token
  peek(): Token
}

const createReader = (tokens: readonly Token[]): Reader => {
  let position = 0
  const peek = (): Token => tokens[Math.min(position, tokens.length - 1)] ?? { kind: 'end', text: '<EOF>', column: 1 }
  const accept = (text: string): boolean => {
    const { kind, text: found } = peek()
    const fits = (kind === 'word' || kind === 'symbol') && found.toUpperCase() === text
    if (fits) position += 1
    return fits
  }
  return {
    accept,
    peek,
    demand: text => {
      if (!accept(text)) throw unexpected(peek())
    },
    next: kind => {
      const token = peek()
      if (token.kind !== kind) throw unexpected(token)
      position += 1
      return token
    },
  }
}

const selection = (reader: Reader): Query['select'] => {
  if (reader.peek().text.toUpperCase() !== 'COUNT') return listOf(reader, fieldPath)
  reader.demand('COUNT')
  reader.demand('(')
  reader.demand(')')
  return 'count'
}

const listOf = <Item>(reader: Reader, item: (reader: Reader) => Item): Item[] => {
  const items = [item(reader)]
  while (reader.accept(',')) items.push(item(reader))
  return items
}

const fieldPath = (reader: Reader): FieldPath => {
  const { text, column } = reader.next('word')
  return { names: text.split('.'), column }
}

const ordering = (reader: Reader): Query['orderBy'] => {
  reader.demand('BY')
  return listOf(reader, () => {
    const path = fieldPath(reader)
    const descending = reader.accept('DESC')
    if (!descending) reader.accept('ASC')
    if (!reader.accept('NULLS')) return { path, descending, nullsLast: false }
    const nullsLast = reader.accept('LAST')
    if (!nullsLast) reader.demand('FIRST')
    return { path, descending, nullsLast }
  })
}

/** AND and OR beside each other need parentheses, as in Salesforce. */
const alternatives = (reader: Reader): Condition => {
  const parts = [single(reader)]
  const joiner = ['AND', 'OR'].find(word => reader.peek().kind === 'word' && reader.peek().text.toUpperCase() === word)
  while (joiner && reader.accept(joiner)) parts.push(single(reader))
  const [first] = parts
  if (parts.length === 1 && first) return first
  return { kind: joiner === 'AND' ? 'and' : 'or', parts }
}

const single = (reader: Reader): Condition => {
  if (reader.accept('NOT')) return { kind: 'not', part: single(reader) }
  if (!reader.accept('(')) return comparison(reader)
  const inner = alternatives(reader)
  reader.demand(')')
  return inner
}

const comparison = (reader: Reader): Condition => {
  const path = fieldPath(reader)
  const operator = operatorOf(reader)
  if (operator !== 'IN' && operator !== 'NOT IN')
    return { kind: 'comparison', path, operator, literals: [literal(reader)] }
  reader.demand('(')
  const literals = listOf(reader, literal)
  reader.demand(')')
  return { kind: 'comparison', path, operator, literals }
}

const operatorOf = (reader: Reader): Operator => {
  if (reader.accept('LIKE')) return 'LIKE'
  if (reader.accept('IN')) return 'IN'
  if (reader.accept('NOT')) {
    reader.demand('IN')
    return 'NOT IN'
  }
  const token = reader.next('symbol')
  const operator = COMPARISONS[token.text]
  if (!operator) throw unexpected(token)
  return operator
}

const literal = (reader: Reader): Literal => {
  const token = reader.peek()
  const { kind, text } = token
  if (kind === 'string' || kind === 'number' || kind === 'date' || kind === 'datetime') {
    reader.next(kind)
    return { kind, text }
  }
  if (reader.accept('NULL')) return { kind: 'null', text }
  if (reader.accept('TRUE') || reader.accept('FALSE')) return { kind: 'boolean', text: text.toLowerCase() }
  throw unexpected(token)
}
