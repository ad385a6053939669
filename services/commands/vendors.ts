import type { Config } from '../runtime/config/config.ts'
import { defaultZoomAccount } from '../runtime/config/zoom-accounts.ts'
import type { ReachableVendors } from '../setup/vendors.ts'
import { pendoAccess, type SandboxPages, salesforceLogin } from './destinations.ts'
import { sandboxUrl } from './start/sandboxes.ts'

const noPages: SandboxPages = {}

/** How to reach the vendors of the configuration; emulated ones where `tributary start` runs them. */
export const reachableVendors = (config: Config): ReachableVendors => {
  const { hubspot, zoom, ingest } = config
  const emulatedZoom = sandboxUrl(config, 'zoom')
  return {
    hubspot:
      hubspot.mode === 'off' || hubspot.accessToken === null
        ? null
        : { accessToken: hubspot.accessToken, baseUrl: hubspot.baseUrl ?? sandboxUrl(config, 'hubspot') },
    salesforce: salesforceLogin(config, noPages) ?? null,
    sharesTasks: config.tasks.enabled,
    pendo: pendoAccess(config, noPages) ?? null,
    zoom: zoom.accounts.map(account => ({
      ...account,
      baseUrl: account.baseUrl ?? `${emulatedZoom}/v2`,
      tokenUrl: account.tokenUrl ?? `${emulatedZoom}/oauth/token`,
      webhookUrl: ingest.publicUrl && `${ingest.publicUrl}/webhooks/zoom${pathOf(account.name)}`,
    })),
  }
}

const pathOf = (account: string): string => (account === defaultZoomAccount ? '' : `/${account}`)
