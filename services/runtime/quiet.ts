import type { Topology } from '../../topology/define.ts'
import { groupsOf } from '../../topology/groups.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Clock } from './clock.ts'
import type { Metrics } from './metrics.ts'

const pauseMs = 100
/** A release or a redirect leaves a group without lag for a moment before its output shows. */
const quietLooks = 3

/** Records that some group of the topology has not handled or delivered yet. */
export const backlog = async (kafka: Kafka, topology: Topology): Promise<number> => {
  const lags = await Promise.all([...groupsOf(topology)].map(([group, topics]) => kafka.lag(group, topics)))
  return lags.flat().reduce((sum, { records }) => sum + records, 0)
}

/** Resolves when everything produced so far was handled and delivered, and nothing waits for its person. */
export const untilQuiet = async (options: {
  readonly kafka: Kafka
  readonly topology: Topology
  readonly metrics: Metrics
  readonly clock: Clock
}): Promise<void> => {
  for (let quiet = 0; quiet < quietLooks; ) {
    const parked = await options.metrics.value('tributary_parked_events')
    quiet = parked === 0 && (await backlog(options.kafka, options.topology)) === 0 ? quiet + 1 : 0
    await options.clock.sleep(pauseMs)
  }
}
