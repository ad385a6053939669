import { join } from 'node:path'
import levenshtein from 'fastest-levenshtein'
import type { LogLevel } from '../log.ts'
import { type Listening, listening } from './access.ts'
import { type Emulation, emulation, type Given, type VendorMode } from './emulation.ts'
import { type ReadFile, readEnvironment } from './environment.ts'
import { type HubspotConfig, hubspotConfig } from './hubspot.ts'
import { collectMistakes, type Mistakes } from './mistakes.ts'
import { type PendoConfig, pendoConfig } from './pendo.ts'
import { type GivenValues, readSettings } from './reading.ts'
import { type SalesforceConfig, salesforceConfig } from './salesforce.ts'
import { type SegmentConfig, segmentConfig } from './segment.ts'
import { type ConnectedVendor, laterVendors, vendors } from './settings/setting.ts'
import type { SettingName, SettingValues } from './settings.ts'
import { type TasksConfig, tasksConfig } from './tasks.ts'
import { reportUnknownNames } from './unknown-names.ts'
import { type ZoomAccount, zoomAccounts, zoomPrefix } from './zoom-accounts.ts'

export interface Config extends Listening {
  readonly emulation: Emulation
  readonly kafka: ExternalKafka | { readonly kind: 'embedded'; readonly port: number }
  readonly registry:
    | {
        readonly kind: 'external'
        readonly url: string
        readonly auth: { readonly username: string; readonly password: string } | null
      }
    | { readonly kind: 'embedded'; readonly port: number }
  readonly topicPrefix: string
  readonly data: {
    /** TRIBUTARY_DATA. */
    readonly folder: string
    /**
     * Where the embedded platform keeps its topics. Sandbox and real data lie apart: else the first start with a real credential would
     * deliver the sample people to it.
     */
    readonly platformFolder: string
  }
  readonly hubspot: HubspotConfig
  readonly salesforce: SalesforceConfig
  readonly segment: SegmentConfig
  readonly pendo: PendoConfig
  readonly zoom: {
    readonly mode: VendorMode
    readonly accounts: readonly ZoomAccount[]
    /** At most `reportWaitMs`. */
    readonly reportAfterMs: number
    readonly reportWaitMs: number
    /** 0 for never. */
    readonly sweepEveryMs: number
  }
  readonly tasks: TasksConfig
  readonly parkLimitMs: number
  readonly recreateDeleted: boolean
  readonly deadLettersPerMinute: number
  readonly erasureSecret: string
  readonly logLevel: LogLevel
}

export interface ExternalKafka {
  readonly kind: 'external'
  readonly brokers: readonly string[]
  readonly ssl: boolean
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  } | null
}

/** Good enough for people who do not exist, refused for real ones. */
const sandboxErasureSecret = 'sandbox-erasure-secret'

/**
 * The configuration from environment variables. Throws one `CONFIG_INVALID` that lists every mistake; no secret's value is in it.
 * @param readFile reads the file that a `<NAME>_FILE` names
 */
export const loadConfig = (variables: Readonly<Record<string, string | undefined>>, readFile: ReadFile): Config => {
  const mistakes = collectMistakes('CONFIG_INVALID', 'The configuration')
  const environment = readEnvironment(variables, readFile, mistakes)
  const given = readSettings(environment, mistakes)
  reportUnknownNames(environment, [...given.zoomAccounts.keys()].map(zoomPrefix), mistakes)
  const { values } = given
  const decided = emulation(given.given, emulatedVendors(values.SANDBOX ?? [], mistakes))
  for (const refusal of decided.refusals) mistakes.add(refusal)
  const hubspotGiven = hubspotConfig(given, decided.vendors.hubspot, mistakes)
  const config: Config = {
    emulation: decided,
    ...platform(given, mistakes),
    ...listening(values, decided, mistakes),
    ...services(values, decided),
    hubspot: hubspotGiven,
    tasks: tasksConfig(values, decided, hubspotGiven, mistakes),
    salesforce: salesforceConfig(given, decided.vendors.salesforce, mistakes),
    segment: segmentConfig(values, decided.vendors.segment, mistakes),
    pendo: pendoConfig(given, decided.vendors.pendo, mistakes),
    zoom: zoom(given, decided.vendors.zoom, mistakes),
    erasureSecret: erasureSecret(given, decided, mistakes),
  }
  reportSharedPorts(config, mistakes)
  mistakes.throwIfAny()
  return config
}

/** The vendors of SANDBOX that this version emulates; the other words become mistakes. */
const emulatedVendors = (words: readonly string[], mistakes: Mistakes): readonly ConnectedVendor[] => {
  const known = (word: string): word is ConnectedVendor => vendors.some(vendor => vendor === word)
  for (const word of words) {
    if (known(word)) continue
    const later = laterVendors.some(vendor => vendor === word)
    mistakes.add(
      later
        ? `SANDBOX names ${word}, which this version does not connect: leave it out. It can emulate ${vendors.join(', ')}.`
        : `SANDBOX must hold names out of ${vendors.join(', ')}, but holds "${word}". Probably ${levenshtein.closest(word, [...vendors])} is meant.`,
    )
  }
  return words.filter(known)
}

