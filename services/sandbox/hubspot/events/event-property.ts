import { invalid } from '../errors.ts'
import { EVENT_NAME_CHARACTERS, EVENT_PROPERTY_CHARACTERS } from '../limits.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'

/** Types of the properties of custom events, and the field in which HubSpot's forms show each. */
const FIELD_TYPES = {
  bool: 'radio',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  number: 'number',
  string: 'text',
} as const

export type EventPropertyType = keyof typeof FIELD_TYPES
export const EVENT_PROPERTY_TYPES = Object.keys(FIELD_TYPES) as EventPropertyType[]

/** What a caller says of a property of a custom event. Without a name HubSpot makes one of the label. */
export interface NewEventProperty {
  readonly name?: string | undefined
  readonly label: string
  readonly type: EventPropertyType
  readonly description?: string | undefined
  readonly options?: readonly NewOption[] | undefined
}

export interface NewOption {
  readonly label: string
  readonly value: string
  readonly description?: string | undefined
  readonly displayOrder?: number | undefined
  readonly hidden?: boolean | undefined
}

/** The definition of a property, in the shape in which HubSpot returns properties. Refuses one that breaks HubSpot's rules. @param at ISO 8601 */
export const eventProperty = (property: NewEventProperty, at?: string): PropertyDefinition => {
  const { label, type, description = '', options = [] } = property
  const name = property.name ?? nameFrom(label)
  assertName(name, EVENT_PROPERTY_CHARACTERS)
  assertLabel(label, EVENT_PROPERTY_CHARACTERS)
  return {
    name,
    label,
    type,
    fieldType: FIELD_TYPES[type],
    groupName: 'event_information',
    description,
    options: options.map(eventOption),
    displayOrder: -1,
    hasUniqueValue: false,
    hidden: false,
    formField: false,
    calculated: false,
    externalOptions: false,
    archived: false,
    hubspotDefined: false,
    modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
    ...(at === undefined ? {} : { createdAt: at, updatedAt: at }),
  }
}

/** Refuses an enumeration without options. */
export const assertOptions = ({ name, type, options }: PropertyDefinition): void => {
  if (type === 'enumeration' && options.length === 0) throw invalid(`Property "${name}": an enumeration needs options`)
}

export const eventOption = (option: NewOption, index: number): PropertyDefinition['options'][number] => ({
  label: option.label,
  value: option.value,
  displayOrder: option.displayOrder ?? index,
  hidden: option.hidden ?? false,
  ...(option.description === undefined ? {} : { description: option.description }),
})

const NAME = /^[a-z][a-z0-9_]*$/

export const assertName = (name: string, longest: number): void => {
  if (!NAME.test(name))
    throw invalid(
      `Invalid name "${name}": a name starts with a lower-case letter and has lower-case letters, digits and underscores only`,
    )
  if (name.length > longest)
    throw invalid(`The name "${name}" has ${name.length} characters; at most ${longest} are allowed`)
}

export const assertLabel = (label: string, longest: number): void => {
  if (label.trim() === '' || label.length > longest)
    throw invalid(`A label has from 1 to ${longest} characters, but this one has ${label.length}`)
}

/** The name that HubSpot makes of a label; the documentation says only that it makes one. */
export const nameFrom = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, EVENT_NAME_CHARACTERS)
