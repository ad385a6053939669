import type { Profile, ProfileValue } from '../../schemas/generated.ts'
import type { Side } from './plan.ts'

/** A value that one side told. */
export interface ToldValue extends ProfileValue {
  /**
   * Whether it is what a side made of a write of ours, equal to it or not. `surely`: the side tells it of this very value. `perhaps`: it tells that we changed the record last, so
   * that somebody else may have changed this value before. Absent where the side does not tell who changed what.
   */
  readonly ours?: 'surely' | 'perhaps'
}

/** What one side tells of a record, or (`arrival`) that it took a write of ours. */
export interface Reading
  extends Pick<Profile, 'eventId' | 'occurredAt' | 'receivedAt' | 'record' | 'since' | 'gone' | 'arrival'> {
  readonly side: Side
  readonly values: Readonly<Record<string, ToldValue>>
}
