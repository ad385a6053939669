import type { FieldValue } from '../../topology/define.ts'
import type { ReadResult } from './destination.ts'

export type Fields = Readonly<Record<string, FieldValue>>

export const answer = { status: 200, correlationId: null } as const

export const refused = {
  ...answer,
  kind: 'rejected',
  code: 'VALUE_REFUSED',
  message: 'Expected a value that the vendor takes, came another.',
  status: 400,
} as const

/** Null clears a field. */
export const merged = (before: Fields, fields: Fields): Fields =>
  Object.fromEntries(Object.entries({ ...before, ...fields }).filter(([, value]) => value !== null))

export const held = (fields: Fields | undefined, names: readonly string[]): ReadResult => {
  if (!fields) return { ...answer, kind: 'missing' }
  return { ...answer, kind: 'held', fields: Object.fromEntries(names.map(name => [name, fields[name] ?? null])) }
}
