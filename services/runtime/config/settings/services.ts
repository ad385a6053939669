import * as kinds from '../kinds.ts'
import { type Setting, vendors } from './setting.ts'

/** What runs: ports, access, limits. */
export const servicesSettings = {
  INGEST_PORT: { group: 'services', kind: kinds.port, default: '8080', meaning: 'Port that takes webhooks.' },
  INGEST_HOST: {
    group: 'services',
    kind: kinds.host,
    default: '127.0.0.1',
    meaning: 'Interface that takes webhooks; 0.0.0.0 for all.',
  },
  INGEST_PUBLIC_URL: {
    group: 'services',
    kind: kinds.httpUrl,
    meaning: "What vendors call to reach INGEST_PORT. Default: the request's Host over http.",
  },
  CONSOLE_PORT: {
    group: 'services',
    kind: kinds.port,
    default: '3000',
    meaning: 'Port of the console, its API, metrics and health.',
  },
  CONSOLE_HOST: {
    group: 'services',
    kind: kinds.host,
    default: '127.0.0.1',
    meaning: 'Interface of the console; 0.0.0.0 for all. Any but this machine itself needs CONSOLE_TOKEN.',
  },
  CONSOLE_TOKEN: {
    group: 'services',
    kind: kinds.accessToken,
    secret: true,
    meaning:
      'What the console asks for: as a bearer token, or in a browser as the password of any user name. Without it the console answers to localhost and 127.0.0.1 only. `/healthz` and `/readyz` never ask.',
  },
  SANDBOX: {
    group: 'services',
    kind: kinds.names,
    meaning: `Vendors to emulate although something real is set: ${vendors.join(', ')}.`,
  },
  SANDBOX_PORT_BASE: {
    group: 'services',
    kind: kinds.firstPort,
    default: '9401',
    meaning: 'First port of the sandbox: HubSpot here, Salesforce one further, Zoom two, Pendo three.',
  },
  SANDBOX_HOST: {
    group: 'services',
    kind: kinds.host,
    default: '127.0.0.1',
    meaning:
      'Interface of the sandbox; 0.0.0.0 for all, as a container needs it. Any but this machine itself needs SANDBOX_TOKEN.',
  },
  SANDBOX_TOKEN: {
    group: 'services',
    kind: kinds.accessToken,
    secret: true,
    meaning:
      "What the sandbox's pages and `/_sandbox` ask for, as CONSOLE_TOKEN. The emulated APIs take the vendors' own credentials; while a vendor is real they answer to this machine only.",
  },
  PARK_LIMIT: {
    group: 'services',
    kind: kinds.duration,
    default: '7d',
    meaning: 'How long an event waits for its person before it becomes a dead letter.',
  },
  DEAD_LETTER_CEILING: {
    group: 'services',
    kind: kinds.perMinute,
    default: '100',
    meaning: 'Dead letters a minute at which a consumer stops instead of emptying its topic into them.',
  },
  RECREATE_DELETED: {
    group: 'services',
    kind: kinds.flag,
    default: 'false',
    meaning: 'Whether a contact that somebody deleted in the CRM is created again.',
  },
  TASK_SYNC: {
    group: 'services',
    kind: kinds.flag,
    meaning:
      'Whether HubSpot and Salesforce share tasks and activities, as topology/tasks.ts says. Default: true where both are emulated, else false. What is made before it is true is shared once it is changed.',
  },
  ERASURE_SECRET: {
    group: 'services',
    kind: kinds.hmacKey,
    secret: true,
    meaning:
      'Key under which aliases of erased people are kept as HMACs. Keep it for good: with another one, erased people would come back. The sandbox has a default.',
  },
  LOG_LEVEL: {
    group: 'services',
    kind: kinds.oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    meaning: 'Least severity that is logged.',
  },
} as const satisfies Record<string, Setting>
