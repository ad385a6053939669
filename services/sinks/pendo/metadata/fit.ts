import type { FieldValue } from '../../../../topology/define.ts'
import type { Fitted } from '../../../delivery/destination.ts'
import { asName } from '../names.ts'
import type { MetadataFields } from './fields.ts'

/** What was done to metadata so that Pendo takes it, by the code in receipts and metrics. */
export const metadataAdjustments = {
  PENDO_FIELDS_RENAMED:
    'A field is written under the name that Pendo has for it: `firstName` as `firstname`, `address.city` as `address_city`.',
  PENDO_FIELDS_UNKNOWN:
    'A field was left out: Pendo has no such field in the group `custom`, and it cannot be made through its API. `tributary doctor` names it, an admin makes it in Pendo, and it is sent with the next value or a replay.',
  PENDO_VALUES_CONVERTED: 'A value was turned into the field\'s type without loss: 42 into "42", "true" into true.',
  PENDO_VALUES_UNFIT:
    "A value was left out: it cannot be turned into the field's type. Pendo would refuse all values of the visitor or account with it.",
} as const

type Code = keyof typeof metadataAdjustments
type Fields = Readonly<Record<string, FieldValue>>

/** What of metadata the subscription takes: names as it has them, values of the fields' types. Of two names for one field the exact one counts, else the first. */
export const fitMetadata = (fields: Fields, known: MetadataFields): Fitted => {
  const codes = new Set<Code>()
  const values: Record<string, FieldValue> = {}
  const places = placesOf(Object.keys(fields), known)
  for (const [name, value] of Object.entries(fields)) {
    const place = places.get(name)
    if (place === undefined) {
      codes.add('PENDO_FIELDS_UNKNOWN')
      continue
    }
    const fitted = fitValue(value, known.get(place) ?? '')
    if (fitted === undefined) {
      codes.add('PENDO_VALUES_UNFIT')
      continue
    }
    if (place !== name) codes.add('PENDO_FIELDS_RENAMED')
    if (fitted !== value) codes.add('PENDO_VALUES_CONVERTED')
    values[place] = fitted
  }
  return { fields: values, adjustments: [...codes] }
}

/** By name: the field that takes it. */
const placesOf = (names: readonly string[], known: MetadataFields): ReadonlyMap<string, string> => {
  const places = new Map(names.filter(name => known.has(name)).map(name => [name, name]))
  const taken = new Set(places.values())
  const byFold = new Map([...known.keys()].map(name => [folded(name), name]))
  for (const name of names) {
    const place = byFold.get(folded(name))
    if (places.has(name) || place === undefined || taken.has(place)) continue
    places.set(name, place)
    taken.add(place)
  }
  return places
}

const folded = (name: string): string => asName(name).toLowerCase()

/** Undefined for a value that the type cannot hold. A type that is not known here is Pendo's to judge. */
const fitValue = (value: FieldValue, type: string): FieldValue | undefined => {
  if (value === null) return null
  const fit = fits[type]
  return fit ? fit(value) : value
}

type Fit = (value: Exclude<FieldValue, null>) => FieldValue | undefined

const asNumber: Fit = value => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && String(Number(value)) === value ? Number(value) : undefined
}

const fits: Readonly<Record<string, Fit>> = {
  string: value => String(value),
  integer: value => {
    const number = asNumber(value)
    return Number.isSafeInteger(number) ? number : undefined
  },
  float: asNumber,
  boolean: value => {
    if (typeof value === 'boolean') return value
    return value === 'true' ? true : value === 'false' ? false : undefined
  },
  time: value => {
    if (typeof value === 'number') return value
    return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value))
      ? value
      : undefined
  },
  list: () => undefined,
}
