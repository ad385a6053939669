import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { HubSpotProperties } from '../../../topology/hubspot-properties.ts'
import {
  companyIdentity,
  companyTold,
  contactIdentity,
  contactTold,
  erasedContact,
  type Facts,
  mergedContacts,
  type Telling,
  type Told,
} from './records.ts'

/** A type of record that is taken from HubSpot: how webhooks, the API and Tributary call it, and what its changes become. */
export interface ObjectType {
  /** In subscriptions of its own: `contact.creation`. */
  readonly name: string
  /** In those of every type, `object.creation`: what `objectTypeId` says. */
  readonly typeId: string
  /** In paths of the API. */
  readonly path: keyof HubSpotProperties
  /** The property that says when a record was last modified. */
  readonly modified: string
  /** The scope without which it cannot be read. */
  readonly scope: string
  /** Properties that are needed, whichever are chosen. */
  readonly identity: readonly string[]
  readonly told: (telling: Telling) => Told
  /** What follows when records become one, whose id is the first; absent when nothing does. */
  readonly merged?: (facts: Facts, ids: readonly string[]) => IdentityClaim | null
  /** What follows when a record is removed for the sake of privacy; absent when nothing does. */
  readonly erased?: (facts: Facts, id: string) => IdentityClaim
}

/** Every type that is taken; a further one is one entry here and what it becomes in records.ts. */
export const objectTypes: readonly ObjectType[] = [
  {
    ...{ name: 'contact', typeId: '0-1', path: 'contacts', modified: 'lastmodifieddate' },
    ...{ scope: 'crm.objects.contacts.read', identity: contactIdentity },
    ...{ told: contactTold, merged: mergedContacts, erased: erasedContact },
  },
  {
    ...{ name: 'company', typeId: '0-2', path: 'companies', modified: 'hs_lastmodifieddate' },
    ...{ scope: 'crm.objects.companies.read', identity: companyIdentity, told: companyTold },
  },
]

/** The properties of a type that are read: what is needed, and what is chosen. */
export const propertiesOf = ({ identity, path }: ObjectType, chosen: HubSpotProperties): readonly string[] => [
  ...new Set([...identity, ...chosen[path]]),
]

/** A record's id as text of digits; null for what is none. */
export const recordIdOf = (value: unknown): string | null => {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  return typeof id === 'string' && /^[1-9]\d{0,18}$/.test(id) ? id : null
}
