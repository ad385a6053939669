import { stream, type Topic, table } from './define.ts'

/** What producers keep for themselves. */

export const segmentMessageIds = stream({
  name: 'segment-message-ids',
  record: 'message-ids',
  purpose: 'Hashes of the ids of Segment messages that were taken, so that none is taken twice',
  owner: 'product analytics',
  key: 'when they were taken',
  partitions: 'one',
  retention: {
    days: 1,
    reason: 'SDKs send again for half a day; every process of the ingest reads all of it at its start',
    rollHours: 1,
  },
  keyedBy: ids => String(ids.time),
})

export const pendoSweeps = table({
  name: 'pendo-sweeps',
  record: 'sweep-mark',
  purpose: 'State of pendo-sweep: up to where usage is told, and which metadata',
  owner: 'product analytics',
  key: 'usage, visitors, accounts, visitor|<hash of the id> or account|<hash of the id>',
  partitions: 'one',
  compaction: { reason: 'the latest mark of each is what the next sweep goes on from' },
})

export const hubspotSweeps = table({
  name: 'hubspot-sweeps',
  record: 'sweep-mark',
  purpose: 'State of hubspot-sweep: up to which modification all is told, and what of each record',
  owner: 'revenue operations',
  key: 'the type of record, as contacts, of activities with -since for when they were first asked for and -deletions for those that were deleted, or <type>|<hash of the id>, as contact|…, or backfill-<type>, as backfill-tasks',
  partitions: 'one',
  compaction: { reason: 'the latest mark of each is what the next sweep goes on from' },
})

export const hubspotMarketingSweeps = table({
  name: 'hubspot-marketing-sweeps',
  record: 'sweep-mark',
  purpose: 'State of hubspot-marketing-events: up to when all is told of each type, and what',
  owner: 'sales operations',
  key: 'the type, as opened, with -since for when it was first asked for, or <type>|<hash of the id>, as opened|…',
  partitions: 'one',
  compaction: { reason: 'the latest mark of each is what the next sweep goes on from' },
})

export const salesforceSweeps = table({
  name: 'salesforce-sweeps',
  record: 'sweep-mark',
  purpose: 'State of salesforce-sweep: up to which modification all is told, and what of each record',
  owner: 'sales operations',
  key: 'the type of record, as tasks, or task-key, or a channel of change events, or <type>|<hash of the id>, as task|…, or backfill-tasks',
  partitions: 'one',
  compaction: { reason: 'the latest mark of each is what the next sweep goes on from' },
})

export const recordNotices = stream({
  name: 'record-notices',
  record: 'record-notice',
  purpose: 'Records of which webhooks tell that they changed, to be read',
  owner: 'sales operations',
  key: '<vendor>:<object>:<record id>',
  partitions: 'shared',
  retention: {
    days: 7,
    reason: 'longer than any outage of the reading; the sweep tells what changed meanwhile besides',
  },
  keyedBy: ({ source, object, record }) => `${source.slice(0, source.indexOf(':'))}:${object}:${record}`,
})

/** Order is the order of the reference. */
export const producerTopics: readonly Topic[] = [
  segmentMessageIds,
  pendoSweeps,
  hubspotSweeps,
  hubspotMarketingSweeps,
  salesforceSweeps,
  recordNotices,
]
