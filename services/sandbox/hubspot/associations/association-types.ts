/** The ids of HubSpot's own association types, from an activity to a record and back (facts/hubspot.md §3.7). */
const TYPE_IDS: readonly (readonly [activity: string, record: string, there: number, back: number])[] = [
  ['tasks', 'contacts', 204, 203],
  ['tasks', 'companies', 192, 191],
  ['tasks', 'deals', 216, 215],
  ['calls', 'contacts', 194, 193],
  ['calls', 'companies', 182, 181],
  ['calls', 'deals', 206, 205],
  ['meetings', 'contacts', 200, 199],
  ['meetings', 'companies', 188, 187],
  ['meetings', 'deals', 212, 211],
  ['emails', 'contacts', 198, 197],
  ['emails', 'companies', 186, 185],
  ['emails', 'deals', 210, 209],
  ['notes', 'contacts', 202, 201],
  ['notes', 'companies', 190, 189],
  ['notes', 'deals', 214, 213],
]

export interface AssociationType {
  /** Names of object types. */
  readonly from: string
  readonly to: string
  readonly typeId: number
}

/** Those that the sandbox emulates: between activities and what they are on. */
const ASSOCIATION_TYPES: readonly AssociationType[] = TYPE_IDS.flatMap(([activity, record, there, back]) => [
  { from: activity, to: record, typeId: there },
  { from: record, to: activity, typeId: back },
])

export const typeBetween = (from: string, to: string): AssociationType | undefined =>
  ASSOCIATION_TYPES.find(type => type.from === from && type.to === to)

/** The type of this id that begins at an object type. */
export const typeFrom = (from: string, typeId: number): AssociationType | undefined =>
  ASSOCIATION_TYPES.find(type => type.from === from && type.typeId === typeId)
