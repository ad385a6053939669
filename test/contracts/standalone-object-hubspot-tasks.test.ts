import { OWNERS } from '../../services/sandbox/hubspot/owners/owners.ts'
import { type Fields, openTasks, whole } from '../sinks/hubspot-tasks-here.ts'
import { standaloneContract } from './standalone-object.contract.ts'

const answers = {
  limit: { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } },
  token: { status: 401, body: { category: 'INVALID_AUTHENTICATION' } },
  busy: { status: 503, headers: { 'retry-after': '0' } },
}
const [owner] = OWNERS

const fields = (number: number): Fields => ({
  ...whole,
  hs_task_subject: `Subject ${number}`,
  hubspot_owner_id: owner?.email ?? '',
})
const { deleted: _, ...kept } = whole

/** Whether HubSpot lets a property of tasks be unique is not known: both kinds of portals keep the contract. */
for (const isUnique of [true, false]) {
  standaloneContract(`HubSpot tasks, ${isUnique ? 'unique' : 'found by searches'}`, async context => {
    const { account, destination, tasks } = await openTasks(context, {
      sandbox: { uniqueActivityProperties: isUnique },
      searchLagMs: 0,
    })
    return {
      destination,
      object: 'task',
      held: async () => (await tasks()).map(({ properties }) => properties),
      disturb: async how => {
        const answer = how === 'reset' || how === 'reset-after-apply' ? how : answers[how]
        const path = `/crm/v3/objects/tasks/batch/${isUnique ? 'upsert' : 'create'}`
        await account.call('POST', '/_sandbox/faults', { match: { path }, answer })
      },
      fields,
      change: { hs_task_priority: 'LOW', hs_timestamp: '2026-03-04T15:00:00Z' },
      refused: { fields: { ...fields(1), hs_task_status: 'poison-value' } },
      kept: number => ({
        ...kept,
        hs_task_subject: `Subject ${number}`,
        hs_timestamp: '2026-03-04T15:00:00Z',
        hubspot_owner_id: owner?.id ?? '',
      }),
    }
  })
}
