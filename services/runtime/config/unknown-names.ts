import levenshtein from 'fastest-levenshtein'
import type { Environment } from './environment.ts'
import type { Mistakes } from './mistakes.ts'
import type { Setting } from './settings/setting.ts'
import { perAccountSuffixes, settingNames, settings } from './settings.ts'

/** A name that begins like this can only be meant for Tributary. */
const ours = [
  'HUBSPOT_',
  'ZOOM_',
  'SALESFORCE_',
  'PENDO_',
  'ACCOUNT_ENGAGEMENT_',
  'SEGMENT_',
  'KAFKA_',
  'SCHEMA_REGISTRY_',
]

/** Names that Kafka's own scripts and images read, and those that Kubernetes gives to every pod beside a service named `kafka`. */
const ofOtherPrograms = [
  /^KAFKA_(HOME|OPTS|DEBUG|HEAP_OPTS|GC_LOG_OPTS|JVM_PERFORMANCE_OPTS|LOG4J_\w+|LOG4J2_\w+|JMX_\w+|CLUSTER_ID|VERSION|CFG_\w+)$/,
  /^(SCHEMA_REGISTRY|KAFKA)_(HEAP_OPTS|JMX_OPTS|LOG4J_OPTS|OPTS)$/,
  /^(SCHEMA_REGISTRY|KAFKA)_(SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(TCP|UDP)\w*)$/,
]

/** A name that does not begin like ours counts as misspelt up to this many edits from one of ours. */
const nearEnough = 2
/** Shorter names are near one another without being meant. */
const shortestMisspelt = 8

const accountSetting = new RegExp(`^ZOOM_([A-Z0-9_]+?)_(${perAccountSuffixes.join('|')})(_FILE)?$`)

/** Reports every name that is probably a misspelt setting, with the one that is probably meant. */
export const reportUnknownNames = (
  environment: Environment,
  accountPrefixes: readonly string[],
  mistakes: Mistakes,
): void => {
  const known = knownNames(accountPrefixes)
  for (const name of environment.names) {
    if (known.has(name) || ofOtherPrograms.some(pattern => pattern.test(name))) continue
    const meant = nearest(name, known)
    const near = name.length >= shortestMisspelt && levenshtein.distance(name, meant) <= nearEnough
    if (!near && !ours.some(prefix => name.startsWith(prefix))) continue
    mistakes.add(near ? misspelt(name, meant) : (undeclaredAccount(name) ?? misspelt(name, meant)))
  }
}

const misspelt = (name: string, meant: string): string =>
  `${name} is not a setting of Tributary. Probably ${meant} is meant: rename it, or unset it.`

const undeclaredAccount = (name: string): string | undefined => {
  const account = accountSetting.exec(name)?.[1]
  return account === undefined
    ? undefined
    : `${name} belongs to a Zoom account that ZOOM_ACCOUNTS does not name: add ${account.toLowerCase().replaceAll('_', '-')} to ZOOM_ACCOUNTS, or unset it.`
}

const knownNames = (accountPrefixes: readonly string[]): ReadonlySet<string> => {
  const ofAccounts = accountPrefixes.flatMap(prefix =>
    perAccountSuffixes.map(suffix => ({ name: prefix + suffix, from: `ZOOM_${suffix}` as keyof typeof settings })),
  )
  const all = [...settingNames.map(name => ({ name: name as string, from: name })), ...ofAccounts]
  return new Set(
    all.flatMap(({ name, from }) => ((settings[from] as Setting).secret ? [name, `${name}_FILE`] : [name])),
  )
}

/** A name that lacks a word (`HUBSPOT_TOKEN`) is meant rather than one with as few other letters. */
const nearest = (name: string, known: ReadonlySet<string>): string => {
  const words = name.split('_')
  const longer = [...known].filter(one => words.length > 1 && words.every(word => one.split('_').includes(word)))
  return levenshtein.closest(name, longer.length > 0 ? longer : [...known])
}
