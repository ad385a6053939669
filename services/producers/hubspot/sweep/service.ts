import { hubspotSweeps } from '../../../../topology/topics.ts'
import { TributaryError } from '../../../runtime/errors.ts'
import { type RunningSweep, type Sweeping, startSweep } from '../../sweep/running.ts'
import { activityTypes } from '../activities/types.ts'
import { objectTypes, propertiesOf } from '../object-types.ts'
import { searchBody } from '../rest/client.ts'
import { bodyCharacters, pageRecords } from '../rest/limits.ts'
import { Sweep, type SweepParts } from './sweep.ts'

/** Name of this producer in the topology, and its consumer group. */
export const hubspotSweep = 'hubspot-sweep'

export type HubSpotSweepOptions = SweepParts & Sweeping

/**
 * Reads HubSpot now and then for what no webhook told. Any number of processes may run it: one of them is active. Throws `HUBSPOT_PROPERTIES_TOO_LONG` when more
 * properties are chosen than a search can ask for.
 */
export const startHubSpotSweep = (options: HubSpotSweepOptions): Promise<RunningSweep> => {
  checkProperties(options)
  return startSweep({
    ...options,
    ...{ name: hubspotSweep, vendor: 'hubspot' },
    marks: { table: hubspotSweeps, kinds: [...objectTypes, ...activityTypes].map(({ name }) => name) },
    begin: under => new Sweep(options, under),
  })
}

/** With room for the conditions of the longest search. */
const conditionCharacters = 300

const checkProperties = ({ properties: chosen }: HubSpotSweepOptions): void => {
  for (const type of objectTypes) {
    const properties = propertiesOf(type, chosen)
    const { length } = searchBody({ filters: [], sortedBy: type.modified, properties, limit: pageRecords })
    if (length + conditionCharacters <= bodyCharacters) continue
    throw new TributaryError(
      'HUBSPOT_PROPERTIES_TOO_LONG',
      `Expected properties of ${type.path} whose names fit into a search of HubSpot (${bodyCharacters} characters), came ${properties.length} of together ${length}. Map fewer of them.`,
    )
  }
}
