import type { Person } from '../../../topology/define.ts'
import type { AimParts, LookUpAim, SetAim } from './aim.ts'
import { joinSets } from './joining.ts'
import type { Lane } from './lanes.ts'

/** What a lane of a record needs next: to find the record, to make it, or to give it the fields that it lacks; undefined when entries were finished instead. */
export const aimAtRecord = (parts: AimParts, lane: Lane, person: Person): LookUpAim | SetAim | undefined => {
  const record = parts.records.of([lane.object], person)
  if (record !== undefined) return update(parts, lane, person, record.id)
  if (lane.missing.until <= parts.clock.now()) return { kind: 'look-up', person, objects: [lane.object] }
  return create(parts, lane, person)
}

const update = (parts: AimParts, lane: Lane, person: Person, record: string): SetAim | undefined => {
  const { records, delivered, outcomes, clock } = parts
  lane.gain(records.gathered(person, { object: lane.object, id: record }))
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
    lane.gain({ rows: [delivered.set(key, change)], claims: [] })
  }
  for (const [index, entry] of entries.entries())
    outcomes.finish(entry, { outcome: joined.outcomes[index] ?? 'UNCHANGED', record }, lane)
  lane.remove(entries)
  return undefined
}

/** There is no record: writes before the first that may make one have nothing to be true of. */
const create = (parts: AimParts, lane: Lane, person: Person): SetAim | undefined => {
  const { records, outcomes, settings } = parts
  if (!settings.recreateDeleted && records.allDeleted([lane.object], person)) {
    outcomes.finishAll(lane, lane.entries, { outcome: 'SKIPPED', code: 'RECORD_DELETED' })
    lane.gone = 0
    return undefined
  }
  const first = lane.entries.findIndex(({ write }) => write.createIfMissing)
  const idle = first < 0 ? lane.entries : lane.entries.slice(0, first)
  outcomes.finishAll(lane, idle, { outcome: 'SKIPPED', code: 'RECORD_MISSING' })
  const entries = lane.next()
  if (entries.length === 0) return undefined
  const joined = joinSets(
    entries.map(({ write }) => write),
    {},
  )
  return { kind: 'create', person, record: null, entries, joined }
}
