import { createSalesforceReader } from '../../producers/salesforce/rest/reader.ts'
import { startSalesforceSweep } from '../../producers/salesforce/sweep/service.ts'
import type { RunningSweep } from '../../producers/sweep/running.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import { salesforceLogin } from '../destinations.ts'
import type { ServiceParts } from './service-parts.ts'

/** Starts `salesforce-sweep`, unless tasks are not shared (TASK_SYNC) or SALESFORCE_SWEEP_EVERY is 0. */
export const openSalesforceSweep = async (
  config: Config,
  { kafka, codec, metrics, logger, sandboxes }: ServiceParts,
  onFatal: (error: Error) => void,
): Promise<RunningSweep | undefined> => {
  const login = salesforceLogin(config, sandboxes.pages)
  const everyMs = config.salesforce.sweepEveryMs
  if (!login || !config.tasks.enabled || everyMs === 0) return undefined
  const reader = createSalesforceReader({ ...login, clock, metrics })
  return await startSalesforceSweep({ kafka, codec, metrics, logger, clock, reader, everyMs, onFatal })
}
