import {
  type FieldType,
  type PendoAndHubSpot,
  pendoAndHubSpot,
  type SharedField,
} from '../../topology/pendo-and-hubspot.ts'
import type { SharedField as LinkedField } from '../shared-fields/plan.ts'
import { checkPendoAndHubSpot } from './check.ts'

/** A shared field, ready to work with. */
export interface SyncedField extends LinkedField {
  /** Both names, so that it is another field when either changes. */
  readonly name: string
  /** `<group>.<field>`. */
  readonly pendo: string
  readonly hubspot: string
  readonly type: FieldType
  readonly direction: SharedField['direction']
  readonly conflict: 'newest' | 'hubspot' | 'pendo'
}

export interface Mapping {
  readonly enabled: boolean
  readonly contacts: readonly SyncedField[]
  readonly companies: readonly SyncedField[]
  readonly matchCompaniesBy: PendoAndHubSpot['matchCompaniesBy']
}

/** The mapping, checked (MAPPING_INVALID) and ready. */
export const readyMapping = (given: unknown): Mapping => {
  const { enabled, contacts, companies, matchCompaniesBy } = checkPendoAndHubSpot(given)
  return { enabled, contacts: contacts.map(ready), companies: companies.map(ready), matchCompaniesBy }
}

const ready = (field: SharedField): SyncedField => ({
  name: `${field.pendo}=${field.hubspot}`,
  pendo: field.pendo,
  hubspot: field.hubspot,
  type: field.type ?? 'text',
  direction: field.direction,
  conflict: field.direction === 'both' ? field.conflict : sourceOf[field.direction],
})

const sourceOf = { 'to-hubspot': 'pendo', 'to-pendo': 'hubspot' } as const

let checked: Mapping | undefined

/** The mapping of the repository. The services check it when they start; whoever asks first checks it too. */
export const sharedMetadata = (): Mapping => {
  checked ??= readyMapping(pendoAndHubSpot)
  return checked
}
