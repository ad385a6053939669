import type { Person } from '../../../topology/define.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Outcomes } from '../requests/outcomes.ts'
import type { DeliverySettings } from '../settings.ts'
import type { DeliveredState } from '../state/delivered.ts'
import { type Joined, joinSets } from './joining.ts'
import type { Entry, Lane } from './lanes.ts'
import type { KnownRecords } from './records.ts'

/** The next request for a lane. */
export type Aim =
  | { readonly kind: 'look-up'; readonly person: Person }
  | SetAim
  /** The person was merged into this one, whose lane goes on. */
  | { readonly kind: 'merged'; readonly survivor: string }
  /** The directory does not know the person, yet or any more. */
  | { readonly kind: 'unknown-person' }
  | { readonly kind: 'done' }

export interface SetAim {
  readonly kind: 'create' | 'update'
  readonly person: Person
  readonly record: string | null
  readonly entries: readonly Entry[]
  readonly joined: Joined
}

export interface AimParts {
  readonly directory: IdentityDirectory
  readonly records: KnownRecords
  readonly delivered: DeliveredState
  readonly outcomes: Outcomes
  readonly clock: Clock
  readonly settings: DeliverySettings
}

/**
 * Finds out what a lane needs next: person, survivor, record, and what the record lacks. Entries that need no request are finished on the way. It is asked
 * again right before each request, so that the newest writes and merges count.
 */
export const aim = (parts: AimParts, lane: Lane): Aim => {
  const { directory, records, outcomes } = parts
  while (lane.entries.length > 0) {
    const found = directory.find(`person:${lane.person}`)
    if (found.status === 'missing') return { kind: 'unknown-person' }
    if (found.status === 'erased') {
      finishAll(outcomes, lane, lane.entries, { outcome: 'ERASED' })
      continue
    }
    if (found.person.id !== lane.person) return { kind: 'merged', survivor: found.person.id }
    const record = records.of(lane.object, found.person)
    if (record !== undefined) {
      const update = aimAtRecord(parts, lane, found.person, record)
      if (update) return update
    } else if (lane.missingUntil <= parts.clock.now()) {
      return { kind: 'look-up', person: found.person }
    } else {
      const create = aimAtNothing(parts, lane, found.person)
      if (create) return create
    }
  }
  return { kind: 'done' }
}

const aimAtRecord = (parts: AimParts, lane: Lane, person: Person, record: string): SetAim | undefined => {
  const { records, delivered, outcomes, clock } = parts
  const gathered = records.gathered(lane.object, person, record)
  if (gathered.rows.length > 0) lane.effects.push(gathered)
  const key = records.keyOf(lane.object, record)
  const row = delivered.get(key)
  const entries = lane.next()
  const standing = row?.fields ?? {}
  const joined = joinSets(
    entries.map(({ write }) => write),
    standing,
  )
  if (Object.keys(joined.fields).length > 0) return { kind: 'update', person, record, entries, joined }
  if (joined.delivered !== standing) {
    const change = { person: person.id, fields: joined.delivered, at: clock.now(), movedTo: null }
    lane.effects.push({ rows: [delivered.set(key, change)], claims: [] })
  }
  for (const [index, entry] of entries.entries())
    outcomes.finish(entry, { outcome: joined.outcomes[index] ?? 'UNCHANGED', record }, lane)
  lane.remove(entries)
  return undefined
}

/** There is no record: writes before the first that may make one have nothing to be true of. */
const aimAtNothing = (parts: AimParts, lane: Lane, person: Person): SetAim | undefined => {
  const { records, outcomes, settings } = parts
  if (!settings.recreateDeleted && records.allDeleted(lane.object, person)) {
    finishAll(outcomes, lane, lane.entries, { outcome: 'SKIPPED', code: 'RECORD_DELETED' })
    lane.gone = 0
    return undefined
  }
  const first = lane.entries.findIndex(({ write }) => write.createIfMissing)
  const idle = first < 0 ? lane.entries : lane.entries.slice(0, first)
  finishAll(outcomes, lane, idle, { outcome: 'SKIPPED', code: 'RECORD_MISSING' })
  const entries = lane.next()
  if (entries.length === 0) return undefined
  const joined = joinSets(
    entries.map(({ write }) => write),
    {},
  )
  return { kind: 'create', person, record: null, entries, joined }
}

const finishAll = (
  outcomes: Outcomes,
  lane: Lane,
  entries: readonly Entry[],
  conclusion: { outcome: 'ERASED' } | { outcome: 'SKIPPED'; code: string },
): void => {
  const finished = [...entries]
  for (const entry of finished) outcomes.finish(entry, conclusion, lane)
  lane.remove(finished)
}
