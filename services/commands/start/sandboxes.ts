import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../runtime/config/config.ts'
import { startHubSpotSandbox } from '../../sandbox/hubspot/start.ts'
import { startSalesforceSandbox } from '../../sandbox/salesforce/start.ts'
import { startZoomSandbox, type ZoomSandbox } from '../../sandbox/zoom/zoom-sandbox.ts'
import type { Wanted } from './services.ts'

/** Each vendor's port counts from SANDBOX_PORT_BASE (interfaces.md); 0 chooses free ones. */
const portOffsets = { hubspot: 0, salesforce: 1, zoom: 2 } as const

export interface Sandboxes {
  /** Pages by vendor. */
  readonly pages: Readonly<Record<string, string>>
  readonly zoom: ZoomSandbox | undefined
  close(): Promise<void>
}

export const sandboxUrl = (config: Config, vendor: keyof typeof portOffsets): string =>
  `http://127.0.0.1:${config.sandbox.portBase + portOffsets[vendor]}`

/** Starts the emulated vendors that run in this process: those that are emulated, wanted, and not looked for elsewhere. */
export const startSandboxes = async (config: Config, wanted: Wanted): Promise<Sandboxes> => {
  const { host } = config.sandbox
  const folder = join(config.data.platformFolder, 'vendors')
  mkdirSync(folder, { recursive: true })
  const portOf = (vendor: keyof typeof portOffsets): number =>
    config.sandbox.portBase === 0 ? 0 : config.sandbox.portBase + portOffsets[vendor]
  const hubspot =
    wanted.own('sandbox-hubspot') && config.hubspot.mode === 'sandbox' && config.hubspot.baseUrl === null
      ? await startHubSpotSandbox({ host, port: portOf('hubspot'), journalFile: join(folder, 'hubspot.jsonl') })
      : undefined
  const salesforce =
    wanted.own('sandbox-salesforce') && config.salesforce.mode === 'sandbox' && config.salesforce.loginUrl === null
      ? await startSalesforceSandbox({
          host,
          port: portOf('salesforce'),
          journalFile: join(folder, 'salesforce.jsonl'),
        })
      : undefined
  const account = config.zoom.accounts[0]
  const zoom =
    wanted.own('sandbox-zoom') && config.zoom.mode === 'sandbox' && account?.baseUrl === null
      ? await startZoomSandbox({
          host,
          port: portOf('zoom'),
          journalFile: join(folder, 'zoom.jsonl'),
          ingestUrl: config.ingest.publicUrl ?? `http://127.0.0.1:${config.ingest.port}`,
          account: account.name,
          secret: account.webhookSecret,
          accountId: account.accountId ?? undefined,
        })
      : undefined
  return {
    pages: {
      ...(hubspot ? { HubSpot: hubspot.url } : {}),
      ...(salesforce ? { Salesforce: salesforce.url } : {}),
      ...(zoom ? { Zoom: zoom.url } : {}),
    },
    zoom,
    close: async () => {
      await zoom?.close()
      await salesforce?.close()
      await hubspot?.close()
    },
  }
}
