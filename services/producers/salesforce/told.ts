import type { IdentityClaim, Task } from '../../../schemas/generated.ts'
import type { Row } from '../../sinks/salesforce/api/client.ts'
import type { SourceRecord } from '../encoded.ts'
import { instantOf } from '../input/times.ts'

/** The source of all that comes from Salesforce. */
export const ofSalesforce = 'salesforce:default'

/** A record's fields as Salesforce writes them; null for empty ones. */
export type Fields = Readonly<Record<string, null | boolean | number | string>>

/** What is known besides the row itself. */
export interface Reading {
  readonly receivedAt: number
  /** The integration user, in 18 characters; null when it is not known. */
  readonly userId: string | null
  /** Whether the record was told last as deleted. */
  isGone(id: string): boolean
}

/** What a row becomes. */
export interface Told {
  /** The record's, in 18 characters. */
  readonly id: string
  /** A hash of all that is told of it, by which a change is seen. */
  readonly content: number
  /** Whether it is deleted, where that is told. */
  readonly isGone?: boolean
  readonly claims: readonly IdentityClaim[]
  readonly records: readonly SourceRecord<Task>[]
}

/** The columns that every object has, by which it is known what became of a record and when. */
export const ownColumns = ['Id', 'IsDeleted', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp'] as const

/** When Salesforce last touched the record, in milliseconds; null when the row does not say. */
export const stampOf = (row: Row): number | null => instantOf(row['SystemModstamp'])

/** The id holds the record's, when it was touched, and the hash: a repetition is known by it. */
export const eventIdOf = (object: string, id: string, row: Row, content: number): string =>
  `salesforce:${object}:${id}:${stampOf(row) ?? ''}-${content.toString(36)}`

/** The named columns of a row. An empty text is null, as Salesforce keeps none. */
export const fieldsOf = (row: Row, columns: readonly string[]): Fields =>
  Object.fromEntries(columns.map(name => [name, fieldOf(row[name])]))

const fieldOf = (value: unknown): Fields[string] => {
  if (typeof value === 'string') return value === '' ? null : value.toWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return typeof value === 'boolean' ? value : null
}
