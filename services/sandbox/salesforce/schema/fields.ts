/** A value of a field; absent values are null. */
export type Value = string | number | boolean | null

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'combobox'
  | 'picklist'
  | 'reference'
  | 'boolean'
  | 'int'
  | 'currency'
  | 'date'
  | 'datetime'

/** Who may write a field: callers always, callers at creation only, or Salesforce alone. */
export type Access = 'write' | 'create' | 'read'

export interface Field {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  /** Characters at most, of texts. */
  readonly length: number
  readonly access: Access
  /** Never null; it must be given at creation unless it has a default. */
  readonly required: boolean
  readonly defaultValue: Value
  readonly values: readonly string[]
  /** Other values than these are refused. */
  readonly restricted: boolean
  readonly referenceTo: readonly string[]
  /** The name by which SOQL reaches what a reference refers to, for example `Who`. */
  readonly relationship: string | null
  readonly externalId: boolean
  readonly unique: boolean
  readonly caseSensitive: boolean
  readonly custom: boolean
}

type Details = Partial<Omit<Field, 'name' | 'type'>>

export const field = (name: string, type: FieldType, details: Details = {}): Field => ({
  name,
  label: name.replace(/([a-z])([A-Z])/g, '$1 $2'),
  type,
  length: 0,
  access: 'write',
  required: false,
  defaultValue: null,
  values: [],
  restricted: false,
  referenceTo: [],
  relationship: null,
  externalId: false,
  unique: false,
  caseSensitive: false,
  custom: false,
  ...details,
})

export const text = (name: string, length: number, details: Details = {}): Field =>
  field(name, 'string', { length, ...details })

export const long = (name: string, length: number): Field => field(name, 'textarea', { length })

export const phone = (name: string): Field => field(name, 'phone', { length: 40 })

export const flag = (name: string, access: Access = 'write', defaultValue = false): Field =>
  field(name, 'boolean', { access, required: true, defaultValue })

export const picklist = (name: string, values: readonly string[], details: Details = {}): Field =>
  field(name, 'picklist', { values, length: 255, ...details })

/** A restricted picklist that always has a value: this one when none is given. */
export const state = (name: string, values: readonly string[], defaultValue: string): Field =>
  picklist(name, values, { required: true, restricted: true, defaultValue })

export const reference = (name: string, referenceTo: readonly string[], details: Details = {}): Field =>
  field(name, 'reference', {
    length: 18,
    referenceTo,
    label: name.replace(/Id$/, ' ID').replace(/([a-z])([A-Z])/g, '$1 $2'),
    relationship: name.replace(/Id$/, ''),
    ...details,
  })

const TEXTS: readonly FieldType[] = ['string', 'textarea', 'email', 'phone', 'url', 'combobox', 'picklist']

export const isText = ({ type }: Field): boolean => TEXTS.includes(type)

/** Long texts can be read, but not be part of a condition or an order. */
export const isFilterable = ({ type, length }: Field): boolean => type !== 'textarea' || length <= 255
