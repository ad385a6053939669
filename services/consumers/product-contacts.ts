import { type Consumer, consumer, type Person } from '../../topology/define.ts'
import { identities, tracks } from '../../topology/topics.ts'
import { hasContact, isKnownByAddress } from '../product-events/contacts.ts'
import { type ProductEventSelection, selectedProductEvents } from '../product-events/selection.ts'
import { hubspotContact } from '../sinks/hubspot/objects.ts'

/**
 * Who uses the product is looked up in HubSpot by any of their addresses, so that their events find the contact. Nobody is made, unless the selection says so and
 * the visitor id is an e-mail address. Somebody who is not there is looked up again with their next event.
 */
export const productContactsBy = (selection: () => ProductEventSelection): Consumer =>
  consumer({
    name: 'product-contacts',
    reads: tracks,
    concerns: event => selection().selects(event),
    joins: { table: identities, by: 'person', ifMissing: 'park', needs: canBeLookedUp, afterParkLimit: 'skip' },
    writes: [hubspotContact],
    handle: ({ event, person }) => {
      if (hasContact(person)) return { writes: [] }
      const create = selection().createsContacts && isKnownByAddress(event)
      return { writes: [create ? hubspotContact.set({}, createIfMissing) : hubspotContact.set({})] }
    },
  })

const createIfMissing = { createIfMissing: true, fieldsOnCreate: { tributary_source: 'pendo' } }

const canBeLookedUp = (person: Person): boolean => person.emails.length > 0 || hasContact(person)

export default productContactsBy(selectedProductEvents)
