import { salesforceSweeps } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import { Marks } from '../../sweep/marks.ts'
import { type RunningSweep, startSweep } from '../../sweep/running.ts'
import { markKinds, Sweep, type SweepParts } from './sweep.ts'

/** Name of this producer in the topology, and its consumer group. */
export const salesforceSweep = 'salesforce-sweep'

export interface SalesforceSweepOptions extends SweepParts {
  readonly kafka: Kafka
  readonly everyMs: number
  readonly onFatal: (error: Error) => void
}

/** Reads Salesforce now and then for who its people are, and what became of tasks. Any number of processes may run it: one of them is active. */
export const startSalesforceSweep = (options: SalesforceSweepOptions): Promise<RunningSweep> => {
  const marks = { table: salesforceSweeps, kinds: markKinds }
  return startSweep({
    ...options,
    ...{ name: salesforceSweep, vendor: 'salesforce', marksTopic: salesforceSweeps.name },
    begin: async (context, ended) =>
      new Sweep(options, { context, ended, marks: await Marks.read(marks, options, ended) }),
  })
}
