import type { Delivered, SinkWrite } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { DependentObject, StandaloneObject } from '../destination.ts'
import type { AimParts, PutAim } from './aim.ts'
import { type DeliveredFields, joinSets, standingValues } from './joining.ts'
import type { Entry, Lane } from './lanes.ts'
import { hashOf } from './versions.ts'

/** What is to be put, wherever it belongs. */
export type News = Omit<PutAim, 'kind' | 'person' | 'home'>

/** What of a lane's writes the vendor lacks, by the rules of the object; undefined when entries were finished instead, because there is nothing to send for them. */
export const newsOf = (
  parts: AimParts,
  lane: Lane,
  person: Person | null,
  object: DependentObject | StandaloneObject,
): News | undefined => {
  const key = parts.records.keyOf(lane.object, lane.key ?? '')
  const row = parts.delivered.get(key)
  if (object.kind === 'keyed') return change(parts, lane, person, row, object)
  const isMade = row !== undefined || (object.dropsRepeats === true && parts.delivered.lately.has(key))
  return append(parts, lane, isMade, object)
}

/** An append is made once and never changes. */
const append = (
  { outcomes }: AimParts,
  lane: Lane,
  isMade: boolean,
  object: DependentObject | StandaloneObject,
): News | undefined => {
  const [entry] = lane.entries
  if (isMade || !entry) {
    outcomes.finishAll(lane, lane.entries, { outcome: 'IMMUTABLE' })
    return undefined
  }
  const write = fitted(entry, object)
  if (typeof write === 'string') {
    outcomes.finishAll(lane, [entry], { outcome: 'SKIPPED', code: write })
    return undefined
  }
  const { fields, at = null } = write
  return { entries: [entry], fields, at, known: false, held: new Set(), delivered: {}, outcomes: ['APPLIED'] }
}

const change = (
  parts: AimParts,
  lane: Lane,
  person: Person | null,
  row: Delivered | undefined,
  object: DependentObject | StandaloneObject,
): News | undefined => {
  const { outcomes } = parts
  if (!row && isFirstWhole(lane, object)) lane.apart = Math.max(lane.apart, 1)
  const entries: Entry[] = []
  const writes: SinkWrite[] = []
  for (const entry of lane.next()) {
    const write = fitted(entry, object)
    if (typeof write === 'string') outcomes.finishAll(lane, [entry], { outcome: 'SKIPPED', code: write })
    else {
      entries.push(entry)
      writes.push(write)
    }
  }
  if (entries.length === 0) return undefined
  const standing = row?.fields ?? {}
  const joined = joinSets(writes, standing)
  if (!row || Object.keys(joined.fields).length > 0) {
    const fields = standingValues(writes, joined.delivered)
    const after = { delivered: joined.delivered, outcomes: joined.outcomes }
    return { entries, fields, at: null, known: row !== undefined, held: heldOf(fields, standing), ...after }
  }
  if (joined.delivered !== standing) move(parts, lane, person, { ...row, fields: joined.delivered })
  for (const [index, entry] of entries.entries())
    outcomes.finish(entry, { outcome: joined.outcomes[index] ?? 'UNCHANGED' }, lane)
  lane.remove(entries)
  return undefined
}

const isFirstWhole = (lane: Lane, object: DependentObject | StandaloneObject): boolean =>
  object.of === null && lane.entries[0] !== undefined && object.isWhole?.(lane.entries[0].write.fields) === true

const heldOf = (fields: News['fields'], standing: DeliveredFields): ReadonlySet<string> =>
  new Set(Object.entries(fields).flatMap(([name, value]) => (standing[name]?.hash === hashOf(value) ? [name] : [])))

/** Newer versions of what is there already. */
const move = ({ records, delivered, clock }: AimParts, lane: Lane, person: Person | null, row: Delivered): void => {
  const key = records.keyOf(lane.object, lane.key ?? '')
  const moved = { ...row, person: person?.id ?? null, at: clock.now() }
  lane.gain({ rows: [delivered.set(key, moved)], claims: [] })
}

/** The write as the vendor takes it, or the code that says why it does not. What was changed is noted for the receipt. */
const fitted = (entry: Entry, { fit }: DependentObject | StandaloneObject): SinkWrite | string => {
  const { write } = entry
  if (!fit) return write
  const { fields, adjustments, refusal } = fit(write.fields, write.at)
  entry.adjustments = adjustments
  return refusal ?? { ...write, fields }
}
