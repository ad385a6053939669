import type { Command } from 'commander'
import { systemClock as clock } from '../runtime/clock.ts'
import { TributaryError } from '../runtime/errors.ts'
import { createMetrics } from '../runtime/metrics.ts'
import type { Gap, SetupReport, VendorSetup } from '../setup/vendor-setup.ts'
import { vendorSetups } from '../setup/vendors.ts'
import { readConfig } from './connections.ts'
import { printJson, printLines } from './output.ts'
import { reachableVendors } from './vendors.ts'

const changePending = 2

export const addSetupCommand = (program: Command): void => {
  program
    .command('setup')
    .description(
      'make the properties, event definitions and fields that the map needs in each vendor, or say what an admin must do; exit code 2 when something is left',
    )
    .option('--check', 'change nothing; print what is missing')
    .option('--json', 'print the result as JSON')
    .action((flags: SetupFlags) => setUp(flags))
}

interface SetupFlags {
  readonly check?: boolean
  readonly json?: boolean
}

interface Outcome {
  readonly vendor: string
  readonly made: readonly Gap[]
  readonly left: SetupReport
  readonly notes: readonly string[]
}

const setUp = async ({ check = false, json = false }: SetupFlags): Promise<void> => {
  const setups = vendorSetups(reachableVendors(readConfig()), { clock, metrics: createMetrics() })
  if (setups.length === 0)
    throw new TributaryError(
      'NO_VENDOR',
      'Expected a vendor to set up, but every one is off. Set its credentials, or name it in SANDBOX.',
    )
  const outcomes: Outcome[] = []
  for (const setup of setups) outcomes.push(await outcomeOf(setup, check))
  if (json) printJson(outcomes)
  else for (const outcome of outcomes) printLines(...linesOf(outcome))
  const failed = outcomes.some(({ left }) => left.kind === 'unknown')
  const pending = outcomes.some(({ left }) => left.kind === 'known' && left.gaps.length > 0)
  process.exitCode = failed ? 1 : pending ? changePending : 0
}

const outcomeOf = async (setup: VendorSetup, check: boolean): Promise<Outcome> => {
  const { vendor, notes } = setup
  const never = new AbortController().signal
  if (check) return { vendor, notes, made: [], left: await setup.check(never) }
  return { vendor, notes, ...(await setup.make(never)) }
}

const linesOf = ({ vendor, made, left, notes }: Outcome): readonly string[] => [
  vendor,
  ...made.map(({ what }) => `  made      ${what}`),
  ...(left.kind === 'unknown'
    ? [`  unknown   ${left.code}: ${left.message}`]
    : left.gaps.map(({ what, by, message }) => `  ${by === 'admin' ? 'for admin' : 'missing  '} ${what}: ${message}`)),
  ...(left.kind === 'known' && left.gaps.length === 0 ? ['  complete'] : []),
  ...notes.map(note => `  note      ${note}`),
]
