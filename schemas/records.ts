import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Records } from './generated.ts'

export type RecordName = keyof Records

/** An Avro schema as JSON, narrowed to the forms that Tributary's schemas use. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | {
      readonly type: AvroSchema
      readonly logicalType?: string
      readonly name?: string
      readonly namespace?: string
      readonly doc?: string
      readonly symbols?: readonly string[]
      readonly items?: AvroSchema
      readonly values?: AvroSchema
      readonly fields?: readonly AvroField[]
    }

export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly doc?: string
  readonly default?: unknown
}

/** Every record, one file each: `<name>.avsc`. A record may refer to those before it. */
export const recordNames = [
  'visitor',
  'account',
  'track',
  'webinar',
  'task',
  'record-notice',
  'prospect',
  'identity-claim',
  'identity',
  'participation',
  'attendance',
  'webinar-history',
  'profile',
  'known-account',
  'metadata-link',
  'sink-write',
  'receipt',
  'delivered',
  'dead-letter-mark',
  'message-ids',
  'sweep-mark',
  'event-usage',
] as const satisfies readonly RecordName[]

/** The schema of a record with the records it refers to written out, as it is registered. */
export const schemaOf = (name: RecordName): AvroSchema => inline(readSchema(name))

const readSchema = (name: string): AvroSchema =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`./${name}.avsc`, import.meta.url)), 'utf8')) as AvroSchema

const fileOf = (fullName: string): string =>
  fullName
    .replace(/^tributary\./, '')
    .replace(/[a-z][A-Z]/g, pair => `${pair[0]}-${pair[1]}`.toLowerCase())
    .toLowerCase()

const inline = (schema: AvroSchema): AvroSchema => {
  if (typeof schema === 'string') return schema.startsWith('tributary.') ? readSchema(fileOf(schema)) : schema
  if (!('type' in schema)) return schema.map(inline)
  return {
    ...schema,
    ...(schema.items === undefined ? {} : { items: inline(schema.items) }),
    ...(schema.values === undefined ? {} : { values: inline(schema.values) }),
    ...(schema.fields === undefined
      ? {}
      : { fields: schema.fields.map(field => ({ ...field, type: inline(field.type) })) }),
  }
}
