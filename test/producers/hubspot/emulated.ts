import type { TestContext } from 'node:test'
import { type HubSpotSandboxOptions, startHubSpotSandbox } from '../../../services/sandbox/hubspot/start.ts'
import { manualClock } from '../../clock.ts'
import { type Ask, asking } from '../../sandbox/asking-with-token.ts'
import { secret, startReceiver } from './receiving.ts'

/** An emulated HubSpot whose webhooks come to an ingest. */
export const startEmulated = async (context: TestContext, options: HubSpotSandboxOptions = {}) => {
  const receiver = await startReceiver(context, { clock: manualClock(Date.now()) })
  const sandbox = await startHubSpotSandbox({
    ...{ ingestUrl: receiver.url, webhookSecret: secret, ...options },
    webhooks: { gatherMs: 5, duplicates: 0.2, repeatedEventIds: 0.2, ...options.webhooks },
  })
  context.after(sandbox.close)
  const ask = asking(sandbox.url)
  return { ...receiver, hubspotUrl: sandbox.url, ask, create: creating(ask) }
}

/** Makes a record, and gives its id. */
export const creating =
  (ask: Ask) =>
  async (path: string, properties: object): Promise<string> =>
    (await ask('POST', `/crm/v3/objects/${path}`, { properties, associations: [] })).id
