import { recordNotices } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import type { HubSpotError } from '../rest/problems.ts'
import { Owners } from './owners.ts'
import { type ActivitiesParts, ActivitiesTask } from './task.ts'

/** Name of this producer in the topology, and its consumer group. */
export const hubspotActivities = 'hubspot-activities'

export interface HubSpotActivitiesOptions
  extends Omit<ActivitiesParts, 'owners' | 'onProblem' | 'random'>,
    Partial<Pick<ActivitiesParts, 'random'>> {
  readonly kafka: Pick<Kafka, 'join'>
  readonly onFatal: (error: Error) => void
}

export interface HubSpotActivitiesStatus {
  readonly state: 'running' | 'standby'
  /** What cannot be read at the moment, as code and text. It is tried again. */
  readonly reason?: string
}

export interface RunningHubSpotActivities {
  status(): HubSpotActivitiesStatus
  /** Gives up what is being read of HubSpot and leaves the group. */
  close(): Promise<void>
}

/** Reads of HubSpot what notices name, and tells what is there as `tasks`. Any number of processes may run it: each partition has one that is active. */
export const startHubSpotActivities = async (options: HubSpotActivitiesOptions): Promise<RunningHubSpotActivities> => {
  const { kafka, reader, clock, random = Math.random, onFatal } = options
  /** By what it is about. */
  const problems = new Map<string, HubSpotError>()
  const parts: ActivitiesParts = {
    ...{ ...options, random, owners: new Owners(reader, clock) },
    onProblem: (about, problem) => {
      if (problem) problems.set(about, problem)
      else problems.delete(about)
    },
  }
  const open = new Set<ActivitiesTask>()
  const membership = await kafka.join({
    group: hubspotActivities,
    topics: [recordNotices.name],
    open: context => {
      const task = new ActivitiesTask(parts, context)
      open.add(task)
      return Promise.resolve({
        process: records => task.process(records),
        close: async () => {
          await task.close()
          open.delete(task)
        },
      })
    },
    onFatal,
  })
  return {
    status: () => {
      const [problem] = problems.values()
      const state = open.size > 0 ? 'running' : 'standby'
      return { state, ...(problem ? { reason: `${problem.code}: ${problem.message}` } : {}) }
    },
    close: () => membership.leave(),
  }
}
