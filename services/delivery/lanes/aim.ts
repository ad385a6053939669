import type { FieldValue, Person } from '../../../topology/define.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Destination, DestinationObject, PutInput, RecordRef, StandaloneObject } from '../destination.ts'
import type { Outcomes } from '../requests/outcomes.ts'
import type { Pause } from '../requests/pause.ts'
import type { DeliverySettings } from '../settings.ts'
import type { DeliveredState } from '../state/delivered.ts'
import { aimAtDependent } from './aim-at-dependent.ts'
import { aimAtRecord } from './aim-at-record.ts'
import { aimAtStandalone } from './aim-at-standalone.ts'
import type { DeliveredFields, Joined } from './joining.ts'
import type { Entry, Lane } from './lanes.ts'
import type { KnownRecords } from './records.ts'

/** The next request for a lane. */
export type Aim =
  | LookUpAim
  | SetAim
  | PutAim
  /** The person has no record that the vendor could tie it to, yet: the lane looks again at that time, or when something changes. */
  | { readonly kind: 'record-missing'; readonly until: number }
  /** The person was merged into this one, whose lane goes on. */
  | { readonly kind: 'merged'; readonly survivor: string }
  /** The directory does not know the person, yet or any more. */
  | { readonly kind: 'unknown-person' }
  | { readonly kind: 'done' }

/** Aims that are requests; a batch is of one kind. */
export type Request = LookUpAim | SetAim | PutAim

export interface LookUpAim {
  readonly kind: 'look-up'
  readonly person: Person
  /** In the order of preference. */
  readonly objects: readonly string[]
}

/** Fields of the lane's record. */
export interface SetAim {
  readonly kind: 'create' | 'update'
  readonly person: Person
  readonly record: string | null
  readonly entries: readonly Entry[]
  readonly joined: Joined
}

/** Something with a key of its own. */
export interface PutAim {
  readonly kind: 'put'
  /** Null for what is about nobody. */
  readonly person: Person | null
  /** Where it belongs; null for what stands alone. */
  readonly home: { readonly person: Person; readonly of: RecordRef } | null
  readonly entries: readonly Entry[]
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly at: number | null
  /** Whether it was delivered before. */
  readonly known: boolean
  /** Those of the fields that a thing which is there is to be told; undefined for all. */
  readonly news?: PutInput['news']
  /** Delivered fields and outcome of each entry once this was accepted. */
  readonly delivered: DeliveredFields
  readonly outcomes: Joined['outcomes']
}

export interface AimParts {
  readonly objects: Destination['objects']
  readonly directory: IdentityDirectory
  readonly records: KnownRecords
  readonly delivered: DeliveredState
  readonly outcomes: Outcomes
  readonly pause: Pause
  readonly clock: Clock
  readonly settings: DeliverySettings
}

/**
 * Finds out what a lane needs next: person, survivor, record, and what the vendor lacks. Entries that need no request are finished on the way. It is asked
 * again right before each request, so that the newest writes and merges count.
 */
export const aim = (parts: AimParts, lane: Lane): Aim => {
  const { directory, objects, outcomes } = parts
  const object = objects[lane.object]
  while (lane.entries.length > 0) {
    if (lane.person === null) {
      const next = aimAtStandalone(parts, lane, null, standalone(object, lane))
      if (next) return next
      continue
    }
    const found = directory.find(`person:${lane.person}`)
    if (found.status === 'missing') return { kind: 'unknown-person' }
    if (found.status === 'erased') {
      outcomes.finishAll(lane, lane.entries, { outcome: 'ERASED' })
      continue
    }
    if (found.person.id !== lane.person) return { kind: 'merged', survivor: found.person.id }
    const next = aimFor(parts, lane, found.person, object)
    if (next) return next
  }
  return { kind: 'done' }
}

const aimFor = (
  parts: AimParts,
  lane: Lane,
  person: Person,
  object: DestinationObject | undefined,
): Aim | undefined => {
  if (!object || object.kind === 'record') return aimAtRecord(parts, lane, person)
  return object.of === null ? aimAtStandalone(parts, lane, person, object) : aimAtDependent(parts, lane, person, object)
}

/** Nothing else is taken without a person. */
const standalone = (object: DestinationObject | undefined, { object: name }: Lane): StandaloneObject => {
  if (object && object.kind !== 'record' && object.of === null) return object
  throw new RangeError(`Expected an object that stands alone, came ${name}.`)
}
