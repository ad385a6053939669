import type { MarketingEventName } from '../../../../topology/tasks.ts'
import type { EmailEventType } from '../rest/marketing.ts'

/** What is taken of marketing e-mails, and how HubSpot calls it. */
export interface EmailActivity {
  /** In links and in topology/tasks.ts. */
  readonly name: Exclude<MarketingEventName, 'submission'>
  readonly type: EmailEventType
}

export const emailActivities: readonly EmailActivity[] = [
  { name: 'sent', type: 'SENT' },
  { name: 'opened', type: 'OPEN' },
  { name: 'clicked', type: 'CLICK' },
]

/** Names of all marketing events. */
export const marketingEvents: readonly MarketingEventName[] = ['submission', ...emailActivities.map(({ name }) => name)]
