import { hubspotProperties } from '../../../topology/hubspot-properties.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import { Owners } from '../../producers/hubspot/activities/owners.ts'
import { syncedWithSalesforce } from '../../producers/hubspot/activities/people.ts'
import { type RunningHubSpotActivities, startHubSpotActivities } from '../../producers/hubspot/activities/service.ts'
import type { HubSpotMapping } from '../../producers/hubspot/changes.ts'
import { startHubSpotMarketing } from '../../producers/hubspot/marketing/service.ts'
import { marketingEvents } from '../../producers/hubspot/marketing/types.ts'
import { createHubSpotActivityReader, type HubSpotActivityReader } from '../../producers/hubspot/rest/activities.ts'
import type { HubSpotReaderOptions } from '../../producers/hubspot/rest/asking.ts'
import { createHubSpotReader, type HubSpotSweepReader } from '../../producers/hubspot/rest/client.ts'
import { createHubSpotMarketingReader } from '../../producers/hubspot/rest/marketing.ts'
import { startHubSpotSweep } from '../../producers/hubspot/sweep/service.ts'
import type { RunningSweep } from '../../producers/sweep/running.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { sharedTasks } from '../../tasks/mapping.ts'
import type { SandboxPages } from '../destinations.ts'
import { sandboxUrl } from './sandboxes.ts'
import type { ServiceParts } from './service-parts.ts'

/** What of HubSpot's changes is told. */
export const hubSpotMappingOf = (config: Config): HubSpotMapping => ({
  appId: config.hubspot.appId,
  properties: hubspotProperties,
  activities: config.tasks.enabled,
})

/** What reads HubSpot; undefined when it is off. @param pages addresses of emulated vendors that run in this process */
export const hubSpotReaderOf = (
  config: Config,
  pages: SandboxPages,
  metrics: Metrics,
): HubSpotSweepReader | undefined => {
  const options = readerOptionsOf(config, pages, metrics)
  return options && createHubSpotReader(options)
}

/** What reads activities of HubSpot; undefined when it is off. */
export const hubSpotActivityReaderOf = (
  config: Config,
  pages: SandboxPages,
  metrics: Metrics,
): HubSpotActivityReader | undefined => {
  const options = readerOptionsOf(config, pages, metrics)
  return options && createHubSpotActivityReader(options)
}

const readerOptionsOf = (config: Config, pages: SandboxPages, metrics: Metrics): HubSpotReaderOptions | undefined => {
  const { mode, accessToken, baseUrl } = config.hubspot
  if (mode === 'off' || accessToken === null) return undefined
  return { baseUrl: baseUrl ?? pages['HubSpot'] ?? sandboxUrl(config, 'hubspot'), accessToken, clock, metrics }
}

/** Starts `hubspot-sweep`, unless HubSpot is off or HUBSPOT_SWEEP_EVERY is 0. */
export const openHubSpotSweep = async (
  config: Config,
  { kafka, codec, metrics, logger, sandboxes }: ServiceParts,
  onFatal: (error: Error) => void,
): Promise<RunningSweep | undefined> => {
  const reader = hubSpotReaderOf(config, sandboxes.pages, metrics)
  const everyMs = config.hubspot.sweepEveryMs
  if (!reader || everyMs === 0) return undefined
  const { properties, activities } = hubSpotMappingOf(config)
  const parts = { kafka, codec, metrics, logger, clock, properties, activities }
  return await startHubSpotSweep({ ...parts, reader, everyMs, onFatal })
}

/** Starts `hubspot-activities`, unless HubSpot or Salesforce is off. @param directory loaded */
export const openHubSpotActivities = async (
  config: Config,
  { kafka, codec, metrics, logger, sandboxes }: ServiceParts,
  directory: IdentityDirectory,
  onFatal: (error: Error) => void,
): Promise<RunningHubSpotActivities | undefined> => {
  const reader = hubSpotActivityReaderOf(config, sandboxes.pages, metrics)
  const { activities, appId } = hubSpotMappingOf(config)
  if (!reader || !activities) return undefined
  const parts = { kafka, codec, metrics, logger, clock, reader, appId }
  return await startHubSpotActivities({ ...parts, synced: syncedWithSalesforce(directory), onFatal })
}

/** Starts `hubspot-marketing-events`, unless tasks are not shared (TASK_SYNC), no type is taken, or HUBSPOT_MARKETING_EVERY is 0. @param directory loaded */
export const openHubSpotMarketing = async (
  config: Config,
  { kafka, codec, metrics, logger, sandboxes }: ServiceParts,
  directory: IdentityDirectory,
  onFatal: (error: Error) => void,
): Promise<RunningSweep | undefined> => {
  const { everyMs, overlapMs } = config.hubspot.marketing
  const reading = hubSpotTaskReadingOf(config, sandboxes.pages, metrics)
  if (!reading || everyMs === 0 || reading.taken.size === 0) return undefined
  const { marketing: reader, taken } = reading
  const owners = new Owners(reading.owners, clock)
  const repeats = sharedTasks().marketingRepeats
  const parts = { kafka, codec, metrics, logger, clock, reader, owners, directory }
  return await startHubSpotMarketing({ ...parts, taken, repeats, overlapMs, everyMs, onFatal })
}

/** What reads what sharing tasks needs besides records; undefined while they are not shared. */
export const hubSpotTaskReadingOf = (config: Config, pages: SandboxPages, metrics: Metrics) => {
  const options = readerOptionsOf(config, pages, metrics)
  if (!options || !config.tasks.enabled) return undefined
  const { marketing } = sharedTasks()
  return {
    owners: createHubSpotActivityReader(options),
    marketing: createHubSpotMarketingReader(options),
    taken: new Set(marketingEvents.filter(name => marketing[name] !== null)),
  }
}
