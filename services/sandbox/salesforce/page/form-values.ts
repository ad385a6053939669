import type { Org } from '../org.ts'
import type { Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'

/** What a form's texts mean, by the types of the fields; an empty text is no value. */
export const fieldValues = (
  { schema }: Org,
  object: SObjectType,
  fields: Readonly<Record<string, string>>,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const type = schema.field(object, name)?.type
      if (type === 'boolean') return [name, value === 'true']
      if (value.trim() === '') return [name, null]
      const numeric = (type === 'int' || type === 'currency') && !Number.isNaN(Number(value))
      return [name, numeric ? Number(value) : value]
    }),
  )
