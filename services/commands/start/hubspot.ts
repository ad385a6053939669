import { hubspotProperties } from '../../../topology/hubspot-properties.ts'
import { createHubSpotReader, type HubSpotReader } from '../../producers/hubspot/rest/client.ts'
import { startHubSpotSweep } from '../../producers/hubspot/sweep/service.ts'
import type { RunningSweep } from '../../producers/sweep/running.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { SandboxPages } from '../destinations.ts'
import { sandboxUrl } from './sandboxes.ts'
import type { ServiceParts } from './service-parts.ts'

/** What reads HubSpot; undefined when it is off. @param pages addresses of emulated vendors that run in this process */
export const hubSpotReaderOf = (config: Config, pages: SandboxPages, metrics: Metrics): HubSpotReader | undefined => {
  const { mode, accessToken, baseUrl } = config.hubspot
  if (mode === 'off' || accessToken === null) return undefined
  const url = baseUrl ?? pages['HubSpot'] ?? sandboxUrl(config, 'hubspot')
  return createHubSpotReader({ baseUrl: url, accessToken, clock, metrics })
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
  const parts = { kafka, codec, metrics, logger, clock, properties: hubspotProperties }
  return await startHubSpotSweep({ ...parts, reader, everyMs, onFatal })
}
