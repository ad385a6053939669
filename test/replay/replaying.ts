import type { Destination } from '../../services/delivery/destination.ts'
import { chainOf } from '../../services/replay/chain.ts'
import { type DryRunResult, dryRun } from '../../services/replay/dry-run/dry-run.ts'
import { locateRange } from '../../services/replay/positions.ts'
import { followPresentState } from '../../services/replay/present-state.ts'
import { parseRange } from '../../services/replay/range.ts'
import {
  type Progress,
  type ReplayParts,
  type ReplayRequest,
  type ReplayResult,
  runReplay,
} from '../../services/replay/replay.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import type { Topology } from '../../topology/define.ts'
import { startTestSystem, type TestSystem } from '../system.ts'

/** As typed at the command line. */
export interface ReplayFlags {
  readonly from?: string
  readonly to?: string
  readonly keys?: readonly string[]
  readonly rate?: number
  /** By the sink's name; those of the system unless given. */
  readonly destinations?: ReadonlyMap<string, Destination>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

export interface ReplaySystem extends TestSystem {
  dryRun(topology: Topology, consumer: string, flags?: ReplayFlags): Promise<DryRunResult>
  /** Replays a consumer of this topology, which may be another than the one that ran. */
  replay(topology: Topology, consumer: string, flags?: ReplayFlags): Promise<ReplayResult>
}

export const startReplaySystem = async (
  topology: Topology,
  destinations: ReadonlyMap<string, Destination> = new Map(),
): Promise<ReplaySystem> => {
  const system = await startTestSystem(topology, destinations.size > 0 ? { destinations } : {})
  return {
    ...system,
    get pipeline() {
      return system.pipeline
    },
    replay: async (replayed, consumer, flags = {}) => {
      const result = await withRequest(system, replayed, consumer, flags, (parts, request) =>
        runReplay(parts, { ...request, rate: flags.rate ?? 0 }),
      )
      if (flags.rate === undefined) await system.settle()
      return result
    },
    dryRun: (replayed, consumer, flags = {}) =>
      withRequest(system, replayed, consumer, flags, (parts, request) =>
        dryRun(
          {
            ...parts,
            ...{ destinations, recreateDeleted: false, logger: silentLogger },
            ...(flags.destinations && { destinations: flags.destinations }),
          },
          request,
        ),
      ),
  }
}

const withRequest = async <Result>(
  { kafka, codec, clock }: TestSystem,
  topology: Topology,
  consumer: string,
  flags: ReplayFlags,
  work: (parts: ReplayParts, request: ReplayRequest) => Promise<Result>,
): Promise<Result> => {
  const chain = chainOf(topology, consumer)
  const erasureSecret = 'a secret of the tests'
  const state = await followPresentState({ kafka, codec, chain, logger: silentLogger, erasureSecret })
  try {
    const range = parseRange(flags.from ?? '0', flags.to, clock.now())
    return await work(
      { kafka, codec, clock, state },
      {
        chain,
        range: await locateRange(kafka, chain.consumer.reads.name, range),
        keys: flags.keys ?? [],
        signal: flags.signal ?? new AbortController().signal,
        onProgress: flags.onProgress ?? (() => undefined),
      },
    )
  } finally {
    await state.close()
  }
}
