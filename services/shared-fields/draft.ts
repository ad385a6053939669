import type { LinkedValue, LinkPresence, MetadataLink, Settlement } from '../../schemas/generated.ts'
import type { RowOf } from '../../topology/define.ts'
import { isNewer } from './order.ts'
import type { SharedField, Side, Systems } from './plan.ts'
import type { Reading } from './reading.ts'

/** A record of one side, to be changed. */
export interface Cell {
  readonly side: Side
  readonly record: string
  since: number
  presence: LinkPresence
  joined: boolean
  readonly values: Map<string, LinkedValue>
}

export interface FieldState {
  readonly agreed: Settlement
  readonly asked: readonly Settlement[]
}

/** Settlements kept of a field at most: more values than anybody writes while one is on its way and back. Those that have arrived are not kept. */
export const settlementsKept = 32

/** A link to be changed; the row that it was made of stays as it is. */
export class Draft {
  readonly #cells: Map<string, Cell>
  readonly #states: Map<string, FieldState>
  readonly #systems: Systems

  constructor(row: RowOf<MetadataLink> | undefined, systems: Systems) {
    this.#systems = systems
    const records = row?.records ?? []
    this.#cells = new Map(records.map(one => [keyOf(one), { ...one, values: new Map(Object.entries(one.values)) }]))
    this.#states = new Map(Object.entries(row?.fields ?? {}))
  }

  /** The version of the latest settlement; 0 when there is none. */
  get latestAsked(): number {
    return Math.max(0, ...[...this.#states.values()].flatMap(({ asked }) => asked.map(({ askedAt }) => askedAt)))
  }

  /** The records that belong to the link, in one order. */
  cells(): readonly Cell[] {
    return this.#all().filter(({ presence }) => presence.here)
  }

  #all(): readonly Cell[] {
    return [...this.#cells.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  }

  /** The record that was known first, of each side that has one. */
  firstOfEachSide(): readonly Cell[] {
    const all = this.cells().toSorted((a, b) => a.since - b.since)
    return [...new Map(all.toReversed().map(cell => [cell.side, cell])).values()]
  }

  /** The record that a reading is of, made if it is new; undefined when it does not belong here, by this reading or a later one. */
  cellOf(reading: Reading): Cell | undefined {
    const { side, record, since, occurredAt, receivedAt, eventId } = reading
    const presence = { here: !reading.gone, occurredAt, receivedAt, eventId }
    const known = this.#cells.get(keyOf(reading))
    const cell = known ?? { side, record, since, presence, joined: false, values: new Map() }
    this.#cells.set(keyOf(reading), cell)
    if (cell.presence.here === reading.gone && isNewer(presence, cell.presence)) cell.presence = presence
    if (cell.presence.here) cell.since = Math.min(cell.since, since)
    else {
      cell.joined = false
      cell.values.clear()
    }
    return cell.presence.here && !reading.gone ? cell : undefined
  }

  stateOf({ name }: SharedField): FieldState | undefined {
    return this.#states.get(name)
  }

  /** Of two settlements by one event the later counts, for everybody who was told the earlier. */
  settle({ name }: SharedField, settlement: Settlement): void {
    const before = this.#states.get(name)?.asked ?? []
    const same = before.find(({ askedAt }) => askedAt === settlement.askedAt)
    const told = [...new Set([...(same?.told ?? []), ...settlement.told])].sort()
    const agreed = { ...settlement, told }
    const underWay = before.filter(one => one !== same && this.#isUnderWay(name, one))
    this.#states.set(name, { agreed, asked: [...underWay, agreed].slice(-settlementsKept) })
  }

  /** A system took what an event led to. Where it does not tell which of several records it was, nothing is known. */
  arrived({ side, record, arrival }: Reading): void {
    if (!arrival) return
    const mark = (settlement: Settlement): Settlement => {
      const { told, eventId } = settlement
      if (eventId !== arrival.eventId) return settlement
      const ofSide = told.filter(one => this.#systems.sideOf(one) === side)
      const only = ofSide.length === 1 ? ofSide[0] : undefined
      const target = record === '' ? only : this.#systems.targetOf({ side, record })
      if (target === undefined || !told.includes(target) || settlement.arrived[target] !== undefined) return settlement
      return { ...settlement, arrived: { ...settlement.arrived, [target]: arrival.at } }
    }
    for (const [name, { agreed, asked }] of this.#states)
      this.#states.set(name, { agreed: mark(agreed), asked: asked.map(mark) })
  }

  /** Whether somebody to whom it was written is not known to have it. Of a person's contacts only one is written, so it is enough that one has it. */
  #isUnderWay(name: string, { told, askedAt }: Settlement): boolean {
    const arrived = new Set(
      this.cells().flatMap(cell =>
        (cell.values.get(name)?.settled ?? 0) >= askedAt ? [this.#systems.targetOf(cell)] : [],
      ),
    )
    return told.some(target => !arrived.has(target))
  }

  row(): RowOf<MetadataLink> {
    return {
      records: this.#all().map(cell => ({ ...cell, values: inOrder(cell.values) })),
      fields: inOrder(this.#states),
    }
  }
}

const keyOf = ({ side, record }: { readonly side: Side; readonly record: string }): string => `${side} ${record}`

const inOrder = <Value>(values: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> =>
  Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
