import type { z } from 'zod'
import type { Kind } from './kinds.ts'
import * as kinds from './kinds.ts'

/** What a setting belongs to. */
export type SettingGroup = 'platform' | 'services' | Vendor

/** Vendors that this version connects. */
export const vendors = ['hubspot', 'salesforce', 'zoom', 'segment'] as const
export type ConnectedVendor = (typeof vendors)[number]
/** Vendors whose names are kept for later versions. */
export const laterVendors = ['pendo', 'account-engagement'] as const
export type Vendor = ConnectedVendor | (typeof laterVendors)[number]

/** One environment variable. */
export interface Setting {
  readonly group: SettingGroup
  readonly kind: Kind<unknown>
  /** As a person would write it. */
  readonly default?: string
  /** Its value is never printed, and it can be given as a file: `<NAME>_FILE`. */
  readonly secret?: true
  /** Setting it says that a real account of the vendor is meant (interfaces.md: "What is emulated is never a guess"). */
  readonly credential?: true
  /** There is one for each account of ZOOM_ACCOUNTS too, as `ZOOM_<NAME>_…`. */
  readonly perAccount?: true
  readonly meaning: string
}

/**
 * Every setting. This table is the reference too: loading, `--help` and the docs derive from it. The names are public (interfaces.md).
 */
