import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** HubSpot. */
export const hubspotSettings = {
  HUBSPOT_ACCESS_TOKEN: {
    group: 'hubspot',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Access token of a private app in the portal.',
  },
  HUBSPOT_CLIENT_SECRET: {
    group: 'hubspot',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: "The app's secret, with which HubSpot signs its webhooks; without it none are taken.",
  },
  HUBSPOT_APP_ID: {
    group: 'hubspot',
    kind: kinds.text,
    credential: true,
    meaning: 'Id of the app, by which webhooks of what Tributary wrote itself are known.',
  },
  HUBSPOT_SWEEP_EVERY: {
    group: 'hubspot',
    kind: kinds.interval,
    default: '1h',
    meaning:
      'How often HubSpot is read for contacts, companies and activities that were modified, beginning with the start; 0 for never. Webhooks tell changes at once, so this is how late a lost one is made up for; it takes some of the 5 searches a second that an account has.',
  },
  HUBSPOT_MARKETING_EVERY: {
    group: 'hubspot',
    kind: kinds.interval,
    default: '15m',
    meaning:
      'How often HubSpot is read for submitted forms and for events of marketing e-mails while tasks are shared (TASK_SYNC), beginning with the start; 0 for never. Nothing else tells them. Each time costs a request for each form, and one or more for each type of event that is taken (`topology/tasks.ts`). While HubSpot is emulated the default is 3s.',
  },
  HUBSPOT_MARKETING_OVERLAP: {
    group: 'hubspot',
    kind: kinds.duration,
    default: '6h',
    meaning:
      'Submissions and events that happened so long before the last reading are read again, since HubSpot shows some of them late and does not say how late. What was told is not told again.',
  },
  HUBSPOT_EVENT_BUDGET: {
    group: 'hubspot',
    kind: kinds.perMonth,
    default: '30000000',
    meaning:
      "Custom event completions that Tributary may send in a month of the account's time zone; then events wait for the next month. HubSpot's limit is 30,000,000 for all that send to the account.",
  },
  HUBSPOT_BASE_URL: {
    group: 'hubspot',
    kind: kinds.httpUrl,
    meaning: 'Where the HubSpot API is. Default: the sandbox, or https://api.hubapi.com.',
  },
} as const satisfies Record<string, Setting>
