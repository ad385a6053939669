import { hubspotSweeps } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import { TributaryError } from '../../../runtime/errors.ts'
import { Marks } from '../../sweep/marks.ts'
import { type RunningSweep, startSweep } from '../../sweep/running.ts'
import { activityTypes } from '../activities/types.ts'
import { objectTypes, propertiesOf } from '../object-types.ts'
import { searchBody } from '../rest/client.ts'
import { bodyCharacters, pageRecords } from '../rest/limits.ts'
import { Sweep, type SweepParts } from './sweep.ts'

/** Name of this producer in the topology, and its consumer group. */
export const hubspotSweep = 'hubspot-sweep'

export interface HubSpotSweepOptions extends SweepParts {
  readonly kafka: Kafka
  readonly everyMs: number
  readonly onFatal: (error: Error) => void
}

/**
 * Reads HubSpot now and then for what no webhook told. Any number of processes may run it: one of them is active. Throws `HUBSPOT_PROPERTIES_TOO_LONG` when more
 * properties are chosen than a search can ask for.
 */
export const startHubSpotSweep = (options: HubSpotSweepOptions): Promise<RunningSweep> => {
  checkProperties(options)
  const marks = { table: hubspotSweeps, kinds: [...objectTypes, ...activityTypes].map(({ name }) => name) }
  return startSweep({
    ...options,
    ...{ name: hubspotSweep, vendor: 'hubspot', marksTopic: hubspotSweeps.name },
    begin: async (context, ended) =>
      new Sweep(options, { context, ended, marks: await Marks.read(marks, options, ended) }),
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
