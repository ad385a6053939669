import { hubspotMarketingSweeps } from '../../../../topology/topics.ts'
import { type RunningSweep, type Sweeping, startSweep } from '../../sweep/running.ts'
import { MarketingSweep, type MarketingSweepParts } from './sweep.ts'
import { marketingEvents } from './types.ts'

/** Name of this producer in the topology, and its consumer group. */
export const hubspotMarketingEvents = 'hubspot-marketing-events'

export type HubSpotMarketingOptions = MarketingSweepParts & Sweeping

/** Reads of HubSpot now and then which forms were submitted and what became of marketing e-mails. Any number of processes may run it: one of them is active. */
export const startHubSpotMarketing = (options: HubSpotMarketingOptions): Promise<RunningSweep> =>
  startSweep({
    ...options,
    ...{ name: hubspotMarketingEvents, vendor: 'hubspot' },
    marks: { table: hubspotMarketingSweeps, kinds: marketingEvents },
    begin: under => new MarketingSweep(options, under),
  })
