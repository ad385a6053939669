import type { HubSpotClientOptions } from '../sinks/hubspot/client.ts'
import { hubSpotSetup } from '../sinks/hubspot/setup/account.ts'
import type { Difference, SetupProblem } from '../sinks/hubspot/setup/setup.ts'
import type { Gap, SetupReport, VendorSetup } from './vendor-setup.ts'

/** Contact properties with their group, event definitions with their properties. */
export const hubSpotVendor = (options: HubSpotClientOptions): VendorSetup => {
  const parts = hubSpotSetup(options)
  const check = async (signal: AbortSignal): Promise<SetupReport> => {
    const gaps: Gap[] = []
    for (const part of parts) {
      const compared = await part.compare(signal)
      if (compared.kind !== 'compared') return unknown(compared)
      gaps.push(...compared.differences.map(gapOf))
    }
    return { kind: 'known', gaps }
  }
  return {
    vendor: 'hubspot',
    notes: [],
    check,
    make: async signal => {
      const made: Gap[] = []
      const left: Gap[] = []
      for (const part of parts) {
        const result = await part.make(signal)
        if (result.kind !== 'made') return { made, left: unknown(result) }
        made.push(...result.made.map(gapOf))
        left.push(...result.left.map(gapOf))
      }
      return { made, left: { kind: 'known', gaps: left } }
    },
  }
}

const gapOf = ({ what, name, makes, message }: Difference): Gap => ({
  what: `${what} ${name}`,
  by: makes ? 'tributary' : 'admin',
  message,
})

const unknown = ({ code, message }: SetupProblem): SetupReport => ({ kind: 'unknown', code, message })
