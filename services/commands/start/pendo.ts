import { createPendoClient, type PendoClient } from '../../producers/pendo/rest/client.ts'
import { type RunningPendoSweep, startPendoSweep } from '../../producers/pendo/sweep/service.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { ServiceStatus } from '../../runtime/run-pipeline.ts'
import type { SandboxPages } from '../destinations.ts'
import { sandboxUrl } from './sandboxes.ts'
import type { ServiceParts } from './service-parts.ts'

/** What reads Pendo; undefined when it is off. @param pages addresses of emulated vendors that run in this process */
export const pendoClientOf = (config: Config, pages: SandboxPages, metrics: Metrics): PendoClient | undefined => {
  const { mode, integrationKey, baseUrl } = config.pendo
  if (mode === 'off' || integrationKey === null) return undefined
  const url = baseUrl ?? pages['Pendo'] ?? sandboxUrl(config, 'pendo')
  return createPendoClient({ baseUrl: url, integrationKey, clock, metrics })
}

/** Starts `pendo-sweep`, unless Pendo is off or PENDO_SWEEP_EVERY is 0. */
export const openPendoSweep = async (
  config: Config,
  { kafka, codec, metrics, logger, sandboxes }: ServiceParts,
  onFatal: (error: Error) => void,
): Promise<RunningPendoSweep | undefined> => {
  const client = pendoClientOf(config, sandboxes.pages, metrics)
  const everyMs = config.pendo.sweepEveryMs
  if (!client || everyMs === 0) return undefined
  return await startPendoSweep({ client, kafka, codec, metrics, logger, clock, everyMs, onFatal })
}

/** As a row of the console. */
export const statusOfSweep = (running: RunningPendoSweep | undefined): readonly ServiceStatus[] =>
  running ? [{ name: 'pendo-sweep', kind: 'producer', ...running.status() }] : []
