import { salesforceSweeps } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import { Marks } from '../../sweep/marks.ts'
import { type RunningSweep, startSweep } from '../../sweep/running.ts'
import { ChangeEvents, type ChangeEventsOptions } from '../change-events/change-events.ts'
import { Sweep, type SweepParts } from './sweep.ts'
import { markKinds, type SalesforceMarks } from './telling.ts'

/** Name of this producer in the topology, and its consumer group. */
export const salesforceSweep = 'salesforce-sweep'

export interface SalesforceSweepOptions extends SweepParts {
  readonly kafka: Kafka
  readonly everyMs: number
  /** Where change events come from; without them only the sweep tells what was changed. */
  readonly changeEvents?: ChangeEventsOptions | undefined
  readonly onFatal: (error: Error) => void
}

/**
 * Reads Salesforce now and then for who its people are, and what became of tasks, and as soon as change events name them. Any number of processes may run it: one of them
 * is active. Both are one service because both tell the same records: who has the marks' partition knows all that was told, and nothing is told twice.
 */
export const startSalesforceSweep = (options: SalesforceSweepOptions): Promise<RunningSweep> => {
  const table = { table: salesforceSweeps, kinds: markKinds }
  return startSweep({
    ...options,
    ...{ name: salesforceSweep, vendor: 'salesforce', marksTopic: salesforceSweeps.name },
    begin: async (context, ended) => {
      const marks: SalesforceMarks = await Marks.read(table, options, ended)
      const events = options.changeEvents && eventsOf(options, options.changeEvents, marks)
      return new Sweep(options, { context, ended, marks, events })
    },
  })
}

const eventsOf = (parts: SweepParts, options: ChangeEventsOptions, marks: SalesforceMarks): ChangeEvents =>
  new ChangeEvents({ ...parts, positionOf: channel => marks.position(channel) }, options)
