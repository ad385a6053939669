import {
  invalidField,
  malformedId,
  notParsed,
  refused,
  requiredFieldsMissing,
  type SalesforceRefusal,
} from '../errors.ts'
import { type Field, isText, type Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { normalizedId, prefixOf } from './ids.ts'
import type { Values } from './records.ts'
import { isDay, millisecondsOf, salesforceTime } from './times.ts'

/**
 * The values of a record in a request, under the fields' own names. An unknown field or a value of another type is a fault of the whole
 * request, also in a collection. `attributes` is left out.
 */
export const valuesOf = (schema: Schema, object: SObjectType, body: Readonly<Record<string, unknown>>): Values => {
  const values: Record<string, Value> = {}
  for (const [name, value] of Object.entries(body)) {
    if (name === 'attributes') continue
    const field = schema.field(object, name)
    if (!field) throw invalidField(`No such column '${name}' on sobject of type ${object.name}`)
    values[field.name] = deserialized(field, value)
  }
  return values
}

const deserialized = (field: Field, value: unknown): Value => {
  if (value === null || (value === '' && (isText(field) || field.type === 'reference'))) return null
  const read = READERS[field.type] ?? readText
  const found = read(value)
  if (found === undefined) throw notDeserialized(field, value)
  return found
}

const readText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const readNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

const READERS: Readonly<Partial<Record<Field['type'], (value: unknown) => Value | undefined>>> = {
  boolean: value => (typeof value === 'boolean' ? value : undefined),
  int: value => (Number.isInteger(value) ? readNumber(value) : undefined),
  currency: readNumber,
  date: value => (typeof value === 'string' && isDay(value) ? value : undefined),
  datetime: value => {
    const milliseconds = typeof value === 'string' ? millisecondsOf(value) : undefined
    return milliseconds === undefined ? undefined : salesforceTime(milliseconds)
  },
}

const notDeserialized = ({ type }: Field, value: unknown): SalesforceRefusal => {
  const token = typeof value === 'number' ? 'NUMBER' : typeof value === 'boolean' ? 'BOOLEAN' : 'STRING'
  const shown = typeof value === 'object' ? 'START_OBJECT' : `VALUE_${token} value ${String(value)}`
  return notParsed(`Cannot deserialize instance of ${type} from ${shown} or request may be missing a required field`)
}

/** Refuses values that the fields cannot hold, and gives ids in 18 characters. `created` says that the record is new. */
export const checkedValues = (schema: Schema, object: SObjectType, values: Values, created: boolean): Values => {
  const fields = schema.fields(object)
  const written = fields.filter(field => values[field.name] !== undefined)
  const unwritable = written.filter(({ access }) => access === 'read' || (access === 'create' && !created))
  if (unwritable.length > 0) throw notWritable(unwritable, created)
  const missing = fields.filter(field => isMissing(field, values[field.name], created)).map(({ name }) => name)
  if (missing.length > 0) throw requiredFieldsMissing(missing)
  return Object.fromEntries(written.map(field => [field.name, checkedValue(schema, field, values[field.name] ?? null)]))
}

const isMissing = (field: Field, value: Value | undefined, created: boolean): boolean => {
  if (!field.required || field.access === 'read') return false
  if (value !== undefined) return value === null
  return created && field.defaultValue === null && field.name !== 'OwnerId'
}

const notWritable = (fields: readonly Field[], created: boolean): SalesforceRefusal => {
  const names = fields.map(({ name }) => name)
  return refused(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    created && names.includes('Id')
      ? 'cannot specify Id in an insert call'
      : `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    names,
  )
}

const EMAIL = /^[^\s@,;<>()[\]"]+@[^\s@,;<>()[\]".]+(?:\.[^\s@,;<>()[\]".]+)+$/

const checkedValue = (schema: Schema, field: Field, value: Value): Value => {
  if (typeof value !== 'string') return value
  const { name, label, type, length } = field
  if (type === 'reference') return checkedReference(schema, field, value)
  if (isText(field) && value.length > length)
    throw refused('STRING_TOO_LONG', `${label}: data value too large: ${value} (max length=${length})`, [name])
  if (type === 'email' && !EMAIL.test(value))
    throw refused('INVALID_EMAIL_ADDRESS', `${label}: invalid email address: ${value}`, [name])
  if (field.restricted && !field.values.includes(value))
    throw refused(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${label}: bad value for restricted picklist field: ${value}`,
      [name],
    )
  return value
}

const checkedReference = (schema: Schema, { name, label, referenceTo }: Field, value: string): string => {
  const id = normalizedId(value)
  const object = id && schema.objectOfPrefix(prefixOf(id))
  if (!id || !object || !referenceTo.includes(object.name)) throw malformedId(label, value, name)
  return id
}
