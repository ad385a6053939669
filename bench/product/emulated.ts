import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { startPendoSandbox } from '../../services/sandbox/pendo/start.ts'
import type { VendorServer } from '../../services/sandbox/vendor-server.ts'
import type { Vendor } from './calls.ts'

const many = 1_000_000_000
const limits = { burst: many, daily: many, searchesPerSecond: many, eventSendsPerSecond: many }

/** Start the emulated vendors without their limits in time. */
export const startEmulated: Readonly<Record<Vendor, () => Promise<VendorServer>>> = {
  pendo: () => startPendoSandbox({ choices: { requestsPerSecond: null } }),
  hubspot: () => startHubSpotSandbox({ limits }),
}
