import type { MetadataSide } from '../../schemas/generated.ts'
import type { SyncedField } from './mapping.ts'

interface Holder {
  readonly side: MetadataSide
  readonly record: string
  readonly joined: boolean
  readonly values: ReadonlyMap<string, unknown>
}

/** Whom a write is for. A person has one contact that is written, whichever of theirs tells; of visitors each. */
export const targetOf = ({ side, record }: Pick<Holder, 'side' | 'record'>): string =>
  side === 'HUBSPOT' ? 'hubspot' : `pendo:${record}`

/** The visitor or account of a target; undefined for the contact or company. */
export const visitorOf = (target: string): string | undefined =>
  target.startsWith('pendo:') ? target.slice('pendo:'.length) : undefined

/** Whether the field is written to this side. */
const isWritten = ({ direction }: SyncedField, side: MetadataSide): boolean =>
  direction === 'both' || direction === (side === 'PENDO' ? 'to-pendo' : 'to-hubspot')

/**
 * Whether the record may be written. HubSpot tells all properties, empty ones too: before it has told one that people there may change, writing it could overwrite what it holds.
 * Pendo does not tell empty fields, so there a field that was not told is empty.
 */
export const isTarget = (field: SyncedField, holder: Holder): boolean =>
  isWritten(field, holder.side) &&
  (holder.side === 'PENDO' || field.direction !== 'both' || holder.values.has(field.name))

/** The same of a record that takes part. */
export const mayBeTold = (field: SyncedField, holder: Holder): boolean => holder.joined && isTarget(field, holder)
