import type { Sink } from '../../../topology/define.ts'
import type { Destination } from '../../delivery/destination.ts'
import { followDelivered } from '../../delivery/state/delivered.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/log.ts'
import { collectWrites, type ReplayParts, type ReplayRequest } from '../replay.ts'
import type { Tally } from '../tally.ts'
import { Comparison, type Difference } from './comparison.ts'
import { type Effect, effects, pendingEffects } from './differences.ts'
import { Records } from './records.ts'
import { type Target, targetsOf } from './targets.ts'
import { Vendor } from './vendor.ts'

export interface DryRunParts extends ReplayParts {
  readonly logger: Logger
  /** By the sink's name. */
  readonly destinations: ReadonlyMap<string, Destination>
  readonly recreateDeleted: boolean
}

export interface DryRunResult {
  readonly tally: Tally
  /** All but what the vendor holds already; what would change comes first. */
  readonly differences: readonly Difference[]
  readonly counts: Readonly<Record<Effect, number>>
  /** Writes that would wait in their topic, by the sink that is off. */
  readonly waiting: Readonly<Record<string, number>>
  /** Whether the replay would change anything at a vendor. */
  readonly pending: boolean
}

/**
 * What a replay would change, found out by reading: the range is handled again, its writes are compared with what was delivered, as the sink would, and with
 * what the vendors hold. Throws `DESTINATION_OFF` and `DRY_RUN_UNANSWERED`.
 */
export const dryRun = async (parts: DryRunParts, request: ReplayRequest): Promise<DryRunResult> => {
  const sinks = [...request.chain.sinks.values()]
  const on = sinks.filter(({ name }) => parts.destinations.has(name))
  if (on.length === 0) throw allOff(sinks)
  const { tally, writes } = await collectWrites(parts, request)
  const sent = writes.filter(({ sink }) => on.includes(sink))
  const targets = targetsOf(sent, parts.state.directory)
  const destinations = new Set(on.flatMap(({ name }) => parts.destinations.get(name) ?? []))
  const compared: (readonly Difference[])[] = []
  for (const [name, ways] of Map.groupBy(destinations, destination => destination.name)) {
    const own = targets.filter(({ destination }) => destination === name)
    compared.push(await compare(parts, name, ways, own, request.signal))
  }
  const waiting = countBy(
    writes.filter(({ sink }) => !on.includes(sink)),
    ({ sink }) => sink.name,
  )
  return { tally, waiting, ...resultOf(compared.flat()) }
}

const resultOf = (differences: readonly Difference[]): Pick<DryRunResult, 'differences' | 'counts' | 'pending'> => {
  const order = new Map(effects.map((effect, position) => [effect, position]))
  const none = Object.fromEntries(effects.map(effect => [effect, 0])) as Record<Effect, number>
  return {
    differences: differences
      .filter(({ effect }) => effect !== 'same')
      .sort((a, b) => (order.get(a.effect) ?? 0) - (order.get(b.effect) ?? 0)),
    counts: { ...none, ...countBy(differences, ({ effect }) => effect) },
    pending: differences.some(({ effect }) => pendingEffects.has(effect)),
  }
}

const countBy = <Value>(values: readonly Value[], nameOf: (value: Value) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[nameOf(value)] = (counts[nameOf(value)] ?? 0) + 1
  return counts
}

const allOff = (sinks: readonly Sink[]): TributaryError =>
  new TributaryError(
    'DESTINATION_OFF',
    `A dry run reads what the vendors hold, but there is neither a credential nor a sandbox for any of: ${sinks.map(({ name }) => name).join(', ')}. Set credentials, or name the vendor in SANDBOX.`,
  )

const compare = async (
  parts: DryRunParts,
  name: string,
  destinations: readonly Destination[],
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<readonly Difference[]> => {
  if (targets.length === 0) return []
  const { kafka, codec, logger, clock, state } = parts
  let broken: Error | undefined
  const onFatal = (error: Error): void => {
    broken ??= error
  }
  const table = await followDelivered({ kafka, codec, logger, of: destinations, onFatal })
  try {
    await table.caughtUp()
    const vendors = destinations.map(destination => new Vendor(destination, clock, signal))
    const records = new Records({ ...parts, destination: name, table, directory: state.directory })
    const differences = await new Comparison(vendors, records).of(targets)
    if (broken) throw broken
    return differences
  } finally {
    await table.close()
  }
}
