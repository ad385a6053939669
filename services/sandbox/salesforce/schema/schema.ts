import type { Store, Table } from '../../store.ts'
import { type Field, text, type Value } from './fields.ts'
import { SOBJECTS, type SObjectType } from './objects.ts'

/** What the org knows about its objects. Names are found without regard to case, as Salesforce finds them. */
export interface Schema {
  object(name: string): SObjectType | undefined
  objectOfPrefix(prefix: string): SObjectType | undefined
  objects(): readonly SObjectType[]
  field(object: SObjectType, name: string): Field | undefined
  /** Standard fields, then custom ones. */
  fields(object: SObjectType): readonly Field[]
  /** Those whose values are looked up: external ids and unique fields. */
  keys(object: SObjectType): readonly Field[]
  /** The values that a record has in those. */
  keyValues(object: SObjectType, values: Readonly<Record<string, Value>>): string[]
  addField(object: SObjectType, field: CustomField): void
  removeField(object: SObjectType, name: string): void
  /** Reads the store again. */
  reload(): void
}

/** A custom text field, as an administrator makes it. */
export interface CustomField {
  /** Ends in `__c`. */
  readonly name: string
  readonly label: string
  readonly length: number
  readonly externalId: boolean
  readonly unique: boolean
  readonly caseSensitive: boolean
}

/** The field that a Tributary needs: unique without regard to case, Salesforce's default for unique texts. */
export const TRIBUTARY_ID: CustomField = {
  name: 'Tributary_Id__c',
  label: 'Tributary Id',
  length: 255,
  externalId: true,
  unique: true,
  caseSensitive: false,
}

/** @param isThere whether the org has an object @param known objects that an org can have */
export const createSchema = (
  store: Store,
  isThere: (object: SObjectType) => boolean,
  known: readonly SObjectType[] = SOBJECTS,
): Schema => {
  const present = known.filter(isThere)
  const customFields: Table<{ object: string; field: CustomField }> = store.table('custom fields')
  const objects = new Map(present.map(one => [one.name.toLowerCase(), one]))
  const fields = new Map<string, Map<string, Field>>()
  const keys = new Map<string, Field[]>()
  const reload = (): void => {
    for (const { name, fields: standard } of present) {
      const custom = [...customFields.values()].filter(one => one.object === name).map(one => fieldOf(one.field))
      const all = [...standard, ...custom]
      fields.set(name, new Map(all.map(one => [one.name.toLowerCase(), one])))
      keys.set(
        name,
        all.filter(one => one.externalId || one.unique),
      )
    }
  }
  reload()
  const keysOf = ({ name }: SObjectType): readonly Field[] => keys.get(name) ?? []
  return {
    object: name => objects.get(name.toLowerCase()),
    objectOfPrefix: prefix => present.find(one => one.prefix === prefix),
    objects: () => present,
    field: ({ name }, fieldName) => fields.get(name)?.get(fieldName.toLowerCase()),
    fields: ({ name }) => [...(fields.get(name)?.values() ?? [])],
    keys: keysOf,
    keyValues: (object, values) =>
      keysOf(object).flatMap(({ name }) => (typeof values[name] === 'string' ? [values[name]] : [])),
    addField: (object, field) => {
      customFields.set(`${object.name}.${field.name}`, { object: object.name, field })
      reload()
    },
    removeField: (object, name) => {
      customFields.delete(`${object.name}.${name}`)
      reload()
    },
    reload,
  }
}

const fieldOf = ({ name, length, ...details }: CustomField): Field => text(name, length, { ...details, custom: true })
