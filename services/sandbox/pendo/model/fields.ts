import type { Store, Table } from '../../store.ts'

/** What metadata is about. */
export type Kind = 'visitor' | 'account'
/** Where a value comes from: Pendo itself, the browser snippet, the API, or Pendo's own settings of a visitor. */
export type Group = 'auto' | 'agent' | 'custom' | 'pendo'
export type Value = string | number | boolean | null | readonly Value[] | Values
export type Values = { readonly [name: string]: Value }

export type FieldType = keyof typeof FITS

export interface Field {
  readonly kind: Kind
  readonly group: Group
  readonly name: string
  readonly type: FieldType
  readonly displayName: string
}

/** The fields of metadata that a subscription has. The API writes to none that is missing. */
export interface Fields {
  get(kind: Kind, group: Group, name: string): Field | undefined
  of(kind: Kind): readonly Field[]
  add(field: Field): void
  remove(kind: Kind, group: Group, name: string): boolean
  reset(): void
}

/** `time` is a number of milliseconds or a date in ISO 8601. Null clears a value of any type. */
const FITS = {
  string: (value: Value) => typeof value === 'string',
  integer: (value: Value) => Number.isInteger(value),
  float: (value: Value) => typeof value === 'number',
  boolean: (value: Value) => typeof value === 'boolean',
  time: (value: Value) => typeof value === 'number' || (typeof value === 'string' && !Number.isNaN(Date.parse(value))),
  list: (value: Value) => Array.isArray(value),
} as const

export const FIELD_TYPES = Object.keys(FITS) as FieldType[]

export const fits = ({ type }: Field, value: Value): boolean => value === null || FITS[type](value)

type Line = readonly [kind: Kind, group: Group, names: string, type?: FieldType]

/** What Pendo fills in itself (after tap-pendo's schemas), and one of its own settings. */
const BUILT_IN: readonly Line[] = [
  [
    'visitor',
    'auto',
    'id accountid lastbrowsername lastbrowserversion lastoperatingsystem lastservername lastuseragent',
  ],
  ['visitor', 'auto', 'firstvisit lastvisit lastupdated', 'time'],
  ['visitor', 'auto', 'accountids', 'list'],
  ['visitor', 'auto', 'idhash', 'integer'],
  ['visitor', 'pendo', 'donotprocess', 'boolean'],
  ['account', 'auto', 'id'],
  ['account', 'auto', 'firstvisit lastvisit lastupdated', 'time'],
  ['account', 'auto', 'idhash', 'integer'],
]

/** What an administrator of this subscription has made, and what its browser snippet sends. */
const MADE: readonly Line[] = [
  ['visitor', 'agent', 'email full_name role language'],
  ['visitor', 'custom', 'email firstname lastname phone jobtitle company lifecyclestage plan accountid'],
  ['visitor', 'custom', 'leadscore', 'integer'],
  ['visitor', 'custom', 'createdat', 'time'],
  ['visitor', 'custom', 'newsletter', 'boolean'],
  ['account', 'agent', 'name plan'],
  ['account', 'custom', 'name domain industry plan lifecyclestage'],
  ['account', 'custom', 'employees', 'integer'],
  ['account', 'custom', 'annualrevenue', 'float'],
]

export const createFields = (store: Store): Fields => {
  const rows: Table<Field> = store.table('field')
  const built = new Map(BUILT_IN.flatMap(fieldsOf).map(field => [keyOf(field), field]))
  const seed = (): void => {
    for (const field of MADE.flatMap(fieldsOf)) rows.set(keyOf(field), field)
  }
  if (rows.size === 0) seed()
  return {
    get: (kind, group, name) => {
      const key = keyOf({ kind, group, name })
      return built.get(key) ?? rows.get(key)
    },
    of: kind => [...built.values(), ...rows.values()].filter(field => field.kind === kind),
    add: field => rows.set(keyOf(field), field),
    remove: (kind, group, name) => {
      const key = keyOf({ kind, group, name })
      const had = rows.has(key)
      rows.delete(key)
      return had
    },
    reset: seed,
  }
}

const fieldsOf = ([kind, group, names, type = 'string']: Line): Field[] =>
  names.split(' ').map(name => ({ kind, group, name, type, displayName: name.replaceAll('_', ' ') }))

const keyOf = ({ kind, group, name }: Pick<Field, 'kind' | 'group' | 'name'>): string => `${kind}.${group}.${name}`
