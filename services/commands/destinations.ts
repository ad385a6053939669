import { generateKeyPairSync } from 'node:crypto'
import type { Destination } from '../delivery/destination.ts'
import { systemClock as clock } from '../runtime/clock.ts'
import type { Config } from '../runtime/config/config.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { hubSpotDestinations } from '../sinks/hubspot/destination.ts'
import type { EventBudget } from '../sinks/hubspot/events/budget.ts'
import { type PendoDestinationOptions, pendoDestinations } from '../sinks/pendo/destination.ts'
import type { Login } from '../sinks/salesforce/api/assertion.ts'
import { salesforceDestination } from '../sinks/salesforce/destination.ts'
import { sandboxUrl } from './start/sandboxes.ts'

interface Watching {
  readonly metrics?: Metrics
  readonly logger: Logger
  /** Of HubSpot's custom events; only who sends needs one. */
  readonly budget?: EventBudget
}

/** Addresses of emulated vendors that run in this process, by the vendor's name as people know it. */
export type SandboxPages = Readonly<Record<string, string>>

/** Where the writes of each sink go, by the sink's name; sinks of vendors that are off are not there. */
export const destinationsOf = (
  config: Config,
  pages: SandboxPages,
  watching: Watching,
): ReadonlyMap<string, Destination> =>
  new Map(
    Object.entries({
      ...hubSpotOf(config, pages, watching),
      ...salesforceOf(config, pages, watching),
      ...pendoOf(config, pages, watching),
    }),
  )

const hubSpotOf = (config: Config, pages: SandboxPages, watching: Watching): Readonly<Record<string, Destination>> => {
  const { hubspot } = config
  if (hubspot.mode === 'off' || hubspot.accessToken === null) return {}
  const baseUrl = hubspot.baseUrl ?? pages['HubSpot'] ?? sandboxUrl(config, 'hubspot')
  return { ...hubSpotDestinations({ accessToken: hubspot.accessToken, baseUrl, clock, ...watching }) }
}

const salesforceOf = (
  config: Config,
  pages: SandboxPages,
  { metrics }: Watching,
): Readonly<Record<string, Destination>> => {
  const login = salesforceLogin(config, pages)
  if (!login) return {}
  const activities = config.tasks.enabled
  return { salesforce: salesforceDestination({ ...login, clock, activities, ...(metrics ? { metrics } : {}) }) }
}

const pendoOf = (config: Config, pages: SandboxPages, { metrics }: Watching): Readonly<Record<string, Destination>> => {
  const access = pendoAccess(config, pages)
  return access ? { ...pendoDestinations({ ...access, clock, ...(metrics ? { metrics } : {}) }) } : {}
}

/** Where Pendo is and with which secrets; undefined when it is off. */
export const pendoAccess = (
  { pendo, ...config }: Config,
  pages: SandboxPages,
): Pick<PendoDestinationOptions, 'integrationKey' | 'trackSecret' | 'baseUrl'> | undefined => {
  const { mode, integrationKey, trackSecret, baseUrl } = pendo
  if (mode === 'off' || integrationKey === null) return undefined
  return {
    integrationKey,
    trackSecret,
    baseUrl: baseUrl ?? pages['Pendo'] ?? sandboxUrl({ pendo, ...config }, 'pendo'),
  }
}

/** Sinks of a vendor that is on which do not run all the same, because a credential of theirs is not set: sentences for whoever starts it. */
export const waitingSinks = ({ pendo }: Config): readonly string[] =>
  pendo.mode !== 'off' && pendo.trackSecret === null
    ? [
        'pendo-events does not run: PENDO_TRACK_SECRET is not set. Track events wait in their topic; Pendo takes none that is older than 7 days.',
      ]
    : []

/** How to log in to Salesforce; undefined when it is off. The sandbox takes any key, so each process makes its own. */
export const salesforceLogin = (config: Config, pages: SandboxPages): Login | undefined => {
  const { mode, loginUrl, clientId, username, privateKey } = config.salesforce
  if (mode === 'off' || clientId === null || username === null) return undefined
  const key = privateKey ?? (mode === 'sandbox' ? anyKey() : undefined)
  if (key === undefined) return undefined
  const url = loginUrl ?? pages['Salesforce'] ?? sandboxUrl(config, 'salesforce')
  return { loginUrl: url, clientId, username, privateKey: key }
}

const anyKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
