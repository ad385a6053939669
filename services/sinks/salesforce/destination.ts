import type { Destination } from '../../delivery/destination.ts'
import { activitiesOf } from './activities/activities.ts'
import { createSalesforceClient, type SalesforceClientOptions } from './api/client.ts'
import { collectionRecords, concurrentRequests } from './limits.ts'
import { absentAddresses } from './people/absent.ts'
import { resolvePeople } from './people/people.ts'
import { neededFields, prepareTasks } from './tasks/fields.ts'
import { tasksOf } from './tasks/tasks.ts'

export interface SalesforceDestinationOptions extends SalesforceClientOptions {
  /** Whether tasks are shared with another CRM: more of their fields must be editable then. */
  readonly activities?: boolean
}

/** Tasks in Salesforce as the delivery engine sees them: of webinars, and those that are shared with another CRM. It looks up contacts and leads, and makes none. */
export const salesforceDestination = (options: SalesforceDestinationOptions): Destination => {
  const client = createSalesforceClient(options)
  const absent = absentAddresses(options.clock)
  return {
    name: 'salesforce',
    objects: { task: tasksOf(client), activity: activitiesOf(client, options.clock) },
    lookUpSize: collectionRecords,
    concurrency: concurrentRequests,
    waitMs: () => client.waitMs(),
    prepare: signal => prepareTasks(client, neededFields(options.activities), signal),
    resolve: (objects, persons, signal) => resolvePeople(client, absent, objects, persons, signal),
  }
}
