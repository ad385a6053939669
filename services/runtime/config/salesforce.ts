import { sandboxCredential, type VendorMode } from './emulation.ts'
import type { Mistakes } from './mistakes.ts'
import type { GivenValues } from './reading.ts'

const realLoginUrl = 'https://login.salesforce.com'
const realPubSubEndpoint = 'https://api.pubsub.salesforce.com:7443'

/** One org of Salesforce, and as whom to log in. */
export interface SalesforceConfig {
  readonly mode: VendorMode
  /** Null: the sandbox of this process. */
  readonly loginUrl: string | null
  /** Null only when Salesforce is off, as is the user name. */
  readonly clientId: string | null
  readonly username: string | null
  /** PEM. Null when it is off, and when it is emulated: the sandbox takes any key. */
  readonly privateKey: string | null
  /** 0 for never. */
  readonly sweepEveryMs: number
  /** Whether it says by events what was changed, or by which channels. */
  readonly changeEvents: 'on' | 'off' | readonly string[]
  /** Null: the sandbox of this process, or none where that is elsewhere. */
  readonly pubSubEndpoint: string | null
}

/** Nothing but a sweep tells what was changed, and who tries Tributary does not wait a minute for it. */
const emulatedSweepEveryMs = 1_000

const needed = {
  SALESFORCE_CLIENT_ID:
    'it is the consumer key of the connected app, in Setup under App Manager, Manage Consumer Details',
  SALESFORCE_USERNAME: 'it is the user name as whom the integration writes, in the form of an address',
  SALESFORCE_PRIVATE_KEY:
    'it is the private key whose certificate the connected app has under "Use digital signatures"',
} as const

/** The settings of Salesforce; each that lacks becomes a mistake. */
export const salesforceConfig = (
  { values, given }: GivenValues,
  mode: VendorMode,
  mistakes: Mistakes,
): SalesforceConfig => {
  const isSet = (name: string): boolean => given.some(({ setting }) => setting === name)
  const sweepEveryMs =
    mode === 'sandbox' && !isSet('SALESFORCE_SWEEP_EVERY') ? emulatedSweepEveryMs : values.SALESFORCE_SWEEP_EVERY
  const changeEvents = values.SALESFORCE_CHANGE_EVENTS ?? (mode === 'sandbox' ? 'on' : 'off')
  const pubSubEndpoint = values.SALESFORCE_PUBSUB_ENDPOINT ?? (mode === 'sandbox' ? null : realPubSubEndpoint)
  const reading = { sweepEveryMs, changeEvents, pubSubEndpoint }
  if (mode === 'off') return { mode, loginUrl: null, clientId: null, username: null, privateKey: null, ...reading }
  const loginUrl = values.SALESFORCE_LOGIN_URL ?? null
  if (mode === 'sandbox')
    return { mode, loginUrl, clientId: sandboxCredential, username: sandboxCredential, privateKey: null, ...reading }
  const names = Object.keys(needed) as (keyof typeof needed)[]
  const set = names.find(isSet)
  for (const name of names.filter(one => !isSet(one)))
    mistakes.add(`${name} must be set because ${set} is: ${needed[name]}.`)
  return {
    mode,
    loginUrl: loginUrl ?? realLoginUrl,
    clientId: values.SALESFORCE_CLIENT_ID ?? null,
    username: values.SALESFORCE_USERNAME ?? null,
    privateKey: values.SALESFORCE_PRIVATE_KEY ?? null,
    ...reading,
  }
}
