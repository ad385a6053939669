import type { Destination } from '../../delivery/destination.ts'
import { createSalesforceClient, type SalesforceClientOptions } from './api/client.ts'
import { collectionRecords, concurrentRequests } from './limits.ts'
import { absentAddresses } from './people/absent.ts'
import { resolvePeople } from './people/people.ts'
import { prepareTasks } from './tasks/fields.ts'
import { tasksOf } from './tasks/tasks.ts'

export type SalesforceDestinationOptions = SalesforceClientOptions

/** Tasks in Salesforce as the delivery engine sees them. It looks up contacts and leads, and makes none. */
export const salesforceDestination = (options: SalesforceDestinationOptions): Destination => {
  const client = createSalesforceClient(options)
  const absent = absentAddresses(options.clock)
  return {
    name: 'salesforce',
    objects: { task: tasksOf(client) },
    lookUpSize: collectionRecords,
    concurrency: concurrentRequests,
    waitMs: () => client.waitMs(),
    prepare: signal => prepareTasks(client, signal),
    resolve: (objects, persons, signal) => resolvePeople(client, absent, objects, persons, signal),
  }
}