export const settings = {
  KAFKA_BROKERS: {
    group: 'platform',
    kind: kinds.brokers,
    meaning: 'Brokers of your own Kafka. Without it Tributary runs an Apache Kafka of its own.',
  },
  KAFKA_SSL: { group: 'platform', kind: kinds.flag, default: 'false', meaning: 'Whether the brokers expect TLS.' },
  KAFKA_SASL_MECHANISM: {
    group: 'platform',
    kind: kinds.oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
    meaning: 'How to log in to the brokers. Needs user name and password.',
  },
  KAFKA_SASL_USERNAME: { group: 'platform', kind: kinds.text, meaning: 'User name for the brokers.' },
  KAFKA_SASL_PASSWORD: { group: 'platform', kind: kinds.text, secret: true, meaning: 'Password for the brokers.' },
  SCHEMA_REGISTRY_URL: {
    group: 'platform',
    kind: kinds.httpUrl,
    meaning: 'Base URL of your own Confluent-compatible schema registry; goes with KAFKA_BROKERS.',
  },
  SCHEMA_REGISTRY_AUTH: {
    group: 'platform',
    kind: kinds.basicAuth,
    secret: true,
    meaning: 'Login to the registry as user:password.',
  },
  TOPIC_PREFIX: {
    group: 'platform',
    kind: kinds.topicPrefix,
    meaning: 'Put before the name of every topic, group and subject, to set them apart on a shared cluster.',
  },
  KAFKA_PORT: { group: 'platform', kind: kinds.port, default: '9092', meaning: 'Port of the embedded Kafka.' },
  REGISTRY_PORT: { group: 'platform', kind: kinds.port, default: '8081', meaning: 'Port of the embedded registry.' },
  TRIBUTARY_DATA: {
    group: 'platform',
    kind: kinds.text,
    default: '.tributary',
    meaning: 'Folder with the data of the embedded platform.',
  },

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
    meaning: 'First port of the sandbox: HubSpot here, Salesforce one further, Zoom two.',
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

  ZOOM_ACCOUNTS: {
    group: 'zoom',
    kind: kinds.names,
    meaning: 'Names of further Zoom accounts, for example emea,apac; each has settings of its own: ZOOM_EMEA_….',
  },
  ZOOM_ACCOUNT_ID: {
    group: 'zoom',
    kind: kinds.text,
    credential: true,
    perAccount: true,
    meaning: 'Id of the Zoom account. Webhooks of another account are refused.',
  },
  ZOOM_CLIENT_ID: {
    group: 'zoom',
    kind: kinds.text,
    credential: true,
    perAccount: true,
    meaning: 'Client id of the server-to-server OAuth app.',
  },
  ZOOM_CLIENT_SECRET: {
    group: 'zoom',
    kind: kinds.text,
    secret: true,
    credential: true,
    perAccount: true,
    meaning: 'Client secret of the server-to-server OAuth app.',
  },
  ZOOM_WEBHOOK_SECRET: {
    group: 'zoom',
    kind: kinds.text,
    secret: true,
    credential: true,
    perAccount: true,
    meaning: "The app's secret token, with which Zoom signs its webhooks.",
  },
  ZOOM_BASE_URL: {
    group: 'zoom',
    kind: kinds.httpUrl,
    perAccount: true,
    meaning: 'Where the Zoom API is. Default: the sandbox, or https://api.zoom.us/v2.',
  },
  ZOOM_TOKEN_URL: {
    group: 'zoom',
    kind: kinds.httpUrl,
    perAccount: true,
    meaning: 'Where Zoom gives OAuth tokens. Default: the sandbox, or https://zoom.us/oauth/token.',
  },
  ZOOM_REPORT_AFTER: {
    group: 'zoom',
    kind: kinds.duration,
    default: '5m',
    meaning:
      'How long after the end of a webinar its participant report is first read; a host who starts it again within that time goes on with the same webinar. Never later than ZOOM_REPORT_WAIT; while Zoom is emulated the default is 5s.',
  },
  ZOOM_REPORT_WAIT: {
    group: 'zoom',
    kind: kinds.duration,
    default: '30m',
    meaning: 'How long after its end a webinar waits for the participant report.',
  },
  ZOOM_SWEEP_EVERY: {
    group: 'zoom',
    kind: kinds.interval,
    default: '1h',
    meaning:
      'How often the Zoom accounts are looked through for webinars, registrations and ends that no webhook told, beginning with the start; 0 for never.',
  },

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
  PENDO_INTEGRATION_KEY: {
    group: 'pendo',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Integration key with write access.',
  },
  PENDO_TRACK_SECRET: {
    group: 'pendo',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Shared secret of the track API.',
  },
  PENDO_WEBHOOK_SECRET: {
    group: 'pendo',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Secret with which Pendo signs its webhooks.',
  },
  PENDO_BASE_URL: { group: 'pendo', kind: kinds.httpUrl, meaning: 'Where the Pendo API is.' },
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
  SEGMENT_WRITE_KEYS: {
    group: 'segment',
    kind: kinds.writeKeys,
    secret: true,
    credential: true,
    meaning:
      'Write keys with which Segment SDKs may send, each behind the name of its source: `web=KEY1,server=KEY2`. A key alone is of the source `default`; a source may have several. While Segment is emulated the key is `sandbox`.',
  },
  SEGMENT_WEBHOOK_SECRET: {
    group: 'segment',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Shared secret of the webhook destination in Segment; without it `/webhooks/segment` is not there.',
  },
} as const satisfies Record<string, Setting>

type Settings = typeof settings
export type SettingName = keyof Settings
type ValueOf<Name extends SettingName> = z.output<Settings[Name]['kind']['schema']>

/** Values by setting; undefined when it is not set and has no default. */
export type SettingValues = {
  readonly [Name in SettingName]: Settings[Name] extends { readonly default: string }
    ? ValueOf<Name>
    : ValueOf<Name> | undefined
}

/** The settings as rows of a reference, in reading order. */
export const settingsReference = (): readonly (Setting & { readonly name: SettingName })[] =>
  settingNames.map(name => ({ name, ...settings[name] }))

export const settingNames = Object.keys(settings) as SettingName[]

/** The part of `ZOOM_CLIENT_ID` that an account's own name `ZOOM_EMEA_CLIENT_ID` keeps: `CLIENT_ID`. */
export const perAccountSuffixes = settingNames
  .filter(name => (settings[name] as Setting).perAccount)
  .map(name => name.slice('ZOOM_'.length))
