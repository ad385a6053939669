import type { IdentityDirectory } from '../../identity/directory.ts'
import { hubspotActivities } from '../../producers/hubspot/activities/service.ts'
import { hubspotMarketingEvents } from '../../producers/hubspot/marketing/service.ts'
import { hubspotSweep } from '../../producers/hubspot/sweep/service.ts'
import { pendoSweep } from '../../producers/pendo/sweep/service.ts'
import { salesforceSweep } from '../../producers/salesforce/sweep/service.ts'
import type { RunningSweep } from '../../producers/sweep/running.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { ServiceStatus } from '../../runtime/run-pipeline.ts'
import { openHubSpotActivities, openHubSpotMarketing, openHubSpotSweep } from './hubspot.ts'
import { openPendoSweep } from './pendo.ts'
import { openSalesforceSweep } from './salesforce.ts'
import type { ServiceParts } from './service-parts.ts'
import type { Wanted } from './services.ts'
import { statusOfSweep } from './sweep-status.ts'
import { openZoomReports, statusOfReports } from './zoom-reports.ts'

export interface ProducersOptions {
  readonly config: Config
  readonly wanted: Wanted
  readonly selection: Parameters<typeof openZoomReports>[2]
  /** Loaded. */
  readonly directory: IdentityDirectory
  readonly onFatal: (error: Error) => void
}

/**
 * Starts the wanted producers that read vendors; they take no requests.
 * @param closers gets what ends each, in the order in which they were started
 * @returns what gives each as a row of the console
 */
export const openProducers = async (
  options: ProducersOptions,
  parts: ServiceParts,
  closers: (() => Promise<void>)[],
): Promise<() => readonly ServiceStatus[]> => {
  const { config, wanted, selection, onFatal } = options
  const reports =
    wanted.own('zoom-reports') && config.zoom.mode !== 'off'
      ? await openZoomReports(config, parts, selection, onFatal)
      : undefined
  if (reports) closers.push(() => reports.close())
  const opened: (readonly [name: string, RunningSweep | undefined])[] = []
  for (const [name, open] of sweeps) {
    const running = wanted.own(name) ? await open(options, parts) : undefined
    if (running) closers.push(() => running.close())
    opened.push([name, running])
  }
  return () => [...statusOfReports(reports), ...opened.flatMap(([name, running]) => statusOfSweep(name, running))]
}

type OpenSweep = (options: ProducersOptions, parts: ServiceParts) => Promise<RunningSweep | undefined>

const sweeps: readonly (readonly [name: Parameters<Wanted['own']>[0], OpenSweep])[] = [
  [pendoSweep, ({ config, onFatal }, parts) => openPendoSweep(config, parts, onFatal)],
  [hubspotSweep, ({ config, onFatal }, parts) => openHubSpotSweep(config, parts, onFatal)],
  [salesforceSweep, ({ config, onFatal }, parts) => openSalesforceSweep(config, parts, onFatal)],
  [
    hubspotActivities,
    ({ config, directory, onFatal }, parts) => openHubSpotActivities(config, parts, directory, onFatal),
  ],
  [
    hubspotMarketingEvents,
    ({ config, directory, onFatal }, parts) => openHubSpotMarketing(config, parts, directory, onFatal),
  ],
]
