/** What of a task that is shared with another CRM was changed or left out, by the code in receipts and metrics. */
export const activityAdjustments = {
  SUBJECT_CUT: 'The subject was cut at the 255 characters that Salesforce takes.',
  DESCRIPTION_CUT: 'The comments were cut at the 32,000 characters that Salesforce takes.',
  OWNER_UNKNOWN:
    'No active user of the org has one of the addresses: a new task is assigned to the integration user, one that is there stays with whom it is.',
  WHO_GONE: 'The contact or lead was deleted: the task is written without it.',
} as const

export type ActivityAdjustment = keyof typeof activityAdjustments
