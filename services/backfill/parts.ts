import type { Topology } from '../../topology/define.ts'
import { Owners } from '../producers/hubspot/activities/owners.ts'
import { activityTypes } from '../producers/hubspot/activities/types.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { TaskMapping } from '../tasks/mapping.ts'
import { type HubSpotPartParts, hubspotPart } from './hubspot.ts'
import type { BackfillPart } from './part.ts'
import type { Worker } from './room.ts'
import { type SalesforcePartParts, salesforcePart } from './salesforce.ts'

export const sides = ['hubspot', 'salesforce'] as const
export type BackfillSide = (typeof sides)[number]

/** What is read: of HubSpot the tasks and the activities that are taken, of Salesforce the tasks. */
export const backfillParts = (
  { hubspot, salesforce }: { hubspot: Omit<HubSpotPartParts, 'owners'>; salesforce: SalesforcePartParts },
  { activities }: Pick<TaskMapping, 'activities'>,
  from: BackfillSide | 'both',
): readonly BackfillPart[] => {
  const parts = { ...hubspot, owners: new Owners(hubspot.reader, hubspot.clock) }
  const taken = activityTypes.filter(({ name }) => name === 'task' || activities[name] !== undefined)
  const all = [...taken.map(type => hubspotPart(type, parts)), salesforcePart(salesforce)]
  return all.filter(({ vendor }) => from === 'both' || vendor === from)
}

/** The consumer of tasks and the sinks that it asks for writes. */
export const taskWorkers = ({ consumers, sinks }: Topology): readonly [Worker, ...Worker[]] => {
  const consumer = consumers.find(({ name }) => name === 'task-links')
  if (!consumer) throw new TributaryError('CONSUMER_UNKNOWN', 'Expected the consumer task-links in the map.')
  const written = new Set(consumer.writes.map(to => (to.kind === 'stream' ? to.name : to.topic.name)))
  return [
    { name: consumer.name, topic: consumer.reads.name },
    ...sinks.filter(({ reads }) => written.has(reads.name)).map(({ name, reads }) => ({ name, topic: reads.name })),
  ]
}
