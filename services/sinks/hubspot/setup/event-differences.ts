import { type EventDefinition, eventDefinitions } from '../event-definitions.ts'
import type { ExistingEvent, ExistingEvents } from '../events/catalogue.ts'
import type { Difference } from './setup.ts'

/** What of the custom events an account lacks or has otherwise, in the order in which it must be made. */
export const eventDifferences = (definitions: ExistingEvents): readonly Difference[] =>
  Object.entries<EventDefinition>(eventDefinitions).flatMap(([event, { properties }]) => {
    const existing = definitions.get(event)
    if (existing) return propertyDifferences(event, properties, existing)
    const message = `Expected the definition of the custom event ${event}, but the account has none.`
    return [{ what: 'event definition', name: event, kind: 'missing', makes: true, message } as const]
  })

const propertyDifferences = (
  event: string,
  properties: EventDefinition['properties'],
  existing: ExistingEvent,
): readonly Difference[] => {
  const types = new Map(existing.properties.map(({ name, type }) => [name, type]))
  return Object.entries(properties).flatMap(([property, { type }]): Difference[] => {
    const found = types.get(property)
    if (found === type) return []
    const subject = { what: 'event property', name: `${event}.${property}` } as const
    if (found === undefined) {
      const message = `Expected the property ${property} of the custom event ${event}, but it has none.`
      return [{ ...subject, kind: 'missing', makes: true, message }]
    }
    const message = `Expected the property ${property} of the custom event ${event} to be of type ${type}, but it is ${found}. Rename or change it in HubSpot.`
    return [{ ...subject, kind: 'different', makes: false, message }]
  })
}
