import type { Kind } from '../kinds.ts'

/** What a setting belongs to. */
export type SettingGroup = 'platform' | 'services' | Vendor

/** Vendors that this version connects. */
export const vendors = ['hubspot', 'salesforce', 'zoom', 'segment', 'pendo'] as const
export type ConnectedVendor = (typeof vendors)[number]
/** Vendors whose names are kept for later versions. */
export const laterVendors = ['account-engagement'] as const
export type Vendor = ConnectedVendor | (typeof laterVendors)[number]

/** One environment variable. */
export interface Setting {
  readonly group: SettingGroup
  readonly kind: Kind<unknown>
  /** As a person would write it. */
  readonly default?: string
  /** Its value is never printed, and it can be given as a file: `<NAME>_FILE`. */
  readonly secret?: true
  /** Setting it says that a real account of the vendor is meant (interfaces.md: "What is emulated is never a guess"). */
  readonly credential?: true
  /** There is one for each account of ZOOM_ACCOUNTS too, as `ZOOM_<NAME>_…`. */
  readonly perAccount?: true
  readonly meaning: string
}
