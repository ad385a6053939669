import type { Track } from '../../schemas/generated.ts'
import { checkProductEventSelection, type ProductEventSelection } from '../../services/product-events/selection.ts'
import { type PendoToHubSpot, pendoToHubSpot } from '../../topology/pendo-to-hubspot.ts'

let events = 0

/** A Core Event of Pendo; each has an id of its own. */
export const productEvent = (over: Partial<Track> = {}): Track => {
  events += 1
  const person = over.person ?? 'user:42'
  return {
    eventId: `pendo:${events}`,
    source: 'pendo:default',
    occurredAt: Date.UTC(2026, 9, 14) + events,
    receivedAt: Date.UTC(2026, 9, 14) + events,
    kind: 'TRACK',
    name: 'Report exported',
    person,
    aliases: [person],
    account: null,
    core: true,
    properties: {},
    destinations: {},
    ...over,
  }
}

/** The selection of the repository with these changes, checked as at the start. */
export const selecting = (over: Partial<PendoToHubSpot> = {}): (() => ProductEventSelection) => {
  const checked = checkProductEventSelection({ ...pendoToHubSpot, ...over })
  return () => checked
}
