import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { productContactsBy } from '../../services/consumers/product-contacts.ts'
import { productEventsBy } from '../../services/consumers/product-events.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { PendoToHubSpot } from '../../topology/pendo-to-hubspot.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { startTestSystem } from '../system.ts'
import { selecting } from './events.ts'

/** An occurrence as the account keeps it. */
export interface Occurrence {
  /** Without `pe<portalId>_`. */
  readonly eventName: string
  readonly objectId: string
  readonly [property: string]: string
}

interface OpenedOptions extends Partial<PendoToHubSpot> {
  readonly parkLimitMs?: number
}

/** From tracks to the timelines of an emulated account, with the selection of the repository unless told otherwise. */
export const openTimelines = async (context: TestContext, { parkLimitMs, ...over }: OpenedOptions = {}) => {
  const account = await openAccount(context, { limits: { burst: 10_000 } })
  const metrics = createMetrics()
  const destinations = hubSpotDestinations({
    accessToken: 'sandbox',
    baseUrl: account.url,
    clock: systemClock,
    metrics,
  })
  const system = await startTestSystem(
    { ...pipeline, consumers: [productEventsBy(selecting(over)), productContactsBy(selecting(over))] },
    { destinations: new Map(Object.entries(destinations)), ...(parkLimitMs === undefined ? {} : { parkLimitMs }) },
  )
  context.after(() => system.close())
  /** In the order in which HubSpot got them. */
  const occurrences = async (): Promise<readonly Occurrence[]> =>
    (await account.call('GET', '/_sandbox/state')).body.event.map(({ properties }: { properties: Occurrence }) => ({
      ...properties,
      eventName: properties.eventName.replace(/^pe\d+_/, ''),
    }))
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let round = 0; round < 300; round++) {
      await system.settle()
      if (await holds()) return
      await systemClock.sleep(10)
    }
    assert.fail('waited in vain')
  }
  /** Waits until so many are there. */
  const arrived = (count: number): Promise<void> => until(async () => (await occurrences()).length >= count)
  return { account, system, occurrences, until, arrived }
}
