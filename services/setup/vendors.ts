import type { ReachableAccount } from '../producers/zoom/rest/connect.ts'
import { connectZoom } from '../producers/zoom/rest/connect.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Login } from '../sinks/salesforce/api/assertion.ts'
import { hubSpotVendor } from './hubspot.ts'
import { pendoVendor } from './pendo.ts'
import { salesforceVendor } from './salesforce.ts'
import type { VendorSetup } from './vendor-setup.ts'
import { zoomVendor } from './zoom.ts'

/** How to reach the vendors that are on; one that is off is null or absent. */
export interface ReachableVendors {
  readonly hubspot: { readonly accessToken: string; readonly baseUrl: string } | null
  readonly salesforce: Login | null
  readonly pendo: {
    readonly integrationKey: string
    readonly trackSecret: string | null
    readonly baseUrl: string
  } | null
  /** Whether HubSpot and Salesforce share tasks (TASK_SYNC). */
  readonly sharesTasks: boolean
  readonly zoom: readonly (ReachableAccount & { readonly webhookUrl: string | null })[]
}

/** What the map needs of each vendor that is on. */
export const vendorSetups = (
  vendors: ReachableVendors,
  parts: { readonly clock: Clock; readonly metrics: Metrics },
): readonly VendorSetup[] => [
  ...(vendors.hubspot ? [hubSpotVendor({ ...vendors.hubspot, ...parts, sharesTasks: vendors.sharesTasks })] : []),
  ...(vendors.salesforce
    ? [salesforceVendor({ ...vendors.salesforce, ...parts, activities: vendors.sharesTasks })]
    : []),
  ...(vendors.pendo ? [pendoVendor({ ...vendors.pendo, ...parts })] : []),
  ...vendors.zoom.map(account =>
    zoomVendor({ account: account.name, calls: connectZoom(account, parts), webhookUrl: account.webhookUrl }),
  ),
]
