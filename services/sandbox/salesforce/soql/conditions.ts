import { invalidField, invalidFilter, malformedQuery } from '../errors.ts'
import { normalizedId } from '../records/ids.ts'
import type { Row } from '../records/records.ts'
import { millisecondsOf, salesforceTime } from '../records/times.ts'
import { type Field, isFilterable, type Value } from '../schema/fields.ts'
import type { Condition, FieldPath, Literal, Operator } from './parser.ts'
import type { ResolvedPath } from './paths.ts'

type Test = (row: Row) => boolean

/** Makes a condition into a test of records. Throws INVALID_FIELD and INVALID_QUERY_FILTER_OPERATOR. */
export const testOf = (condition: Condition, resolve: (path: FieldPath) => ResolvedPath): Test => {
  if (condition.kind === 'comparison') return comparisonTest(condition, resolve(condition.path))
  if (condition.kind === 'not') {
    const part = testOf(condition.part, resolve)
    return row => !part(row)
  }
  const parts = condition.parts.map(part => testOf(part, resolve))
  return condition.kind === 'and' ? row => parts.every(part => part(row)) : row => parts.some(part => part(row))
}

/** What values of a field are compared and ordered by: texts without regard to case, ids with it, so that an order by id fits `Id >`. */
export const comparable = (field: Field, value: Value): Value =>
  typeof value === 'string' && !isIdentifier(field) ? value.toLowerCase() : value

const comparisonTest = (
  { operator, literals }: Extract<Condition, { kind: 'comparison' }>,
  { field, value }: ResolvedPath,
): Test => {
  assertFilterable(field, operator)
  if (operator === 'LIKE') {
    const pattern = likePattern(literals[0]?.text ?? '')
    return row => pattern.test(String(value(row) ?? ''))
  }
  const fold = (one: Value): Value => comparable(field, one)
  const wanted = literals.map(one => fold(literalValue(field, one)))
  if (operator === 'IN' || operator === 'NOT IN') {
    const set = new Set(wanted)
    return row => set.has(fold(value(row))) === (operator === 'IN')
  }
  const compare = COMPARE[operator]
  const [other = null] = wanted
  return row => compare(fold(value(row)), other)
}

const ordered =
  (fits: (left: string | number, right: string | number) => boolean) =>
  (left: Value, right: Value): boolean =>
    left !== null && right !== null && fits(left as string | number, right as string | number)

const COMPARE: Readonly<Record<Exclude<Operator, 'LIKE' | 'IN' | 'NOT IN'>, (left: Value, right: Value) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': ordered((left, right) => left < right),
  '>': ordered((left, right) => left > right),
  '<=': ordered((left, right) => left <= right),
  '>=': ordered((left, right) => left >= right),
}

const isIdentifier = ({ type }: Field): boolean => type === 'id' || type === 'reference'

const assertFilterable = (field: Field, operator: Operator): void => {
  if (!isFilterable(field)) throw invalidField(`field '${field.name}' can not be filtered in a query call`)
  const kind = literalKind(field)
  const impossible =
    operator === 'LIKE'
      ? kind !== 'string' || isIdentifier(field)
      : kind === 'boolean' && !['=', '!='].includes(operator)
  if (impossible) throw invalidFilter(`invalid operator on ${field.type} field`)
}

const LITERAL_KINDS: Readonly<Partial<Record<Field['type'], Literal['kind']>>> = {
  boolean: 'boolean',
  int: 'number',
  currency: 'number',
  date: 'date',
  datetime: 'datetime',
}

const literalKind = ({ type }: Field): Literal['kind'] => LITERAL_KINDS[type] ?? 'string'

/** What a literal that a field is compared with means. Throws INVALID_FIELD when it is of another type. */
export const literalValue = (field: Field, { kind, text }: Literal): Value => {
  if (kind === 'null') return null
  const wanted = literalKind(field)
  if (kind !== wanted)
    throw invalidField(
      `value of filter criterion for field '${field.name}' must be of type ${field.type} and should ${wanted === 'string' ? '' : 'not '}be enclosed in quotes`,
    )
  if (kind === 'number') return Number(text)
  if (kind === 'boolean') return text === 'true'
  if (kind === 'date') return text
  if (kind === 'datetime') return salesforceTime(millisecondsOf(text) ?? 0)
  const value = unescaped(text)
  if (!isIdentifier(field)) return value
  const id = normalizedId(value)
  if (!id) throw invalidFilter(`invalid ID field: ${value}`)
  return id
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, character: string) => {
    const meant = ESCAPES[character.toLowerCase()]
    if (meant === undefined) throw malformedQuery(`Illegal string literal: invalid escape \\${character}`)
    return meant
  })

/** `%` stands for any characters, `_` for one; with a backslash before them they stand for themselves. */
const likePattern = (text: string): RegExp => {
  const parts = text.match(/\\.|[^\\]/gs) ?? []
  const pattern = parts.map(part => {
    if (part === '%') return '.*'
    if (part === '_') return '.'
    const meant = part === '\\%' || part === '\\_' ? part.charAt(1) : unescaped(part)
    return meant.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  return new RegExp(`^${pattern.join('')}$`, 'is')
}
