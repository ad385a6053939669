import { keyed } from '../../../topology/define.ts'
import { salesforceWrites } from '../../../topology/topics.ts'

/** What can be set on a task, by Salesforce's field name; null clears. */
export interface SalesforceTaskFields {
  /** At most 255 characters. */
  readonly Subject: string
  readonly Status: 'Not Started' | 'In Progress' | 'Completed' | 'Waiting on someone else' | 'Deferred'
  /** Day as `YYYY-MM-DD`. */
  readonly ActivityDate: string | null
  readonly Description: string | null
}

/** A task of the person's contact, or of their lead when there is no contact. Key: what `Tributary_Id__c` holds, made of letters, digits and `:._-@|`. */
export const salesforceTask = keyed<SalesforceTaskFields>()({
  destination: 'salesforce',
  object: 'task',
  topic: salesforceWrites,
})
