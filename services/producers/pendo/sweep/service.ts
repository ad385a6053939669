import { pendoSweeps } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import { type RunningSweep, startSweep } from '../../sweep/running.ts'
import { readPendoMarks } from './marks.ts'
import { Sweep, type SweepParts } from './sweep.ts'

/** Name of this producer in the topology, and its consumer group. */
export const pendoSweep = 'pendo-sweep'

export interface PendoSweepOptions extends Omit<SweepParts, 'kafka'> {
  readonly kafka: Kafka
  readonly everyMs: number
  readonly onFatal: (error: Error) => void
}

/** Reads Pendo now and then for what no webhook told. Any number of processes may run it: one of them is active. */
export const startPendoSweep = (options: PendoSweepOptions): Promise<RunningSweep> =>
  startSweep({
    ...options,
    ...{ name: pendoSweep, vendor: 'pendo', marksTopic: pendoSweeps.name },
    begin: async (context, ended) =>
      new Sweep(options, { context, ended, marks: await readPendoMarks(options, ended) }),
  })
