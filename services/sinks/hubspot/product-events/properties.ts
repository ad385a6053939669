import type { ExistingEventProperty, NewEventProperty } from '../events/catalogue.ts'
import { eventPropertiesPerDefinition } from '../limits.ts'
import { type Misfit, type PropertyValue, typeOf } from './fitting.ts'
import { chosenName, type Named, namingOfProperty } from './names.ts'
import { remembering } from './remembered.ts'

/** Where the properties of events go in HubSpot, by their names at the source. */
export interface PlannedProperties {
  readonly places: ReadonlyMap<string, Pick<ExistingEventProperty, 'name' | 'type'>>
  readonly leftOut: ReadonlyMap<string, Misfit>
}

/** What has to be defined first, in the order in which it comes. */
interface Plan extends PlannedProperties {
  readonly missing: readonly NewEventProperty[]
}

const mostNamings = 20_000
const namingOf = remembering(mostNamings, namingOfProperty)

/**
 * Finds a property in HubSpot for each value. Who comes first has a place: once a definition is full the others are left out.
 * @param existing those of the definition
 * @param isRefused whether HubSpot refused to define a property of this name
 */
export const planProperties = (
  existing: readonly ExistingEventProperty[],
  values: ReadonlyMap<string, PropertyValue>,
  isRefused: (name: string) => boolean,
): Plan => {
  const taken = new Map<string, Named & { readonly type: string }>(
    existing.map(({ name, type, label, description }) => [name, { type, label, description }]),
  )
  let room = eventPropertiesPerDefinition - existing.filter(({ name }) => !name.startsWith('hs_')).length
  const places = new Map<string, Pick<ExistingEventProperty, 'name' | 'type'>>()
  const leftOut = new Map<string, Misfit>()
  const missing: NewEventProperty[] = []
  for (const [original, value] of values) {
    const naming = namingOf(original)
    const choice = chosenName(naming, name => taken.get(name))
    if (choice === undefined || (!choice.exists && isRefused(choice.name)))
      leftOut.set(original, 'HUBSPOT_PROPERTY_NOT_DEFINED')
    else if (choice.exists) places.set(original, { name: choice.name, type: taken.get(choice.name)?.type ?? 'string' })
    else if (room <= 0) leftOut.set(original, 'HUBSPOT_PROPERTIES_TOO_MANY')
    else {
      const { label, description } = naming
      const property = { name: choice.name, label, description, type: typeOf(value) }
      missing.push(property)
      taken.set(choice.name, property)
      places.set(original, property)
      room -= 1
    }
  }
  return { places, leftOut, missing }
}
