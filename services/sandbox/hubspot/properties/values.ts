import type { PropertyError } from '../errors.ts'
import { PROPERTY_CHARACTERS } from '../limits.ts'
import type { PropertyDefinition } from './predefined.ts'
import type { PropertyType } from './row.ts'

/** A value in the spelling in which HubSpot keeps it, or why it is refused. */
export type Checked = { readonly value: string } | { readonly error: Omit<PropertyError, 'name'> }

/** Checks a written value. An empty string clears the property, whatever its type. */
export const checkValue = (definition: PropertyDefinition, value: string): Checked => {
  if (definition.modificationMetadata.readOnlyValue)
    return refused('READ_ONLY_VALUE', `"${definition.name}" is a read only property; its value cannot be set.`)
  if (value === '') return { value }
  if (value.length > PROPERTY_CHARACTERS)
    return refused(
      'INVALID_STRING_LENGTH',
      `Property "${definition.name}" was too long: ${value.length} of at most ${PROPERTY_CHARACTERS} characters.`,
    )
  return BY_NAME[definition.name]?.(value) ?? checkType(definition, value)
}

/** The milliseconds since the epoch of a moment: milliseconds as digits, or ISO 8601. */
export const momentOf = (value: string): number | undefined => {
  const iso = ISO_DATE_TIME.test(value) || ISO_DATE.test(value)
  const time = DIGITS.test(value) ? Number(value) : iso ? Date.parse(value) : Number.NaN
  return isTime(time) ? time : undefined
}

/** Checks a value by the type of its property alone. */
export const checkType = (definition: PropertyDefinition, value: string): Checked =>
  BY_TYPE[definition.type](value, definition)

export const refused = (error: string, message: string): Checked => ({ error: { error, message } })

const ADDRESS = /^[^\s@;,]+@[^\s@;,]+\.[^\s@;,.]+$/

const address = (value: string): Checked => {
  const lowered = value.trim().toLowerCase()
  return ADDRESS.test(lowered) ? { value: lowered } : refused('INVALID_EMAIL', `Email address ${value} is invalid`)
}

const addresses = (value: string): Checked => {
  const checked = value
    .split(';')
    .filter(one => one.trim() !== '')
    .map(address)
  const wrong = checked.find(one => 'error' in one)
  return wrong ?? { value: checked.map(one => ('value' in one ? one.value : '')).join(';') }
}

/** Properties whose values have rules beyond their type. */
const BY_NAME: Readonly<Record<string, (value: string) => Checked>> = {
  email: address,
  hs_additional_emails: addresses,
}

const text = (value: string): Checked => ({ value })

const number = (value: string): Checked =>
  value.trim() !== '' && Number.isFinite(Number(value))
    ? { value: value.trim() }
    : refused('INVALID_INTEGER', `${value} was not a valid number.`)

const boolean = (value: string): Checked =>
  value === 'true' || value === 'false' ? { value } : notAnOption(value, ['true', 'false'])

const DIGITS = /^-?\d+$/
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/
const ISO_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/
const DAY_MS = 86_400_000

/** A day: its midnight in UTC as milliseconds, or `YYYY-MM-DD`. */
const date = (value: string): Checked => {
  const time = DIGITS.test(value) ? Number(value) : ISO_DATE.test(value) ? Date.parse(value) : Number.NaN
  if (!isTime(time)) return refused('INVALID_DATE', `${value} was not a valid date.`)
  return time % DAY_MS === 0
    ? { value: new Date(time).toISOString().slice(0, 10) }
    : refused('INVALID_DATE', `${value} is not midnight UTC.`)
}

/** A moment: milliseconds since the epoch, or ISO 8601. */
const datetime = (value: string): Checked => {
  const time = momentOf(value)
  return time === undefined
    ? refused('INVALID_DATE', `${value} was not a valid date and time.`)
    : { value: isoTime(time) }
}

const isTime = (time: number): boolean => !Number.isNaN(new Date(time).getTime())

/** A time as HubSpot returns it: ISO 8601 in UTC, the milliseconds left out when they are zero. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

const enumeration = (value: string, { options, fieldType, externalOptions }: PropertyDefinition): Checked => {
  if (externalOptions) return { value }
  const allowed = options.map(option => option.value)
  const chosen = fieldType === 'checkbox' ? value.split(';').filter(one => one !== '') : [value]
  const wrong = chosen.find(one => !allowed.includes(one))
  return wrong === undefined ? { value: chosen.join(';') } : notAnOption(wrong, allowed)
}

const notAnOption = (value: string, allowed: readonly string[]): Checked =>
  refused('INVALID_OPTION', `${value} was not one of the allowed options: [${allowed.join(', ')}]`)

const BY_TYPE: Readonly<Record<PropertyType, (value: string, definition: PropertyDefinition) => Checked>> = {
  bool: boolean,
  date,
  datetime,
  enumeration,
  number,
  phone_number: text,
  string: text,
}
