import { type HubSpotSetupOptions, hubSpotSetup } from '../sinks/hubspot/setup/account.ts'
import type { Difference, SetupPart, SetupProblem } from '../sinks/hubspot/setup/setup.ts'
import type { Gap, SetupReport, VendorSetup } from './vendor-setup.ts'

/** What became of one part of an account: what it lacks, or why nothing can be said of it. */
interface PartReport {
  readonly part: SetupPart
  readonly result: readonly Gap[] | SetupProblem
}

/** Contact properties with their group, what is shared with Pendo, the property that links tasks, event definitions with their properties, and the right to marketing events. */
export const hubSpotVendor = (options: HubSpotSetupOptions): VendorSetup => {
  const parts = hubSpotSetup(options)
  return {
    vendor: 'hubspot',
    notes: [],
    check: async signal => {
      const reports: PartReport[] = []
      for (const part of parts) {
        const compared = await part.compare(signal)
        reports.push({ part, result: compared.kind === 'compared' ? compared.differences.map(gapOf) : compared })
      }
      return reportOf(reports)
    },
    make: async signal => {
      const made: Gap[] = []
      const reports: PartReport[] = []
      for (const part of parts) {
        const result = await part.make(signal)
        if (result.kind === 'made') made.push(...result.made.map(gapOf))
        reports.push({ part, result: result.kind === 'made' ? result.left.map(gapOf) : result })
      }
      return { made, left: reportOf(reports) }
    },
  }
}

/** A part that the app may not see is one more thing for an admin; nothing is known when HubSpot is unwell or lets the app see no part. */
const reportOf = (reports: readonly PartReport[]): SetupReport => {
  const gaps = reports.flatMap(({ part, result }) => ('kind' in result ? barred(part, result) : result))
  const problems = reports.flatMap(({ result }) => ('kind' in result ? result : []))
  const unwell = problems.find(({ kind }) => kind === 'retry') ?? (problems.length === reports.length && problems[0])
  return unwell ? { kind: 'unknown', code: unwell.code, message: unwell.message } : { kind: 'known', gaps }
}

const barred = ({ name }: SetupPart, { message }: SetupProblem): Gap => ({
  what: `access to ${name}`,
  by: 'admin',
  message,
})

const gapOf = ({ what, name, makes, message }: Difference): Gap => ({
  what: `${what} ${name}`,
  by: makes ? 'tributary' : 'admin',
  message,
})
