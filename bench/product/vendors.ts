import { endWithParent } from '../../services/platform/parent.ts'
import type { Vendor } from './calls.ts'
import { startEmulated } from './emulated.ts'

/** The emulated vendors in a process of their own. Sends their addresses to its parent. */
const [pendo, hubspot] = await Promise.all([startEmulated.pendo(), startEmulated.hubspot()])
endWithParent()
process.send?.({ pendo: pendo.url, hubspot: hubspot.url } satisfies Record<Vendor, string>)
