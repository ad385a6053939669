import type { Delivered, SinkWrite } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { DependentObject, StandaloneObject } from '../destination.ts'
import type { AimParts, PutAim } from './aim.ts'
import { joinSets, standingValues } from './joining.ts'
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
  return { entries: [entry], fields, at, known: false, delivered: {}, outcomes: ['APPLIED'] }
}

const change = (
  parts: AimParts,
  lane: Lane,
  person: Person | null,
  row: Delivered | undefined,
  object: DependentObject | StandaloneObject,
): News | undefined => {
  const { outcomes } = parts
  const [first] = lane.entries
  if (!row && first && isWhole(object, lane, first.write.fields)) lane.apart = Math.max(lane.apart, 1)
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
    const news = isWhole(object, lane, fields) ? changedBy(writes, fields, row) : undefined
    return { entries, fields, news, at: null, known: row !== undefined, ...after }
  }
  if (joined.delivered !== standing) move(parts, lane, person, { ...row, fields: joined.delivered })
  for (const [index, entry] of entries.entries())
    outcomes.finish(entry, { outcome: joined.outcomes[index] ?? 'UNCHANGED' }, lane)
  lane.remove(entries)
  return undefined
}

const isWhole = (object: DependentObject | StandaloneObject, { key }: Lane, fields: News['fields']): boolean =>
  object.of === null && object.isWhole?.({ key: key ?? '', fields }) === true

/** Of the fields those for which any of the writes has another value than was delivered: that one may have been sent before, and its answer lost. None when nothing was delivered. */
const changedBy = (
  writes: readonly SinkWrite[],
  fields: News['fields'],
  row: Delivered | undefined,
): News['fields'] => {
  const isOther = (name: string): boolean =>
    writes.some(write => name in write.fields && row?.fields[name]?.hash !== hashOf(write.fields[name] ?? null))
  return row ? Object.fromEntries(Object.entries(fields).filter(([name]) => isOther(name))) : {}
}

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
