import type { Org } from '../org.ts'
import type { Field, Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'

/** What a form's texts mean, by the types of the fields; an empty text is no value, and an address means whom it is of. */
export const fieldValues = (
  org: Org,
  object: SObjectType,
  fields: Readonly<Record<string, string>>,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const field = org.schema.field(object, name)
      const type = field?.type
      if (type === 'boolean') return [name, value === 'true']
      if (value.trim() === '') return [name, null]
      if (field && type === 'reference' && value.includes('@')) return [name, idOf(org, field, value)]
      const numeric = (type === 'int' || type === 'currency') && !Number.isNaN(Number(value))
      return [name, numeric ? Number(value) : value]
    }),
  )

/** The record with this address of what the field refers to, contacts before leads; the address itself when there is none. */
const idOf = ({ schema, records }: Org, { referenceTo }: Field, address: string): string => {
  const wanted = address.trim().toLowerCase()
  const found = referenceTo
    .flatMap(name => schema.object(name) ?? [])
    .flatMap(object => records.live(object))
    .find(row => row['IsConverted'] !== true && String(row['Email']).toLowerCase() === wanted)
  return found?.Id ?? address
}
