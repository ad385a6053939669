import { prefixOf } from '../records/ids.ts'
import type { Records, Row } from '../records/records.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { literalValue } from './conditions.ts'
import type { Condition } from './parser.ts'

interface Tables {
  readonly schema: Schema
  readonly records: Records
}

type Comparison = Extract<Condition, { kind: 'comparison' }>

/**
 * Records among which are all that fit a condition, found by their id, by a key, or by the time of their last change; undefined when only looking at all
 * records tells. A key finds no deleted records: `overAll` says that they are asked for.
 */
export const candidates = (
  tables: Tables,
  object: SObjectType,
  condition: Condition,
  overAll: boolean,
): readonly Row[] | undefined => {
  if (condition.kind === 'not') return undefined
  if (condition.kind === 'comparison') return compared(tables, object, condition, overAll)
  if (condition.kind === 'and') {
    for (const part of condition.parts) {
      const found = candidates(tables, object, part, overAll)
      if (found) return found
    }
    return undefined
  }
  const union = new Set<Row>()
  for (const part of condition.parts) {
    const found = candidates(tables, object, part, overAll)
    if (!found) return undefined
    for (const row of found) union.add(row)
  }
  return [...union]
}

const compared = (
  { schema, records }: Tables,
  object: SObjectType,
  { path, operator, literals }: Comparison,
  overAll: boolean,
): readonly Row[] | undefined => {
  const [name = '', ...further] = path.names
  const field = further.length === 0 ? schema.field(object, name) : undefined
  if (!field) return undefined
  const values = (): string[] => literals.map(one => literalValue(field, one)).filter(one => typeof one === 'string')
  if (field.name === 'SystemModstamp' && ['>', '>=', '='].includes(operator))
    return values().flatMap(time => records.since(object, time))
  if ((operator !== '=' && operator !== 'IN') || literals.some(({ kind }) => kind === 'null')) return undefined
  const distinct = (): string[] => [...new Set(values())]
  if (field.type === 'id')
    return distinct().flatMap(id => (prefixOf(id) === object.prefix ? (records.get(id) ?? []) : []))
  if (overAll || !schema.keys(object).includes(field)) return undefined
  return [...new Set(distinct().flatMap(value => records.findBy(object, field, value)))]
}
