import type { LinkedValue, MetadataLink, Settlement } from '../../schemas/generated.ts'
import type { RowOf } from '../../topology/define.ts'
import { type Cell, Draft, type FieldState } from './draft.ts'
import { isNewer } from './order.ts'
import { isSource, isTarget, type LinkPlan, mayBeTold, type SharedField, type Value } from './plan.ts'
import { beats } from './precedence.ts'
import type { Reading, ToldValue } from './reading.ts'

export type Link = RowOf<MetadataLink>

/**
 * The link after a side told something. No vendor says of all values when they changed, reads lag, and what is written to one side comes back as an event of that side. So of
 * each record the last seen value is kept, and of each field what was settled lately and to whom it was written:
 *
 * - What is older than what was seen, and what was seen already, is no news.
 * - What was written there and is not known to have arrived is our own write that comes back, and no change either.
 * - Everything else is a change. It counts, unless something is under way to that record which it cannot have known: then both changed, and the rule decides.
 * - What does not count is written over. What counts is written to everybody else, and to the record itself while something older is under way to it.
 *
 * A value that was set back to what it was while another is under way cannot be told from a reading that lags, unless the source says that it changed, or the vendor had taken the other
 * one before (a receipt).
 */
export const withReading = (row: Link | undefined, reading: Reading, plan: LinkPlan): Link => {
  const draft = new Draft(row, plan.systems)
  if (reading.arrival) {
    draft.arrived(reading)
    return draft.row()
  }
  const telling = { draft, plan, eventId: reading.eventId, now: Math.max(draft.latestAsked + 1, reading.receivedAt) }
  const cell = draft.cellOf(reading)
  for (const field of cell ? plan.fields : []) {
    const told = reading.values[field.name]
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
const tell = ({ draft, plan: { systems }, eventId, now }: Telling, cell: Cell, field: SharedField): void => {
  const state = draft.stateOf(field)
  if (state && isTarget(systems, field, cell))
    draft.settle(field, { ...state.agreed, askedAt: now, eventId, told: [systems.targetOf(cell)], arrived: {} })
}

const observe = (telling: Telling, cell: Cell, field: SharedField, read: ToldValue): void => {
  const seen = cell.values.get(field.name)
  if (!isNewer(read, seen)) return
  const { plan, draft } = telling
  const state = draft.stateOf(field)
  const told = { ...read, value: asWritten(plan, cell, field, { read, seen, state }) }
  const { held, pending } = standing(plan, cell, field, { seen, told, state })
  const isBack = told.change && pending.length > 0 && told.occurredAt > (held?.occurredAt ?? 0)
  const isSame = held?.value === told.value && !isBack
  const made = madeOf(pending, told, held)
  if (held) cell.values.set(field.name, held)
  if (made) cell.values.set(field.name, { ...unsettled(told), settled: made.askedAt })
  else if (isSame || told.ours === 'surely')
    cell.values.set(field.name, { ...unsettled(told), settled: held?.settled ?? 0 })
  else resolve(telling, cell, field, told, held?.settled ?? 0, pending)
}

/** What was written to a record that cannot hold every value is told by it in another spelling: it counts as the value that was written. */
const asWritten = (
  { systems }: LinkPlan,
  { side }: Cell,
  field: SharedField,
  known: { readonly read: ToldValue; readonly seen: LinkedValue | undefined; readonly state: FieldState | undefined },
): Value => {
  const { read, seen, state } = known
  if (!systems.heldAs) return read.value
  const written = [...(state?.asked ?? []).map(({ value }) => value).reverse(), ...(seen ? [seen.value] : [])]
  const same = written.find(value => systems.heldAs?.(field, side, value) === read.value)
  return same === undefined ? read.value : same
}

/** A value that nobody here wrote. */
const resolve = (
  telling: Telling,
  cell: Cell,
  field: SharedField,
  told: ToldValue,
  settled: number,
  pending: readonly Settlement[] = [],
): void => {
  const { draft, now } = telling
  const { systems } = telling.plan
  const isFirst = !cell.values.has(field.name)
  const agreed = draft.stateOf(field)?.agreed
  cell.values.set(field.name, { ...unsettled(told), settled })
  if (agreed?.value === told.value && pending.length === 0) {
    cell.values.set(field.name, { ...unsettled(told), settled: agreed.askedAt })
  } else if (agreed?.value === told.value || !counts({ field, cell, told, agreed, isFirst, pending })) {
    tell(telling, cell, field)
  } else {
    const others = draft.cells().filter(other => other !== cell && mayBeTold(systems, field, other))
    const everyone = pending.length > 0 && isTarget(systems, field, cell) ? [...others, cell] : others
    draft.settle(field, {
      ...{ value: told.value, at: told.occurredAt, side: cell.side, askedAt: now, eventId: telling.eventId },
      told: [...new Set(everyone.map(one => systems.targetOf(one)))].sort(),
      arrived: {},
    })
    if (pending.length === 0) cell.values.set(field.name, { ...unsettled(told), settled: now })
  }
}

/** Whether a changed value becomes what both shall hold. */
const counts = (parts: {
  readonly field: SharedField
  readonly cell: Cell
  readonly told: ToldValue
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

/** Within it a vendor that took a write shows it; and the clocks of vendors may differ from ours. */
const showsWithinMs = 5 * 60_000

/**
 * What the record held when a value was told of it, and what was under way to it, the oldest first. What a vendor had taken before it says that the record changed, was there then. Writing what
 * it holds anyway changes nothing there, and no vendor tells of it.
 */
const standing = (
  { systems }: LinkPlan,
  cell: Cell,
  field: SharedField,
  known: {
    readonly seen: LinkedValue | undefined
    readonly told: ToldValue
    readonly state: FieldState | undefined
  },
): { readonly held: LinkedValue | undefined; readonly pending: readonly Settlement[] } => {
  const { seen, told, state } = known
  const target = systems.targetOf(cell)
  const heldAs = (value: Value): Value => systems.heldAs?.(field, cell.side, value) ?? value
  const written = (state?.asked ?? []).filter(one => one.askedAt > (seen?.settled ?? 0) && one.told.includes(target))
  // A source that does not say when the record changed has the time of the receipt.
  const isTimed = told.occurredAt < told.receivedAt
  const there = written.findLastIndex(
    ({ arrived }) => isTimed && (arrived[target] ?? Number.POSITIVE_INFINITY) + showsWithinMs < told.occurredAt,
  )
  const last = written[there]
  const held = last ? { ...(seen ?? unsettled(told)), value: last.value, settled: last.askedAt } : seen
  const rest = written.slice(there + 1)
  const first = rest.findIndex(({ value }) => !held || heldAs(value) !== heldAs(held.value))
  return { held, pending: first < 0 ? [] : rest.slice(first) }
}

/** The write that a told value is what the record made of. */
const madeOf = (
  pending: readonly Settlement[],
  told: ToldValue,
  held: LinkedValue | undefined,
): Settlement | undefined => {
  const last = pending.at(-1)
  const isSame = held?.value === told.value
  // The side tells of this very value when it changed, and that is what was known before.
  if (isSame && told.change && told.ours !== undefined && told.occurredAt === held.occurredAt) return undefined
  if (told.ours === 'no') return last?.value === told.value ? last : undefined
  const back = comesBack(pending, told)
  if (back || told.ours === undefined || (told.ours === 'perhaps' && isSame)) return back
  return askedBefore(pending, told)
}

/** The write that is of the same value: the latest that was asked for before, else the first, since the clocks of the vendors are not ours. */
const comesBack = (pending: readonly Settlement[], told: ToldValue): Settlement | undefined =>
  askedBefore(
    pending.filter(({ value }) => value === told.value),
    told,
  )

const askedBefore = (pending: readonly Settlement[], { occurredAt }: ToldValue): Settlement | undefined =>
  pending.findLast(({ askedAt }) => askedAt <= occurredAt) ?? pending[0]
