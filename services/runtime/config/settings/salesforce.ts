import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** Salesforce. */
export const salesforceSettings = {
  SALESFORCE_LOGIN_URL: {
    group: 'salesforce',
    kind: kinds.httpUrl,
    meaning:
      'Where to log in to Salesforce: https://test.salesforce.com for a sandbox org. Default: the sandbox here, or https://login.salesforce.com.',
  },
  SALESFORCE_CLIENT_ID: {
    group: 'salesforce',
    kind: kinds.text,
    credential: true,
    meaning: 'Consumer key of the connected app.',
  },
  SALESFORCE_USERNAME: {
    group: 'salesforce',
    kind: kinds.text,
    credential: true,
    meaning: 'User name of the user whom the integration acts as, in the form of an address.',
  },
  SALESFORCE_PRIVATE_KEY: {
    group: 'salesforce',
    kind: kinds.rsaPrivateKey,
    secret: true,
    credential: true,
    meaning:
      'RSA private key, PEM, whose certificate the connected app has. Line breaks may be written as \\n; a file is easier.',
  },
  SALESFORCE_SWEEP_EVERY: {
    group: 'salesforce',
    kind: kinds.interval,
    default: '1m',
    meaning:
      "How often Salesforce is read for contacts, leads and tasks that were changed, beginning with the start; 0 for never. Each time costs three of the org's API requests, and one more for every 2,000 changed records: 4,320 a day at 1m, of 100,000 and more in Enterprise and 15,000 in Developer. When less than a fifth of them is left, it is read less often. While Salesforce is emulated the default is 1s.",
  },
  SALESFORCE_CHANGE_EVENTS: {
    group: 'salesforce',
    kind: kinds.channels,
    meaning:
      "Whether Salesforce tells by Change Data Capture, within a second, that contacts, leads and tasks were changed: on, off, or the channels to follow. An admin must have selected Task, Lead and Contact in Setup under Change Data Capture. What the events name is read with up to a quarter of the org's API requests; SALESFORCE_SWEEP_EVERY stays the net below, and with 0 there it is off, too. Default: on while Salesforce is emulated in the same process, else off.",
  },
  SALESFORCE_PUBSUB_ENDPOINT: {
    group: 'salesforce',
    kind: kinds.httpUrl,
    meaning:
      'Where the Pub/Sub API of Salesforce is. Default: the sandbox here, or https://api.pubsub.salesforce.com:7443, which serves orgs everywhere.',
  },
} as const satisfies Record<string, Setting>
