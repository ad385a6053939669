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
    meaning: "The app's secret, with which HubSpot signs its webhooks.",
  },
  HUBSPOT_APP_ID: { group: 'hubspot', kind: kinds.text, credential: true, meaning: 'Id of the app.' },
  HUBSPOT_BASE_URL: {
    group: 'hubspot',
    kind: kinds.httpUrl,
    meaning: 'Where the HubSpot API is. Default: the sandbox, or https://api.hubapi.com.',
  },
} as const satisfies Record<string, Setting>
