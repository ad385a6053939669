import { type ConnectedVendor, laterVendors, type Setting, type Vendor, vendors } from './settings/setting.ts'
import type { SettingName } from './settings.ts'
import { settings } from './settings.ts'

/** Credentials that every sandbox accepts; public (interfaces.md). */
export const sandboxCredential = 'sandbox'
/** The shared secret of every webhook signature of the sandbox; public (interfaces.md). */
export const sandboxWebhookSecret = 'sandbox-secret'
/** The app that the emulated HubSpot takes Tributary for. */
export const sandboxHubSpotAppId = '5070001'
const wellKnown: readonly string[] = [sandboxCredential, sandboxWebhookSecret]

export type VendorMode = 'real' | 'sandbox' | 'off'

/** What is emulated, and why: "What is emulated is never a guess" of interfaces.md. */
export interface Emulation {
  readonly platform: 'embedded' | 'external'
  readonly vendors: Readonly<Record<ConnectedVendor, VendorMode>>
  /** Whether sample traffic plays. */
  readonly sample: boolean
  /** Sentences for the person who starts it: what is real, emulated or off, and why. */
  readonly reasons: readonly string[]
  /** Sentences about default secrets that must not be used like this; start refuses while there are any. */
  readonly refusals: readonly string[]
}

/** A variable that is set: its name, the setting it is one of (a further Zoom account has its own names), and its text. */
export interface Given {
  readonly name: string
  readonly setting: SettingName
  readonly value: string
}

/** Decides from what is set and from the vendors that SANDBOX names. Pure. */
export const emulation = (given: readonly Given[], sandbox: readonly string[]): Emulation => {
  const real = given.filter(isReal)
  const everything = real.length === 0
  const modeOf = (vendor: ConnectedVendor): VendorMode => {
    if (everything || sandbox.includes(vendor)) return 'sandbox'
    return real.some(({ setting }) => vendorOf(setting) === vendor) ? 'real' : 'off'
  }
  const modes = Object.fromEntries(vendors.map(vendor => [vendor, modeOf(vendor)])) as Record<
    ConnectedVendor,
    VendorMode
  >
  const platform = given.some(({ setting }) => setting === 'KAFKA_BROKERS') ? 'external' : 'embedded'
  return {
    platform,
    vendors: modes,
    sample: everything,
    reasons: [
      everything
        ? 'No vendor credential and no KAFKA_BROKERS is set, so every vendor is emulated and sample traffic plays.'
        : `${firstNames(real)} is set, so only what SANDBOX names is emulated and no sample traffic plays.`,
      platform === 'external'
        ? 'Kafka is yours: KAFKA_BROKERS is set.'
        : 'Kafka is embedded, a real one with a single broker: KAFKA_BROKERS is not set.',
      ...vendors.flatMap(vendor => vendorReasons(vendor, modes[vendor], { given, real, everything })),
      ...laterVendors.filter(vendor => real.some(({ setting }) => vendorOf(setting) === vendor)).map(notYet),
    ],
    refusals: everything ? [] : given.filter(isDefaultSecret).flatMap(one => refusal(one, sandbox)),
  }
}

interface Situation {
  readonly given: readonly Given[]
  readonly real: readonly Given[]
  readonly everything: boolean
}

const vendorReasons = (vendor: ConnectedVendor, mode: VendorMode, { given, real, everything }: Situation): string[] => {
  const own = real.filter(({ setting }) => vendorOf(setting) === vendor)
  const urls = given.filter(({ setting }) => vendorOf(setting) === vendor && setting.endsWith('_URL'))
  if (mode === 'real') return [`${vendor} is real: ${firstNames(own)} is set.`]
  if (mode === 'off') {
    const alone = urls.length === 0 ? '' : ` ${firstNames(urls)} alone is no credential.`
    return [`${vendor} is off: it has no credential and SANDBOX does not name it.${alone}`]
  }
  return [
    ...(everything ? [] : [`${vendor} is emulated: SANDBOX names it.`]),
    ...(own.length === 0 ? [] : [`${firstNames(own)} is not used while ${vendor} is emulated.`]),
    ...(urls.length === 0 ? [] : [`The emulated ${vendor} is looked for where ${firstNames(urls)} says.`]),
  ]
}

const notYet = (vendor: Vendor): string =>
  `${vendor} is off: this version does not connect it. Its settings are ignored.`

const refusal = ({ name, setting }: Given, sandbox: readonly string[]): string[] => {
  const vendor = vendorOf(setting)
  if (vendor !== undefined && sandbox.includes(vendor)) return []
  const otherwise = vendors.some(known => known === vendor) ? `, or add ${vendor} to SANDBOX` : ''
  return [
    `${name} must be a secret of your own once anything real is set, but it is a default that everybody knows: set the vendor's${otherwise}, or unset it.`,
  ]
}

const definition = (name: SettingName): Setting => settings[name]

const vendorOf = (name: SettingName): Vendor | undefined => {
  const { group } = definition(name)
  return group === 'platform' || group === 'services' ? undefined : group
}

const isReal = ({ setting, value }: Given): boolean =>
  setting === 'KAFKA_BROKERS' || (definition(setting).credential === true && !wellKnown.includes(value))

const isDefaultSecret = ({ setting, value }: Given): boolean =>
  definition(setting).secret === true && definition(setting).credential === true && wellKnown.includes(value)

/** At most two names, so that a sentence stays one. */
const firstNames = (given: readonly Given[]): string => {
  const names = [...new Set(given.map(({ name }) => name))]
  return names.length > 2 ? `${names[0]} (and ${names.length - 1} more)` : names.join(' and ')
}
