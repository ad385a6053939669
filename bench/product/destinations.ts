import pendoAccounts from '../../services/consumers/pendo-accounts.ts'
import pendoTracks from '../../services/consumers/pendo-tracks.ts'
import pendoVisitors from '../../services/consumers/pendo-visitors.ts'
import { productContactsBy } from '../../services/consumers/product-contacts.ts'
import { productEventsBy } from '../../services/consumers/product-events.ts'
import type { Destination } from '../../services/delivery/destination.ts'
import type { PublishedLimit } from '../../services/delivery/requests/rate-limit.ts'
import { checkProductEventSelection } from '../../services/product-events/selection.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { sandboxCredential, sandboxWebhookSecret } from '../../services/runtime/config/emulation.ts'
import type { Metrics } from '../../services/runtime/metrics.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { EventBudget } from '../../services/sinks/hubspot/events/budget.ts'
import { pendoDestinations } from '../../services/sinks/pendo/destination.ts'
import type { Consumer, Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import type { Vendor } from './calls.ts'

/** The map as far as it leads from Segment's events to one vendor. */
const partOfMap = (consumers: readonly Consumer[], sinks: readonly string[]): Topology => ({
  ...pipeline,
  producers: [],
  consumers,
  sinks: pipeline.sinks.filter(({ name }) => sinks.includes(name)),
})

/** All track calls of Segment; the repository's own selection takes Core Events of Pendo. */
const selection = checkProductEventSelection({
  ...{ enabled: true, events: { tracks: 'all' }, properties: 'all', createContacts: false },
  sources: ['segment:'],
})
const selected = () => selection

export const topologyTo: Readonly<Record<Vendor, Topology>> = {
  pendo: partOfMap([pendoVisitors, pendoAccounts, pendoTracks], ['pendo', 'pendo-events']),
  hubspot: partOfMap([productContactsBy(selected), productEventsBy(selected)], ['hubspot', 'hubspot-events']),
}

/** Which sink delivers events, as which object. */
export const eventsOf: Readonly<Record<Vendor, { readonly sink: string; readonly object: string }>> = {
  pendo: { sink: 'pendo-events', object: 'track' },
  hubspot: { sink: 'hubspot-events', object: 'product_event' },
}

/** So many that it never waits. */
const noLimit: PublishedLimit = { requests: 1_000_000, windowMs: 1_000 }

/** The emulated vendor as the sinks see it, without the pace that the real one asks for. */
export const destinationsOf = (
  vendor: Vendor,
  baseUrl: string,
  watching: { readonly metrics: Metrics; readonly budget: EventBudget },
): ReadonlyMap<string, Destination> => {
  const { metrics, budget } = watching
  const shared = { baseUrl, clock, metrics, limit: noLimit }
  return new Map<string, Destination>(
    Object.entries(
      vendor === 'pendo'
        ? pendoDestinations({ ...shared, integrationKey: sandboxCredential, trackSecret: sandboxWebhookSecret })
        : hubSpotDestinations({ ...shared, accessToken: sandboxCredential, budget }),
    ),
  )
}
