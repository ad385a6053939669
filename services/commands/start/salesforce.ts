import { type ChangeEventsOptions, channelsOf } from '../../producers/salesforce/change-events/change-events.ts'
import { salesforceObjects } from '../../producers/salesforce/objects.ts'
import { createSalesforceReader, type SalesforceSessions } from '../../producers/salesforce/rest/reader.ts'
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
  const changeEvents = changeEventsOf(config, sandboxes.salesforce?.pubSubUrl, reader)
  return await startSalesforceSweep({ kafka, codec, metrics, logger, clock, reader, everyMs, changeEvents, onFatal })
}

/** Undefined when they are off, and when Salesforce is emulated by another process and nobody says where its events are. */
const changeEventsOf = (
  { salesforce }: Config,
  here: string | undefined,
  sessions: SalesforceSessions,
): ChangeEventsOptions | undefined => {
  const { changeEvents, pubSubEndpoint } = salesforce
  const endpoint = pubSubEndpoint ?? here
  if (changeEvents === 'off' || endpoint === undefined) return undefined
  return { endpoint, sessions, channels: changeEvents === 'on' ? channelsOf(salesforceObjects) : changeEvents }
}
