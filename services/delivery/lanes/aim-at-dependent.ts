import type { Delivered } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { DependentObject } from '../destination.ts'
import type { Aim, AimParts, PutAim } from './aim.ts'
import { joinSets, standingValues } from './joining.ts'
import type { Entry, Lane } from './lanes.ts'

/** What is to be put, wherever it will belong. */
type News = Omit<PutAim, 'kind' | 'person' | 'of'>

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
  const { records, delivered } = parts
  const key = records.keyOf(lane.object, lane.key ?? '')
  const row = delivered.get(key)
  const isMade = row !== undefined || (object.dropsRepeats === true && delivered.lately.has(key))
  const news = object.kind === 'appended' ? append(parts, lane, isMade) : change(parts, lane, person, key, row)
  if (!news) return undefined
  const of = records.of(object.of, person)
  return of ? { kind: 'put', person, of, ...news } : withoutRecord(parts, lane, person, object)
}

/** An append is made once and never changes. */
const append = ({ outcomes }: AimParts, lane: Lane, isMade: boolean): News | undefined => {
  const [entry] = lane.entries
  if (isMade || !entry) {
    outcomes.finishAll(lane, lane.entries, { outcome: 'IMMUTABLE' })
    return undefined
  }
  const { fields, at = null } = entry.write
  return { entries: [entry], fields, at, known: false, delivered: {}, outcomes: ['APPLIED'] }
}

const change = (
  { delivered, outcomes, clock }: AimParts,
  lane: Lane,
  person: Person,
  key: string,
  row: Delivered | undefined,
): News | undefined => {
  const entries = lane.next()
  const writes = entries.map(({ write }) => write)
  const standing = row?.fields ?? {}
  const joined = joinSets(writes, standing)
  if (!row || Object.keys(joined.fields).length > 0) {
    const fields = standingValues(writes, joined.delivered)
    const after = { delivered: joined.delivered, outcomes: joined.outcomes }
    return { entries, fields, at: null, known: row !== undefined, ...after }
  }
  if (joined.delivered !== standing) {
    const moved = { ...row, person: person.id, fields: joined.delivered, at: clock.now() }
    lane.gain({ rows: [delivered.set(key, moved)], claims: [] })
  }
  for (const [index, entry] of entries.entries())
    outcomes.finish(entry, { outcome: joined.outcomes[index] ?? 'UNCHANGED' }, lane)
  lane.remove(entries)
  return undefined
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
