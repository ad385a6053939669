import { createPendoClient, type PendoClient } from '../../producers/pendo/rest/client.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { sandboxUrl } from './sandboxes.ts'

/** What reads Pendo; undefined when it is off. @param pages addresses of emulated vendors that run in this process */
export const pendoClientOf = (
  config: Config,
  pages: Readonly<Record<string, string>>,
  metrics: Metrics,
): PendoClient | undefined => {
  const { mode, integrationKey, baseUrl } = config.pendo
  if (mode === 'off' || integrationKey === null) return undefined
  const url = baseUrl ?? pages['Pendo'] ?? sandboxUrl(config, 'pendo')
  return createPendoClient({ baseUrl: url, integrationKey, clock, metrics })
}