const platform = (
  { values, given }: GivenValues,
  mistakes: Mistakes,
): Pick<Config, 'kafka' | 'registry' | 'topicPrefix'> => {
  const isSet = (name: SettingName) => given.some(({ setting }) => setting === name)
  const ownKafka = isSet('KAFKA_BROKERS')
  const ownRegistry = isSet('SCHEMA_REGISTRY_URL')
  if (ownKafka !== ownRegistry) {
    const [set, missing] = ownKafka
      ? ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL']
      : ['SCHEMA_REGISTRY_URL', 'KAFKA_BROKERS']
    mistakes.add(
      `${missing} must be set because ${set} is: a Kafka and its registry belong together. Unset both to use the embedded ones.`,
    )
  }
  const login = ownKafka ? undefined : (['KAFKA_SSL', ...saslNames] as const).find(isSet)
  if (login !== undefined) mistakes.add(withoutBrokers(login))
  return {
    kafka: ownKafka
      ? {
          kind: 'external',
          brokers: values.KAFKA_BROKERS ?? [],
          ssl: values.KAFKA_SSL,
          sasl: sasl(values, given, mistakes),
        }
      : { kind: 'embedded', port: values.KAFKA_PORT },
    registry: ownRegistry
      ? { kind: 'external', url: values.SCHEMA_REGISTRY_URL ?? '', auth: values.SCHEMA_REGISTRY_AUTH ?? null }
      : { kind: 'embedded', port: values.REGISTRY_PORT },
    topicPrefix: values.TOPIC_PREFIX ?? '',
  }
}

/** A login without brokers tells of brokers that were forgotten; the embedded Kafka would be a guess. */
const withoutBrokers = (login: SettingName): string =>
  `KAFKA_BROKERS must be set because ${login} is: set the brokers that it is for, or unset ${login}.`

const saslNames = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const

const sasl = (values: SettingValues, given: readonly Given[], mistakes: Mistakes): ExternalKafka['sasl'] => {
  const missing = saslNames.filter(name => given.every(({ setting }) => setting !== name))
  if (missing.length > 0 && missing.length < saslNames.length) {
    mistakes.add(`${missing.join(' and ')} must be set too: the KAFKA_SASL_… settings are needed all three or none.`)
  }
  const [mechanism, username, password] = [
    values.KAFKA_SASL_MECHANISM,
    values.KAFKA_SASL_USERNAME,
    values.KAFKA_SASL_PASSWORD,
  ]
  return mechanism && username && password ? { mechanism, username, password } : null
}

const services = (
  values: SettingValues,
  decided: Emulation,
): Pick<Config, 'data' | 'parkLimitMs' | 'recreateDeleted' | 'deadLettersPerMinute' | 'logLevel'> => ({
  data: {
    folder: values.TRIBUTARY_DATA,
    platformFolder: join(values.TRIBUTARY_DATA, decided.sample ? 'sandbox' : 'live'),
  },
  parkLimitMs: values.PARK_LIMIT,
  recreateDeleted: values.RECREATE_DELETED,
  deadLettersPerMinute: values.DEAD_LETTER_CEILING,
  logLevel: values.LOG_LEVEL,
})

const zoom = (given: GivenValues, mode: VendorMode, mistakes: Mistakes): Config['zoom'] => ({
  mode,
  accounts: zoomAccounts(mode, given.zoomAccounts, mistakes),
  reportAfterMs: Math.min(reportAfterMs(given, mode), given.values.ZOOM_REPORT_WAIT),
  reportWaitMs: given.values.ZOOM_REPORT_WAIT,
  sweepEveryMs: given.values.ZOOM_SWEEP_EVERY,
})

/** Nobody starts an emulated webinar again by mistake, and who tries Tributary waits for its end. */
const emulatedReportAfterMs = 5_000

const reportAfterMs = ({ values, given }: GivenValues, mode: VendorMode): number => {
  const isSet = given.some(({ setting }) => setting === 'ZOOM_REPORT_AFTER')
  return mode === 'sandbox' && !isSet ? emulatedReportAfterMs : values.ZOOM_REPORT_AFTER
}

const erasureSecret = ({ values, given }: GivenValues, decided: Emulation, mistakes: Mistakes): string => {
  const secret = values.ERASURE_SECRET ?? sandboxErasureSecret
  if (decided.sample) return secret
  const set = given.some(({ setting }) => setting === 'ERASURE_SECRET')
  if (!set || values.ERASURE_SECRET === sandboxErasureSecret) {
    mistakes.add(
      `ERASURE_SECRET must be a key of your own once anything real is set, but ${set ? 'is the default of the sandbox' : 'is not set'}. Make one with \`openssl rand -hex 32\` and keep it for good.`,
    )
  }
  return secret
}

/** Two of our own servers on one port; 0 is never shared. */
const reportSharedPorts = (config: Config, mistakes: Mistakes): void => {
  const sandboxPorts = Array.from({ length: 5 }, (_, index) => config.sandbox.portBase + index)
  const listening: [string, number][] = [
    ['INGEST_PORT', config.ingest.port],
    ['CONSOLE_PORT', config.console.port],
    ...(config.kafka.kind === 'embedded' ? [['KAFKA_PORT', config.kafka.port] as [string, number]] : []),
    ...(config.registry.kind === 'embedded' ? [['REGISTRY_PORT', config.registry.port] as [string, number]] : []),
    ...(config.sandbox.portBase === 0 ? [] : sandboxPorts.map(port => ['SANDBOX_PORT_BASE', port] as [string, number])),
  ]
  const takenBy = new Map<number, string>()
  for (const [name, port] of listening) {
    const other = takenBy.get(port)
    if (port !== 0 && other !== undefined) {
      mistakes.add(`${name} and ${other} must be different ports, but both come to ${port}: change one of them.`)
    }
    takenBy.set(port, name)
  }
}
