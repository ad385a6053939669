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
} as const satisfies Record<string, Setting>
