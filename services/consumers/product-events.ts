import type { Track } from '../../schemas/generated.ts'
import { type Consumer, consumer } from '../../topology/define.ts'
import { identities, tracks } from '../../topology/topics.ts'
import { hasContact } from '../product-events/contacts.ts'
import { type ProductEventSelection, selectedProductEvents } from '../product-events/selection.ts'
import { hubspotProductEvent, type ProductEventFields } from '../sinks/hubspot/objects.ts'

/**
 * What people do in the product appears on the timeline of their contact in HubSpot. It waits until the contact is known: `product-contacts` has it looked up, or
 * made where the selection says so.
 */
export const productEventsBy = (selection: () => ProductEventSelection): Consumer =>
  consumer({
    name: 'product-events',
    reads: tracks,
    concerns: event => selection().selects(event),
    joins: { table: identities, by: 'person', ifMissing: 'park', needs: hasContact, afterParkLimit: 'skip' },
    writes: [hubspotProductEvent],
    handle: ({ event }) => {
      const fields = fieldsOf(event, selection())
      if (fields === undefined) return { writes: [] }
      return { writes: [hubspotProductEvent.append(`product:${event.eventId}`, event.occurredAt, fields)] }
    },
  })

const kinds = { TRACK: 'track', PAGE: 'page', FEATURE: 'feature' } as const

/** What HubSpot calls all this is for the sink: it depends on what the account has already. */
const fieldsOf = (
  { kind, name, properties }: Track,
  selection: ProductEventSelection,
): ProductEventFields | undefined =>
  kind === 'SCREEN'
    ? undefined
    : {
        'event.kind': kinds[kind],
        'event.name': name,
        ...Object.fromEntries(
          Object.entries(properties).flatMap(([property, value]) =>
            value !== null && selection.takesProperty(property) ? [[`property.${property}` as const, value]] : [],
          ),
        ),
      }

export default productEventsBy(selectedProductEvents)
