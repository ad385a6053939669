import { malformedQuery, type SalesforceRefusal } from '../errors.ts'

export type TokenKind = 'string' | 'datetime' | 'date' | 'number' | 'word' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; of a string what stands between the quotes, escapes included. */
  readonly text: string
  /** Column, from 1. */
  readonly column: number
}

const PATTERNS: readonly (readonly [Exclude<TokenKind, 'end'>, RegExp])[] = [
  ['string', /'((?:[^'\\]|\\.)*)'/sy],
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/y],
  ['date', /\d{4}-\d{2}-\d{2}/y],
  ['number', /-?\d+(?:\.\d+)?/y],
  ['word', /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y],
  ['symbol', /<=|>=|!=|<>|[=<>(),]/y],
]

/** The words of a query; the last token is its end. */
export const tokensOf = (query: string): Token[] => {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    if (/\s/.test(query.charAt(at))) {
      at += 1
      continue
    }
    const found = tokenAt(query, at)
    if (!found) throw unexpected({ kind: 'symbol', text: query.charAt(at), column: at + 1 })
    tokens.push(found.token)
    at += found.length
  }
  tokens.push({ kind: 'end', text: '<EOF>', column: query.length + 1 })
  return tokens
}

const tokenAt = (query: string, at: number): { token: Token; length: number } | undefined => {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const match = pattern.exec(query)
    if (match) return { token: { kind, text: match[1] ?? match[0], column: at + 1 }, length: match[0].length }
  }
  return undefined
}

export const unexpected = ({ text, column }: Token): SalesforceRefusal =>
  malformedQuery(`ERROR at Row:1:Column:${column}\nunexpected token: '${text}'`)
