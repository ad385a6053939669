/** What of a task that is shared with another CRM was changed or left out, by the code in receipts and metrics. */
export const activityAdjustments = {
  SUBJECT_CUT: 'The subject was cut at the 255 characters that Salesforce takes.',
  DESCRIPTION_CUT: 'The comments were cut at the 32,000 characters that Salesforce takes.',
  OWNER_UNKNOWN:
    'No active user of the org has one of the addresses: a new task is assigned to the integration user, one that is there stays with whom it is.',
  WHO_GONE: 'The contact or lead was deleted: the task is written without it.',
  WHAT_UNKNOWN:
    'No account of the org, or more than one, is known by the company, or the integration user may not see accounts: what the task relates to is left as it is.',
  WHAT_OF_LEAD: 'The task is on a lead, and such a task cannot relate to an account: it relates to nothing.',
  WHAT_KEPT: 'The task relates to something that is no account, as an opportunity: that is left as it is.',
  NOT_SHARED:
    'The org has no shared activities, or the integration user may not see TaskRelation: the task is on one contact only. An admin can switch them on in Activity Settings; else let `people` in topology/tasks.ts be one.',
  OTHERS_LEFT_OUT:
    'A task is on one lead or on at most 50 contacts in Salesforce: the other people of the activity, or some of them, are left out.',
  SHARING_REFUSED: 'Salesforce refused to put the task on a further contact: it is on the others.',
} as const

export type ActivityAdjustment = keyof typeof activityAdjustments
