import type { SharedProperty } from '../sinks/hubspot/setup/shared-properties.ts'
import type { Mapping, SyncedField } from './mapping.ts'

/** What a mapping needs in HubSpot. */
export interface SharedProperties {
  readonly contacts: readonly SharedProperty[]
  readonly companies: readonly SharedProperty[]
}

/** The properties that must be in HubSpot; none while the mapping is off. */
export const neededProperties = ({ enabled, contacts, companies }: Mapping): SharedProperties => ({
  contacts: enabled ? propertiesOf(contacts) : [],
  companies: enabled ? propertiesOf(companies) : [],
})

const propertiesOf = (fields: readonly SyncedField[]): readonly SharedProperty[] => [
  ...new Map(
    fields.map(({ hubspot, type, direction }): [string, SharedProperty] => [
      hubspot,
      { name: hubspot, type, isWritten: direction !== 'to-pendo' },
    ]),
  ).values(),
]

/** A custom field that must be in Pendo, and its types there that hold its values. */
export interface SharedPendoField {
  readonly name: string
  readonly types: readonly string[]
}

/** The custom fields that are written in Pendo, which only an admin makes; none while the mapping is off. */
export const neededFields = ({
  enabled,
  contacts,
  companies,
}: Mapping): { readonly visitor: readonly SharedPendoField[]; readonly account: readonly SharedPendoField[] } => ({
  visitor: enabled ? writtenInPendo(contacts) : [],
  account: enabled ? writtenInPendo(companies) : [],
})

const writtenInPendo = (fields: readonly SyncedField[]): readonly SharedPendoField[] =>
  fields
    .filter(({ direction }) => direction !== 'to-hubspot')
    .map(({ pendo, type }) => ({ name: pendo.slice('custom.'.length), types: pendoTypes[type] }))

const pendoTypes: Readonly<Record<SyncedField['type'], readonly string[]>> = {
  text: ['string'],
  number: ['integer', 'float'],
  bool: ['boolean'],
  date: ['time'],
  datetime: ['time'],
}
