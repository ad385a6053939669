import { pendoSweeps } from '../../../../topology/topics.ts'
import { type RunningSweep, type Sweeping, startSweep } from '../../sweep/running.ts'
import { Sweep, type SweepParts } from './sweep.ts'

/** Name of this producer in the topology, and its consumer group. */
export const pendoSweep = 'pendo-sweep'

export type PendoSweepOptions = Omit<SweepParts, 'kafka'> & Sweeping

/** Reads Pendo now and then for what no webhook told. Any number of processes may run it: one of them is active. */
export const startPendoSweep = (options: PendoSweepOptions): Promise<RunningSweep> =>
  startSweep({
    ...options,
    ...{ name: pendoSweep, vendor: 'pendo' },
    marks: { table: pendoSweeps, kinds: ['visitor', 'account'] },
    begin: under => new Sweep(options, under),
  })
