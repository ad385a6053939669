import { type Consumer, consumer } from '../../topology/define.ts'
import { taskLinks } from '../../topology/task-topics.ts'
import { identities, tasks } from '../../topology/topics.ts'
import { hubspotTask } from '../sinks/hubspot/objects.ts'
import { salesforceActivity } from '../sinks/salesforce/objects.ts'
import { linkOf, objectOf } from '../tasks/fields.ts'
import { withTask } from '../tasks/link.ts'
import { sharedTasks, type TaskMapping } from '../tasks/mapping.ts'
import { hubspotFields, isInBoth, salesforceFields } from '../tasks/writes.ts'

/** A task or activity in HubSpot or Salesforce has a copy in the other, and both hold the same. */
export const taskLinksBy = (mapping: () => TaskMapping): Consumer =>
  consumer({
    name: 'task-links',
    reads: tasks,
    concerns: event => {
      const object = objectOf(linkOf(event))
      return object === 'task' || mapping().activities[object] !== undefined
    },
    // Most contacts are in one of both only: what is on them waits for a while, and is no mistake.
    joins: { table: identities, by: 'person', ifMissing: 'park', needs: isInBoth, afterParkLimit: 'skip' },
    writes: [salesforceActivity, hubspotTask],
    keepsPerKey: {
      table: taskLinks,
      inputKeyOf: key => key,
      aliasesOf: ({ fields }) => [String(fields['who']?.agreed.value ?? '')],
    },
    handle: ({ event, person, rows }) => {
      const link = linkOf(event)
      const { row, asked } = withTask(rows.get(link), event, person, mapping())
      const around = { event, person, mapping: mapping() }
      const writes = asked.map(one => {
        const contest = { revision: one.revision }
        return one.target === 'hubspot'
          ? hubspotTask.set(link, hubspotFields(one, around), { contest })
          : salesforceActivity.set(link, salesforceFields(one, around), { contest })
      })
      return { rows: new Map([[link, row]]), writes }
    },
  })

export default taskLinksBy(sharedTasks)
