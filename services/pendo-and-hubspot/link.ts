import type {
  LinkedValue,
  MetadataLink,
  MetadataSide,
  Profile,
  ProfileValue,
  Settlement,
} from '../../schemas/generated.ts'
import type { RowOf } from '../../topology/define.ts'
import { type Cell, Draft, type FieldState } from './draft.ts'
import type { SyncedField } from './mapping.ts'
import { isNewer } from './order.ts'
import { beats } from './precedence.ts'
import { isTarget, mayBeTold, targetOf } from './targets.ts'

export type Link = RowOf<MetadataLink>

/** What a link is kept by. */
export interface LinkPlan {
  readonly fields: readonly SyncedField[]
  /** Of several records of one side: whether all take part (those of one person), or the first (companies that only share a domain). */
  readonly partners: 'all' | 'first'
}

/**
 * The link after a side told something. Neither vendor says of all values when they changed, reads lag, and what is written to one side comes back as an event of that side. So of
 * each record the last seen value is kept, and of each field what was settled lately and to whom it was written:
 *
 * - What is older than what was seen, and what was seen already, is no news.
 * - What was written there and is not known to have arrived is our own write that comes back, and no change either.
 * - Everything else is a change. It counts, unless something is under way to that record which it cannot have known: then both changed, and the rule decides.
 * - What does not count is written over. What counts is written to everybody else, and to the record itself while something older is under way to it.
 *
 * A value that was set back to what it was while another is under way cannot be told from a reading that lags, unless the source says that it changed.
 */
export const withProfile = (row: Link | undefined, profile: Profile, plan: LinkPlan): Link => {
  const draft = new Draft(row)
  const telling = { draft, plan, eventId: profile.eventId, now: Math.max(draft.latestAsked + 1, profile.receivedAt) }
  const cell = draft.cellOf(profile)
  for (const field of cell ? plan.fields : []) {
    const told = profile.values[field.name]
    if (told && cell?.joined) observe(telling, cell, field, told)
    else if (told && cell && isNewer(told, cell.values.get(field.name))) cell.values.set(field.name, unsettled(told))
  }
  seat(telling)
  return draft.row()
}

interface Telling {
  readonly draft: Draft
  readonly plan: LinkPlan
  readonly eventId: string
  /** The version of what is settled now. */
  readonly now: number
}

const unsettled = ({ value, occurredAt, receivedAt, eventId }: Omit<LinkedValue, 'settled'>): LinkedValue => ({
  ...{ value, occurredAt, receivedAt, eventId },
  settled: 0,
})

/** Lets those records take part that shall, and tells them what was settled without them. */
const seat = (telling: Telling): void => {
  const { draft, plan } = telling
  const seated = new Set(plan.partners === 'all' ? draft.cells() : draft.firstOfEachSide())
  for (const cell of draft.cells()) {
    const isNew = seated.has(cell) && !cell.joined
    cell.joined = seated.has(cell)
    if (isNew) join(telling, cell)
  }
}

/** What a record holds when it comes in meets what was settled. */
const join = (telling: Telling, cell: Cell): void => {
  for (const field of telling.plan.fields) {
    const held = cell.values.get(field.name)
    cell.values.delete(field.name)
    if (held) resolve(telling, cell, field, { ...held, change: false }, 0)
    else if (telling.draft.stateOf(field)) tell(telling, cell, field)
  }
}

/** Writes what was settled to a record. */
const tell = ({ draft, eventId, now }: Telling, cell: Cell, field: SyncedField): void => {
  const state = draft.stateOf(field)
  if (state && isTarget(field, cell))
    draft.settle(field, { ...state.agreed, askedAt: now, eventId, told: [targetOf(cell)] })
}

const observe = (telling: Telling, cell: Cell, field: SyncedField, told: ProfileValue): void => {
  const seen = cell.values.get(field.name)
  if (!isNewer(told, seen)) return
  const pending = pendingFor(cell, seen, telling.draft.stateOf(field))
  const ours = comesBack(pending, told)
  const isSame = seen?.value === told.value
  const isBack = told.change && pending.length > 0 && told.occurredAt > (seen?.occurredAt ?? 0)
  if (ours) cell.values.set(field.name, { ...unsettled(told), settled: ours.askedAt })
  else if (seen && isSame && !isBack) cell.values.set(field.name, { ...unsettled(told), settled: seen.settled })
  else resolve(telling, cell, field, told, seen?.settled ?? 0, pending)
}

/** A value that nobody here wrote. */
const resolve = (
  telling: Telling,
  cell: Cell,
  field: SyncedField,
  told: ProfileValue,
  settled: number,
  pending: readonly Settlement[] = [],
): void => {
  const { draft, now } = telling
  const isFirst = !cell.values.has(field.name)
  const agreed = draft.stateOf(field)?.agreed
  cell.values.set(field.name, { ...unsettled(told), settled })
  if (agreed?.value === told.value && pending.length === 0) {
    cell.values.set(field.name, { ...unsettled(told), settled: agreed.askedAt })
  } else if (agreed?.value === told.value || !counts({ field, cell, told, agreed, isFirst, pending })) {
    tell(telling, cell, field)
  } else {
    const others = draft.cells().filter(other => other !== cell && mayBeTold(field, other))
    const everyone = pending.length > 0 && isTarget(field, cell) ? [...others, cell] : others
    draft.settle(field, {
      ...{ value: told.value, at: told.occurredAt, side: cell.side, askedAt: now, eventId: telling.eventId },
      told: [...new Set(everyone.map(targetOf))].sort(),
    })
    if (pending.length === 0) cell.values.set(field.name, { ...unsettled(told), settled: now })
  }
}

const isSource = ({ direction }: SyncedField, side: MetadataSide): boolean =>
  direction === 'both' || direction === (side === 'PENDO' ? 'to-hubspot' : 'to-pendo')

/** Whether a changed value becomes what both shall hold. */
const counts = (parts: {
  readonly field: SyncedField
  readonly cell: Cell
  readonly told: ProfileValue
  readonly agreed: Settlement | undefined
  readonly isFirst: boolean
  readonly pending: readonly Settlement[]
}): boolean => {
  const { field, cell, told, agreed, isFirst, pending } = parts
  if (!isSource(field, cell.side)) return false
  // Nothing is known of a field that was always empty, so nobody is told to empty theirs.
  if (!agreed) return !isFirst || told.value !== null
  const last = pending.at(-1)
  const bothChanged = last !== undefined && (!told.change || told.occurredAt <= last.askedAt)
  if (!isFirst && !bothChanged) return true
  return beats({ value: told.value, at: told.occurredAt, side: cell.side }, agreed, field.conflict, isFirst)
}

/** What was written to the record after what it is known to hold, the oldest first. Writing what it holds anyway changes nothing there, and no vendor tells of it. */
const pendingFor = (
  cell: Cell,
  seen: LinkedValue | undefined,
  state: FieldState | undefined,
): readonly Settlement[] => {
  const written = state?.asked.filter(
    ({ askedAt, told }) => askedAt > (seen?.settled ?? 0) && told.includes(targetOf(cell)),
  )
  const first = written?.findIndex(({ value }) => !seen || value !== seen.value) ?? -1
  return first < 0 ? [] : (written?.slice(first) ?? [])
}

/** The write that a told value is: the latest that was asked for before, else the first, since the clocks of the vendors are not ours. */
const comesBack = (pending: readonly Settlement[], told: ProfileValue): Settlement | undefined => {
  const same = pending.filter(({ value }) => value === told.value)
  return same.findLast(({ askedAt }) => askedAt <= told.occurredAt) ?? same[0]
}
