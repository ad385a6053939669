import type { MetadataSide, ProfileValue } from '../../schemas/generated.ts'

/** A system that holds records. */
export type Side = MetadataSide

/** A value in the one spelling in which both sides are compared; null for none. */
export type Value = ProfileValue['value']

/** A field that records of two systems share. */
export interface SharedField {
  /** By which rows know it. */
  readonly name: string
  /** In one direction one side is the source; what somebody changes on the other is set back. */
  readonly direction: 'both' | `to-${Lowercase<Side>}`
  /** Which value counts when both changed before the other's had arrived: that which changed last, or always that of one side. */
  readonly conflict: 'newest' | Lowercase<Side>
}

/** What the systems are like that share fields. */
export interface Systems {
  /** Whom a write to a record is for. Records of one side may be one target, when only one of them is written. */
  targetOf(record: { readonly side: Side; readonly record: string }): string
  sideOf(target: string): Side
  /** Whether what a record was not heard to hold may be written: because the side tells no empty fields, or the record is our own copy. Else it could overwrite what it holds. */
  writesUnseen(side: Side): boolean
  /** What a record of that side tells once the value was written to it, for a side that cannot hold every value. As it is when absent. */
  heldAs?(field: SharedField, side: Side, value: Value): Value
}

/** What a link is kept by. */
export interface LinkPlan {
  readonly fields: readonly SharedField[]
  readonly systems: Systems
  /** Of several records of one side: whether all take part (those of one person), or the first (companies that only share a domain). */
  readonly partners: 'all' | 'first'
}

interface Holder {
  readonly side: Side
  readonly record: string
  readonly joined: boolean
  readonly values: ReadonlyMap<string, unknown>
}

/** Whether the field is written to this side. */
export const isWritten = ({ direction }: SharedField, side: Side): boolean =>
  direction === 'both' || direction === `to-${lower(side)}`

/** Whether changes on this side count. */
export const isSource = (field: SharedField, side: Side): boolean =>
  field.direction === 'both' || !isWritten(field, side)

/** Whether the record may be written. */
export const isTarget = (systems: Systems, field: SharedField, holder: Holder): boolean =>
  isWritten(field, holder.side) &&
  (systems.writesUnseen(holder.side) || field.direction !== 'both' || holder.values.has(field.name))

/** The same of a record that takes part. */
export const mayBeTold = (systems: Systems, field: SharedField, holder: Holder): boolean =>
  holder.joined && isTarget(systems, field, holder)

export const lower = <Name extends Side>(side: Name): Lowercase<Name> => side.toLowerCase() as Lowercase<Name>
