import { eventDecimals, eventTextLength } from '../limits.ts'

export type PropertyValue = boolean | number | string

/** Types in which Tributary defines properties of product events. */
export type PropertyType = 'bool' | 'number' | 'string'

/** Why a value reaches HubSpot otherwise than it came, or not at all, by the code in the receipt's `adjustments`. In docs/reference.md. */
export const misfits = {
  HUBSPOT_PROPERTIES_TOO_MANY: 'left out: the event has as many properties as HubSpot takes',
  HUBSPOT_PROPERTY_OF_OTHER_TYPE: 'left out: HubSpot has the property with another type',
  HUBSPOT_PROPERTY_NO_NUMBER: 'left out: no number that HubSpot takes',
  HUBSPOT_PROPERTY_NOT_DEFINED: 'left out: HubSpot refused to define the property',
  HUBSPOT_PROPERTY_CUT: 'cut to the length that HubSpot takes',
  HUBSPOT_PROPERTY_ROUNDED: 'rounded to the one decimal that HubSpot takes',
} as const satisfies Readonly<Record<string, string>>

export type Misfit = keyof typeof misfits

/** What of a value can be sent. */
export interface Fitted {
  /** Null: nothing. */
  readonly text: string | null
  readonly misfit: Misfit | null
}

/** The type in which a property is defined, by the first value that it has. */
export const typeOf = (value: PropertyValue): PropertyType => types[typeof value as 'boolean' | 'number' | 'string']

const types = { boolean: 'bool', number: 'number', string: 'string' } as const

/**
 * A value as HubSpot takes it in a property of this type.
 * @param name of the property in HubSpot, for it decides how long a text may be
 * @param type as the definition in HubSpot has it, which people may have made
 */
export const fitted = (name: string, type: string, value: PropertyValue): Fitted =>
  (spellings[type] ?? otherType)(value, name)

type Spelling = (value: PropertyValue, name: string) => Fitted

const otherType: Spelling = () => ({ text: null, misfit: 'HUBSPOT_PROPERTY_OF_OTHER_TYPE' })

/** Numbers beyond it have no digits of their own before the point, and are spelled with an exponent. */
const largestNumber = 1e15

const number: Spelling = value => {
  const given = typeof value === 'string' && decimal.test(value.trim()) ? Number(value) : value
  if (typeof given !== 'number') return { text: null, misfit: 'HUBSPOT_PROPERTY_OF_OTHER_TYPE' }
  if (!Number.isFinite(given) || Math.abs(given) >= largestNumber)
    return { text: null, misfit: 'HUBSPOT_PROPERTY_NO_NUMBER' }
  const rounded = Number(given.toFixed(eventDecimals))
  return { text: String(rounded === 0 ? 0 : rounded), misfit: rounded === given ? null : 'HUBSPOT_PROPERTY_ROUNDED' }
}

const decimal = /^[+-]?\d{1,20}(\.\d{1,20})?$/

const text: Spelling = (value, name) => {
  const whole = String(value)
  const longest = eventTextLength(name)
  if (whole.length <= longest) return { text: whole, misfit: null }
  return { text: whole.slice(0, longest).replace(/[\uD800-\uDBFF]$/, ''), misfit: 'HUBSPOT_PROPERTY_CUT' }
}

const truth: Spelling = value => {
  const given = String(value).trim().toLowerCase()
  return given === 'true' || given === 'false'
    ? { text: given, misfit: null }
    : { text: null, misfit: 'HUBSPOT_PROPERTY_OF_OTHER_TYPE' }
}

/** A property that people made as a moment takes one all the same. */
const moment: Spelling = value => {
  const at = typeof value === 'boolean' ? Number.NaN : new Date(value).getTime()
  return Number.isNaN(at)
    ? { text: null, misfit: 'HUBSPOT_PROPERTY_OF_OTHER_TYPE' }
    : { text: new Date(at).toISOString(), misfit: null }
}

const spellings: Readonly<Record<string, Spelling>> = { string: text, number, bool: truth, datetime: moment }
