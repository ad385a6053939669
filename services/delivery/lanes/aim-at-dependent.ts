import type { Person } from '../../../topology/define.ts'
import type { DependentObject } from '../destination.ts'
import type { Aim, AimParts } from './aim.ts'
import type { Entry, Lane } from './lanes.ts'
import { newsOf } from './news.ts'

/**
 * What a lane of something that belongs to a record needs next: to find that record, to wait for it, or to be put; undefined when entries were finished
 * instead.
 */
export const aimAtDependent = (
  parts: AimParts,
  lane: Lane,
  person: Person,
  object: DependentObject,
): Aim | undefined => {
  const news = newsOf(parts, lane, person, object)
  if (!news) return undefined
  const of = parts.records.of(object.of, person)
  return of ? { kind: 'put', person, home: { person, of }, ...news } : withoutRecord(parts, lane, person, object)
}

/** Another write may make the record: it is looked for now and then until the writes have waited long enough. */
const withoutRecord = (parts: AimParts, lane: Lane, person: Person, object: DependentObject): Aim | undefined => {
  const { records, outcomes, pause, clock, settings } = parts
  if (lane.missing.until <= clock.now()) return { kind: 'look-up', person, objects: object.of }
  if (!settings.recreateDeleted && records.allDeleted(object.of, person)) {
    outcomes.finishAll(lane, lane.entries, { outcome: 'SKIPPED', code: 'RECORD_DELETED' })
    lane.gone = 0
    return undefined
  }
  const active = pause.activeMs()
  const expired = lane.entries.filter(entry => remainingMs(entry, object, active) <= 0)
  if (expired.length === 0) return { kind: 'record-missing', until: lane.missing.until }
  outcomes.finishAll(lane, expired, { outcome: 'SKIPPED', code: 'RECORD_MISSING' })
  return undefined
}

/** How much longer a write may wait for its record; time in a pause does not count. */
export const remainingMs = (entry: Entry, { waitForRecordMs }: DependentObject, activeMs: number): number =>
  entry.takenAt + waitForRecordMs - activeMs
