import { table } from './define.ts'

export const taskLinks = table({
  name: 'task-links',
  record: 'metadata-link',
  purpose: 'State of task-links: what HubSpot and Salesforce hold of one task, and what was settled',
  owner: 'sales operations',
  key: 'as of tasks',
  partitions: 'shared',
  compaction: { reason: 'state of a consumer: the latest row per key' },
})
