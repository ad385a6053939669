import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hubspotProperties } from '../../../topology/hubspot-properties.ts'
import { originFor } from '../../runtime/access/addresses.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { SettingName } from '../../runtime/config/settings.ts'
import type { ZoomAccount } from '../../runtime/config/zoom-accounts.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { startHubSpotSandbox } from '../../sandbox/hubspot/start.ts'
import { subscriptionsTo } from '../../sandbox/hubspot/webhooks/subscriptions.ts'
import { type PendoSandbox, startPendoSandbox } from '../../sandbox/pendo/start.ts'
import { type SalesforceSandbox, startSalesforceSandbox } from '../../sandbox/salesforce/start.ts'
import type { VendorServer, VendorServerOptions } from '../../sandbox/vendor-server.ts'
import { startZoomSandbox, type ZoomSandbox } from '../../sandbox/zoom/zoom-sandbox.ts'
import type { Wanted } from './services.ts'

/** Each vendor's port counts from SANDBOX_PORT_BASE (interfaces.md); 0 chooses free ones. */
const portOffsets = { hubspot: 0, salesforce: 1, zoom: 2, pendo: 3 } as const
type EmulatedVendor = keyof typeof portOffsets
const emulatedVendors = Object.keys(portOffsets) as readonly EmulatedVendor[]

/** The setting that says where an emulated vendor is looked for, and what it says. */
const elsewhere: Readonly<
  Record<EmulatedVendor, { readonly setting: SettingName; urlIn(config: Config): string | null | undefined }>
> = {
  hubspot: { setting: 'HUBSPOT_BASE_URL', urlIn: ({ hubspot }) => hubspot.baseUrl },
  salesforce: { setting: 'SALESFORCE_LOGIN_URL', urlIn: ({ salesforce }) => salesforce.loginUrl },
  zoom: { setting: 'ZOOM_BASE_URL', urlIn: ({ zoom }) => zoom.accounts[0]?.baseUrl },
  pendo: { setting: 'PENDO_BASE_URL', urlIn: ({ pendo }) => pendo.baseUrl },
}

export interface Sandboxes {
  /** Pages by vendor. */
  readonly pages: Readonly<Record<string, string>>
  readonly salesforce: SalesforceSandbox | undefined
  readonly zoom: ZoomSandbox | undefined
  readonly pendo: PendoSandbox | undefined
  close(): Promise<void>
}

export const sandboxUrl = (config: Config, vendor: EmulatedVendor): string =>
  originFor(config.sandbox.host, config.sandbox.portBase + portOffsets[vendor])

/**
 * Throws `SANDBOX_NOT_EMULATED` when somebody names a `sandbox-…` that the settings do not have emulated here: it would run nothing, and wait for what nobody
 * starts.
 */
export const checkNamedSandboxes = (config: Config, wanted: Wanted): void => {
  if (wanted.topology === undefined) return
  const problems = emulatedVendors
    .filter(vendor => wanted.own(`sandbox-${vendor}`))
    .flatMap(vendor => whyNotHere(config, vendor) ?? [])
  if (problems.length > 0) throw new TributaryError('SANDBOX_NOT_EMULATED', problems.join(' '))
}

const whyNotHere = (config: Config, vendor: EmulatedVendor): string | undefined => {
  const { vendors, reasons } = config.emulation
  if (vendors[vendor] === 'sandbox') {
    const { setting } = elsewhere[vendor]
    return isHere(config, vendor)
      ? undefined
      : `sandbox-${vendor} cannot run here: ${setting} says that the emulated ${vendor} is elsewhere. Unset ${setting}, or leave sandbox-${vendor} out.`
  }
  const emulated = Object.entries(vendors).flatMap(([name, mode]) =>
    mode === 'sandbox' || name === vendor ? name : [],
  )
  const reason = reasons.find(sentence => sentence.startsWith(`${vendor} is `))
  return `sandbox-${vendor} cannot run: ${reason} Set SANDBOX=${emulated.join(',')} to have it emulated, or leave sandbox-${vendor} out.`
}

/** Whether the vendor is emulated, and not by another process. */
const isHere = (config: Config, vendor: EmulatedVendor): boolean =>
  config.emulation.vendors[vendor] === 'sandbox' && elsewhere[vendor].urlIn(config) === null

