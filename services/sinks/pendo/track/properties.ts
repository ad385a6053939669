import type { FieldValue } from '../../../../topology/define.ts'
import { propertiesBytes } from '../limits.ts'
import { asPropertyName, hashedName, isPropertyName } from '../names.ts'

/** What was done to the properties of track events so that Pendo keeps them, by the code in receipts and metrics. */
export const trackAdjustments = {
  PENDO_PROPERTIES_RENAMED:
    'A property has another name: what Pendo does not take became `_`, and one of more than 32 characters, or whose name another one has, ends with a hash.',
  PENDO_PROPERTIES_TOO_LARGE:
    'Properties were left out that no longer fitted into 512 bytes of JSON, taken in the order of the event or of the mapping: Pendo would drop all of them.',
  PENDO_PROPERTY_NAMES_FULL:
    'A property was left out: it would be the 10,001st name that was sent since the sink started.',
} as const

type Code = keyof typeof trackAdjustments
export type Properties = Readonly<Record<string, Exclude<FieldValue, null>>>

/** @param takes whether Pendo has room for a name, as far as is known */
export const fitProperties = (
  properties: Readonly<Record<string, FieldValue>>,
  takes: (name: string) => boolean,
): { readonly properties: Properties; readonly codes: readonly Code[] } => {
  const codes = new Set<Code>()
  const fitted: Record<string, Exclude<FieldValue, null>> = {}
  const given = Object.entries(properties).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  const names = namesFor(given.map(([name]) => name))
  let bytes = '{}'.length
  for (const [name, value] of given) {
    const place = names.get(name) ?? name
    if (!takes(place)) {
      codes.add('PENDO_PROPERTY_NAMES_FULL')
      continue
    }
    const size = Buffer.byteLength(JSON.stringify({ [place]: value })) - '{}'.length
    const comma = Object.keys(fitted).length > 0 ? 1 : 0
    if (bytes + size + comma > propertiesBytes) {
      codes.add('PENDO_PROPERTIES_TOO_LARGE')
      continue
    }
    if (place !== name) codes.add('PENDO_PROPERTIES_RENAMED')
    fitted[place] = value
    bytes += size + comma
  }
  return { properties: fitted, codes: [...codes] }
}

/** A name that Pendo takes for each; one that is taken by another has the hash of its own. */
const namesFor = (names: readonly string[]): ReadonlyMap<string, string> => {
  const places = new Map(names.filter(isPropertyName).map(name => [name, name]))
  const taken = new Set(places.values())
  for (const name of names) {
    if (places.has(name)) continue
    const nearest = asPropertyName(name)
    const place = taken.has(nearest) ? hashedName(name) : nearest
    places.set(name, place)
    taken.add(place)
  }
  return places
}
