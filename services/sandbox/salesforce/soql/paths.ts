import { invalidField } from '../errors.ts'
import { prefixOf } from '../records/ids.ts'
import type { Row } from '../records/records.ts'
import { type Field, picklist, text, type Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import type { FieldPath } from './parser.ts'

/** A field of the object or of what one of its references refers to, ready to be read. */
export interface ResolvedPath {
  readonly field: Field
  /** The relationship that it goes through. */
  readonly reference: Field | undefined
  value(row: Row): Value
}

/** What a reference to several kinds of objects shows of them. */
const NAME_FIELDS: readonly Field[] = [
  { ...text('Id', 18), type: 'id' },
  text('Name', 121),
  text('FirstName', 40),
  text('LastName', 80),
  text('Email', 80),
  text('Phone', 40),
  text('Title', 128),
  picklist('Type', []),
]

/** Finds a field of a query; throws INVALID_FIELD. */
export const resolvedPath = (
  { schema, get }: { readonly schema: Schema; readonly get: (id: string) => Row | undefined },
  object: SObjectType,
  { names, column }: FieldPath,
): ResolvedPath => {
  const [first = '', second] = names
  if (second === undefined) {
    const field = schema.field(object, first)
    if (!field) throw noSuchColumn(first, object.name, column)
    return { field, reference: undefined, value: row => row[field.name] ?? null }
  }
  const reference = schema
    .fields(object)
    .find(({ relationship }) => relationship?.toLowerCase() === first.toLowerCase())
  if (!reference || names.length > 2)
    throw invalidField(
      `ERROR at Row:1:Column:${column}\nDidn't understand relationship '${first}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    )
  const [target, ...others] = reference.referenceTo.flatMap(name => schema.object(name) ?? [])
  const polymorphic = others.length > 0
  const field = polymorphic
    ? NAME_FIELDS.find(({ name }) => name.toLowerCase() === second.toLowerCase())
    : target && schema.field(target, second)
  if (!field) throw noSuchColumn(second, polymorphic ? 'Name' : (target?.name ?? ''), column)
  return {
    field,
    reference,
    value: row => {
      const id = row[reference.name]
      if (typeof id !== 'string') return null
      if (polymorphic && field.name === 'Type') return schema.objectOfPrefix(prefixOf(id))?.name ?? null
      return get(id)?.[field.name] ?? null
    },
  }
}

const noSuchColumn = (name: string, entity: string, column: number): ReturnType<typeof invalidField> =>
  invalidField(
    `ERROR at Row:1:Column:${column}\nNo such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  )
