import { invalidField } from '../errors.ts'
import type { Org } from '../org.ts'
import type { Row } from '../records/records.ts'
import type { Field } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'

/** The fields of these names, all when none is named. Throws INVALID_FIELD. */
export const chosenFields = ({ schema }: Org, object: SObjectType, names: readonly string[]): readonly Field[] => {
  if (names.length === 0) return schema.fields(object)
  return names.map(name => {
    const field = schema.field(object, name)
    if (!field) throw invalidField(`No such column '${name}' on sobject of type ${object.name}`)
    return field
  })
}

/** A record as a retrieval shows it. */
export const presentedRecord = (object: SObjectType, row: Row, fields: readonly Field[], base: string): object => ({
  attributes: { type: object.name, url: `${base}/sobjects/${object.name}/${row.Id}` },
  ...Object.fromEntries(fields.map(({ name }) => [name, row[name] ?? null])),
  Id: row.Id,
})
