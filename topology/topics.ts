import type { Receipt, SinkWrite } from '../schemas/generated.ts'
import { rawTopic, type Stream, stream, type Topic, table } from './define.ts'
import { accountCompanies, companyProfiles, knownAccounts, personProfiles, visitorContacts } from './metadata-topics.ts'
import { producerTopics } from './producer-topics.ts'
import { replayWindow } from './replay-window.ts'
import { taskLinks } from './task-topics.ts'
import { attendances, participations, webinarHistories } from './webinar-topics.ts'

export {
  hubspotMarketingSweeps,
  hubspotSweeps,
  pendoSweeps,
  recordNotices,
  salesforceSweeps,
  segmentMessageIds,
} from './producer-topics.ts'
export { attendances, participations, webinarHistories } from './webinar-topics.ts'

/**
 * Partitions of every source and internal stream. It is fixed when the topics are made: another count would send a key elsewhere than
 * its state rows.
 */
export const sharedPartitions = 4

const deliveryWindow = {
  days: 14,
  reason: 'longer than any outage of a destination; delivered state, not this topic, prevents repeats',
}

export const visitors = stream({
  name: 'visitors',
  record: 'visitor',
  purpose: 'People as products and sites know them',
  owner: 'product analytics',
  key: 'strongest alias of the visitor',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: event => event.person,
  aliasKeyed: true,
})

export const accounts = stream({
  name: 'accounts',
  record: 'account',
  purpose: 'Companies as products and CRMs know them',
  owner: 'product analytics',
  key: 'account id',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: event => event.account,
})

export const tracks = stream({
  name: 'tracks',
  record: 'track',
  purpose: 'What people do in products',
  owner: 'product analytics',
  key: 'strongest alias of the person',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: event => event.person,
  aliasKeyed: true,
})

export const webinars = stream({
  name: 'webinars',
  record: 'webinar',
  purpose: 'What happens to webinars, registrations and participants',
  owner: 'marketing operations',
  key: 'webinar number',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: event => event.number,
})

export const tasks = stream({
  name: 'tasks',
  record: 'task',
  purpose: 'Changes of tasks and activities in a CRM',
  owner: 'sales operations',
  key: '<vendor>:<object>:<record id> of the record that was there first, which links it with its copy',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: ({ link, system, activity, record }) =>
    link ?? `${system.toLowerCase()}:${activity.toLowerCase()}:${record}`,
})

export const prospects = stream({
  name: 'prospects',
  record: 'prospect',
  purpose: 'Changes of Account Engagement prospects',
  owner: 'marketing operations',
  key: '<business unit>:<prospect id>',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: event => `${event.businessUnit}:${event.prospect}`,
})

export const identityClaims = stream({
  name: 'identity-claims',
  record: 'identity-claim',
  purpose: 'What sources say about who is who',
  owner: 'data engineering',
  key: 'first alias of the claim',
  partitions: 'one',
  retention: { days: 30, reason: 'identities hold the result; claims are kept to examine a surprising merge' },
  keyedBy: claim => claim.aliases[0] ?? claim.id,
})

export const identities = table({
  name: 'identities',
  record: 'identity',
  purpose: 'Who is who: aliases, persons, merges and erasures',
  owner: 'data engineering',
  key: '<alias>, person:<id> or erased:<hmac>',
  partitions: 'one',
  compaction: { reason: 'the latest row per alias and person is all that a join needs; a tombstone forgets' },
})

/** The key of a write: the person, else the object that it is about. */
export const keyOfWrite = ({ person, destination, object, key }: SinkWrite): string =>
  person ?? `${destination}:${object}:${key}`

/** The key of a write's receipt, which is that of the write. */
export const keyOfReceipt = ({ person, destination, object, record }: Receipt): string =>
  person ?? `${destination}:${object}:${record}`

/** Writes for sinks: one partition per destination account, since the vendor's limit is far below what one partition carries. */
const writesTopic = (facts: Pick<Stream<SinkWrite>, 'name' | 'purpose' | 'owner' | 'retention'>): Stream<SinkWrite> =>
  stream({
    ...facts,
    record: 'sink-write',
    key: 'person id, or <destination>:<object>:<key> of what is about nobody',
    partitions: 'one',
    keyedBy: keyOfWrite,
  })

export const hubspotWrites = writesTopic({
  name: 'hubspot-writes',
  purpose: 'What must become true in HubSpot',
  owner: 'revenue operations',
  retention: deliveryWindow,
})

export const hubspotCompanies = writesTopic({
  name: 'hubspot-companies',
  purpose: 'Properties of companies that must become true in HubSpot',
  owner: 'revenue operations',
  retention: deliveryWindow,
})

export const hubspotMarketing = writesTopic({
  name: 'hubspot-marketing',
  purpose: 'Participations that must become true in marketing events in HubSpot',
  owner: 'marketing operations',
  retention: deliveryWindow,
})

export const hubspotTasks = writesTopic({
  name: 'hubspot-tasks',
  purpose: 'Tasks that must be so in HubSpot',
  owner: 'sales operations',
  retention: deliveryWindow,
})

