import type { SetupReport, VendorSetup } from '../setup/vendor-setup.ts'
import type { Area, Finding } from './finding.ts'

/** Whether a vendor answers with these credentials, and holds and allows what the map needs. */
export const examineVendor = async (setup: VendorSetup, signal: AbortSignal): Promise<readonly Finding[]> =>
  findingsOf(setup.vendor, await setup.check(signal))

/** A vendor's accounts are named behind it: `zoom:emea`. */
export const areaOf = (vendor: string): Area => vendor.split(':')[0] as Area

export const findingsOf = (vendor: string, report: SetupReport): readonly Finding[] => {
  const area = areaOf(vendor)
  if (report.kind === 'unknown')
    return [{ area, level: 'problem', code: report.code, message: `${vendor} cannot be examined. ${report.message}` }]
  if (report.gaps.length === 0)
    return [{ area, level: 'fine', code: 'SETUP_COMPLETE', message: `${vendor} has all that the map needs.` }]
  return report.gaps.map(({ what, by, message }) => ({
    area,
    level: by === 'admin' ? 'problem' : 'warning',
    code: by === 'admin' ? 'SETUP_NEEDS_ADMIN' : 'SETUP_INCOMPLETE',
    message: `${vendor}: ${what}. ${message}${by === 'admin' ? '' : ' `tributary setup` makes it; so does the sink at its start.'}`,
  }))
}
