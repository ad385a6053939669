import { impersonal, keyed } from '../../../topology/define.ts'
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

/** What can be set on a task that is shared with another CRM; null clears. The first write of a key holds all that is known; one that does not makes nothing. */
export interface SalesforceActivityFields {
  /** At most 255 characters; the sink cuts. */
  readonly Subject: string | null
  readonly Status: string
  readonly Priority: string
  readonly Type: string | null
  /** Day as `YYYY-MM-DD`. */
  readonly ActivityDate: string | null
  readonly Description: string | null
  /** Addresses in the order of preference, separated by blanks: the first that an active user has is meant. Null: the integration user. */
  readonly OwnerId: string | null
  /** Record id of the contact or lead that it is on; null for none. */
  readonly WhoId: string | null
  /** Record ids of further contacts that it is on, separated by blanks, in an org with shared activities. Null for none. */
  readonly OtherWhoIds: string | null
  /** Names of the account that it relates to (services/companies/names.ts), separated by blanks: the first by which one account is known is meant. Null for none. */
  readonly WhatId: string | null
  /** True deletes it. False makes it when it is not there: such a write holds all fields. */
  readonly IsDeleted: boolean
}

/** A task. Key: what links it with the activity in the other CRM (`tasks`), which `Tributary_Id__c` holds unless the task was made in Salesforce. */
export const salesforceActivity = impersonal<SalesforceActivityFields>()({
  destination: 'salesforce',
  object: 'activity',
  topic: salesforceWrites,
})