export const hubspotEvents = writesTopic({
  name: 'hubspot-events',
  purpose: 'Custom events that must be on timelines in HubSpot',
  owner: 'revenue operations',
  retention: { days: 45, reason: 'completions may wait for the next month of the budget' },
})

export const salesforceWrites = writesTopic({
  name: 'salesforce-writes',
  purpose: 'What must become true in Salesforce',
  owner: 'sales operations',
  retention: deliveryWindow,
})

export const pendoWrites = writesTopic({
  name: 'pendo-writes',
  purpose: 'Metadata of visitors and accounts that must become true in Pendo',
  owner: 'product analytics',
  retention: deliveryWindow,
})

export const pendoEvents = writesTopic({
  name: 'pendo-events',
  purpose: 'Track events that must be in Pendo',
  owner: 'product analytics',
  retention: deliveryWindow,
})

/** The twin of a topic of writes that a replay writes to. */
const replayOf = ({ name, purpose, owner }: Stream<SinkWrite>): Stream<SinkWrite> =>
  writesTopic({
    name: `${name}-replay`,
    purpose: `${purpose}, asked for by a replay`,
    owner,
    retention: deliveryWindow,
  })

export const hubspotWritesReplay = replayOf(hubspotWrites)
export const hubspotCompaniesReplay = replayOf(hubspotCompanies)
export const hubspotMarketingReplay = replayOf(hubspotMarketing)
export const hubspotTasksReplay = replayOf(hubspotTasks)
export const hubspotEventsReplay = replayOf(hubspotEvents)
export const salesforceWritesReplay = replayOf(salesforceWrites)
export const pendoWritesReplay = replayOf(pendoWrites)
export const pendoEventsReplay = replayOf(pendoEvents)

export const delivered = table({
  name: 'delivered',
  record: 'delivered',
  purpose: 'What the destinations hold of ours, by field with version and hash',
  owner: 'data engineering',
  key: '<destination>:<object>:<record> or a once key',
  partitions: 'one',
  compaction: { reason: 'the latest state per record is what a write is compared with' },
})

export const receipts = stream({
  name: 'receipts',
  record: 'receipt',
  purpose: 'What became of each write',
  owner: 'data engineering',
  key: 'as of the write',
  partitions: 'shared',
  retention: { days: 30, reason: 'the history that support asks for when a contact looks wrong' },
  keyedBy: keyOfReceipt,
})

export const moves = rawTopic({
  name: 'row-moves',
  purpose: 'State rows of merged persons on their way to the survivor',
  owner: 'data engineering',
  key: 'person id of the survivor',
  partitions: 'shared',
  cleanup: { days: 14 },
  reason: 'longer than any outage of the consumer that takes them',
})

export const parked = rawTopic({
  name: 'parked',
  purpose: 'Events that wait for their person, as they came',
  owner: 'data engineering',
  key: '<consumer>|<event id>',
  partitions: 'shared',
  cleanup: 'compact',
  reason: 'a parked event is removed by a tombstone when it was handled or its time is over',
})

export const deadLetters = rawTopic({
  name: 'dead-letters',
  purpose: 'Records that could not be handled or delivered, as they came, with the reason',
  owner: 'data engineering',
  key: 'as the record came',
  partitions: 'shared',
  cleanup: { days: 30 },
  reason: 'time to find the cause, mend it and send them again; personal data is not kept longer',
})

export const deadLetterMarks = table({
  name: 'dead-letter-marks',
  record: 'dead-letter-mark',
  purpose: 'What operators did with dead letters: sent again or dropped',
  owner: 'data engineering',
  key: '<partition>-<offset> of the dead letter',
  partitions: 'one',
  compaction: { reason: 'the latest mark of a dead letter counts, for every operator' },
})

export const eventUsage = table({
  name: 'event-usage',
  record: 'event-usage',
  purpose: 'Custom event completions sent in a month, by account and process, counted before they are sent',
  owner: 'revenue operations',
  key: '<destination>:<account>:<month>:<writer>',
  partitions: 'one',
  compaction: { reason: "the latest row of each process is what it has used of the month's budget" },
})

/** Every topic. Order is the order of the reference. */
export const topics: readonly Topic[] = [
  visitors,
  accounts,
  tracks,
  webinars,
  tasks,
  prospects,
  identityClaims,
  identities,
  participations,
  attendances,
  webinarHistories,
  personProfiles,
  companyProfiles,
  knownAccounts,
  visitorContacts,
  accountCompanies,
  hubspotWrites,
  hubspotWritesReplay,
  hubspotCompanies,
  hubspotCompaniesReplay,
  hubspotMarketing,
  hubspotMarketingReplay,
  hubspotTasks,
  hubspotTasksReplay,
  hubspotEvents,
  hubspotEventsReplay,
  salesforceWrites,
  salesforceWritesReplay,
  pendoWrites,
  pendoWritesReplay,
  pendoEvents,
  pendoEventsReplay,
  delivered,
  receipts,
  moves,
  parked,
  deadLetters,
  deadLetterMarks,
  ...producerTopics,
  taskLinks,
  eventUsage,
]
