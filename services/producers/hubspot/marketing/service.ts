import { hubspotMarketingSweeps } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import { Marks } from '../../sweep/marks.ts'
import { type RunningSweep, startSweep } from '../../sweep/running.ts'
import { MarketingSweep, type MarketingSweepParts } from './sweep.ts'
import { marketingEvents } from './types.ts'

/** Name of this producer in the topology, and its consumer group. */
export const hubspotMarketingEvents = 'hubspot-marketing-events'

export interface HubSpotMarketingOptions extends MarketingSweepParts {
  readonly kafka: Kafka
  readonly everyMs: number
  readonly onFatal: (error: Error) => void
}

/** Reads of HubSpot now and then which forms were submitted and what became of marketing e-mails. Any number of processes may run it: one of them is active. */
export const startHubSpotMarketing = (options: HubSpotMarketingOptions): Promise<RunningSweep> => {
  const marks = { table: hubspotMarketingSweeps, kinds: marketingEvents }
  return startSweep({
    ...options,
    ...{ name: hubspotMarketingEvents, vendor: 'hubspot', marksTopic: hubspotMarketingSweeps.name },
    begin: async (context, ended) =>
      new MarketingSweep(options, { context, ended, marks: await Marks.read(marks, options, ended) }),
  })
}
