import { salesforceSweeps } from '../../../../topology/topics.ts'
import { type RunningSweep, type Sweeping, startSweep } from '../../sweep/running.ts'
import { ChangeEvents, type ChangeEventsOptions } from '../change-events/change-events.ts'
import { Sweep, type SweepParts } from './sweep.ts'
import { markKinds, type SalesforceMarks } from './telling.ts'

/** Name of this producer in the topology, and its consumer group. */
export const salesforceSweep = 'salesforce-sweep'

export interface SalesforceSweepOptions extends SweepParts, Sweeping {
  /** Where change events come from; without them only the sweep tells what was changed. */
  readonly changeEvents?: ChangeEventsOptions | undefined
}

/**
 * Reads Salesforce now and then for who its people are, and what became of tasks, and as soon as change events name them. Any number of processes may run it: one of them
 * is active. Both are one service because both tell the same records: who has the marks' partition knows all that was told, and nothing is told twice.
 */
export const startSalesforceSweep = (options: SalesforceSweepOptions): Promise<RunningSweep> =>
  startSweep({
    ...options,
    ...{ name: salesforceSweep, vendor: 'salesforce' },
    marks: { table: salesforceSweeps, kinds: markKinds },
    begin: under => {
      const events = options.changeEvents && eventsOf(options, options.changeEvents, under.marks)
      return new Sweep(options, { ...under, events })
    },
  })

const eventsOf = (parts: SweepParts, options: ChangeEventsOptions, marks: SalesforceMarks): ChangeEvents =>
  new ChangeEvents({ ...parts, positionOf: channel => marks.position(channel) }, options)
