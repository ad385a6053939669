import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** Account Engagement. */
export const accountEngagementSettings = {
  ACCOUNT_ENGAGEMENT_UNITS: {
    group: 'account-engagement',
    kind: kinds.names,
    meaning: 'Names of further business units.',
  },
  ACCOUNT_ENGAGEMENT_BUSINESS_UNIT_ID: {
    group: 'account-engagement',
    kind: kinds.text,
    credential: true,
    meaning: 'Id of the business unit.',
  },
  ACCOUNT_ENGAGEMENT_BASE_URL: {
    group: 'account-engagement',
    kind: kinds.httpUrl,
    meaning: 'Where the Account Engagement API is.',
  },
} as const satisfies Record<string, Setting>