/** Starts the emulated vendors that run in this process: those that are emulated, wanted, and not looked for elsewhere. When one cannot start, none runs. */
export const startSandboxes = async (config: Config, wanted: Wanted): Promise<Sandboxes> => {
  const running: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (let last = running.pop(); last; last = running.pop()) await last.close()
  }
  const started = <Sandbox extends VendorServer>(sandbox: Sandbox): Sandbox => {
    running.push(sandbox)
    return sandbox
  }
  try {
    const places = placesOf(config)
    const runs = (vendor: EmulatedVendor): boolean => wanted.own(`sandbox-${vendor}`) && isHere(config, vendor)
    const pages: Record<string, string> = {}
    if (runs('hubspot')) pages['HubSpot'] = started(await startHubSpot(config, places('hubspot'))).url
    const salesforce = runs('salesforce') ? started(await startSalesforce(places('salesforce'))) : undefined
    if (salesforce) pages['Salesforce'] = salesforce.url
    const account = runs('zoom') ? config.zoom.accounts[0] : undefined
    const zoom = account && started(await startZoom(config, account, places('zoom')))
    if (zoom) pages['Zoom'] = zoom.url
    const pendo = runs('pendo') ? started(await startPendo(config, places('pendo'))) : undefined
    if (pendo) pages['Pendo'] = pendo.url
    return { pages, salesforce, zoom, pendo, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Place = Required<Pick<VendorServerOptions, 'host' | 'port' | 'token' | 'apiOnlyHere' | 'journalFile'>>

/** Where each vendor listens and keeps its state. */
const placesOf = (config: Config): ((vendor: EmulatedVendor) => Place) => {
  const { host, portBase, token } = config.sandbox
  // What is real brings real people into the emulated vendors, whose credentials everybody knows.
  const apiOnlyHere = Object.values(config.emulation.vendors).includes('real')
  const folder = join(config.data.platformFolder, 'vendors')
  mkdirSync(folder, { recursive: true })
  return vendor => ({
    ...{ host, token, apiOnlyHere },
    port: portBase === 0 ? 0 : portBase + portOffsets[vendor],
    journalFile: join(folder, `${vendor}.jsonl`),
  })
}

/** What webhooks of every emulated vendor are sent to. */
const ingestUrl = ({ ingest }: Config): string => ingest.publicUrl ?? originFor(ingest.host, ingest.port)

/** What README.md tells users to subscribe to. */
const subscribed = {
  contacts: ['email', 'hs_additional_emails', ...hubspotProperties.contacts],
  companies: hubspotProperties.companies,
}

const startHubSpot = (config: Config, place: Place): Promise<VendorServer> => {
  const { appId, clientSecret } = config.hubspot
  return startHubSpotSandbox({
    ...place,
    ingestUrl: ingestUrl(config),
    webhooks: { subscriptions: subscriptionsTo(subscribed) },
    ...(appId === null ? {} : { appId: Number(appId) }),
    ...(clientSecret === null ? {} : { webhookSecret: clientSecret }),
  })
}

/**
 * API requests in 24 hours of an org of 200 Unlimited licences, each of which adds 5,000. Who tries Tributary has the org polled every second: a smaller one would be
 * short of requests after some hours.
 */
const emulatedDailyCalls = 1_100_000

const startSalesforce = (place: Place): Promise<SalesforceSandbox> =>
  startSalesforceSandbox({ ...place, dailyCalls: emulatedDailyCalls })

/** Pendo shows usage a quarter of an hour after it happened, and later; who tries Tributary does not wait that long. */
const emulatedProcessingLagMs = 10_000

const startPendo = (config: Config, place: Place): Promise<PendoSandbox> =>
  startPendoSandbox({ ...place, ingestUrl: ingestUrl(config), processingLagMs: emulatedProcessingLagMs })

const startZoom = (config: Config, account: ZoomAccount, place: Place): Promise<ZoomSandbox> =>
  startZoomSandbox({
    ...place,
    ingestUrl: ingestUrl(config),
    account: account.name,
    secret: account.webhookSecret,
    accountId: account.accountId ?? undefined,
  })
