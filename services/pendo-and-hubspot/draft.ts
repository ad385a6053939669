import type {
  LinkedValue,
  LinkPresence,
  MetadataLink,
  MetadataSide,
  Profile,
  Settlement,
} from '../../schemas/generated.ts'
import type { RowOf } from '../../topology/define.ts'
import type { SyncedField } from './mapping.ts'
import { isNewer } from './order.ts'
import { targetOf, visitorOf } from './targets.ts'

/** A record of one side, to be changed. */
export interface Cell {
  readonly side: MetadataSide
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

  constructor(row: RowOf<MetadataLink> | undefined) {
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
    return (['HUBSPOT', 'PENDO'] as const).flatMap(side => all.find(cell => cell.side === side) ?? [])
  }

  /** The record that a profile is of, made if it is new; undefined when it does not belong here, by this profile or a later one. */
  cellOf(profile: Profile): Cell | undefined {
    const { side, record, since, occurredAt, receivedAt, eventId } = profile
    const presence = { here: !profile.gone, occurredAt, receivedAt, eventId }
    const known = this.#cells.get(keyOf(profile))
    const cell = known ?? { side, record, since, presence, joined: false, values: new Map() }
    this.#cells.set(keyOf(profile), cell)
    if (cell.presence.here === profile.gone && isNewer(presence, cell.presence)) cell.presence = presence
    if (cell.presence.here) cell.since = Math.min(cell.since, since)
    else {
      cell.joined = false
      cell.values.clear()
    }
    return cell.presence.here && !profile.gone ? cell : undefined
  }

  stateOf({ name }: SyncedField): FieldState | undefined {
    return this.#states.get(name)
  }

  /** Of two settlements by one event the later counts, for everybody who was told the earlier. */
  settle({ name }: SyncedField, settlement: Settlement): void {
    const before = this.#states.get(name)?.asked ?? []
    const same = before.find(({ askedAt }) => askedAt === settlement.askedAt)
    const told = [...new Set([...(same?.told ?? []), ...settlement.told])].sort()
    const agreed = { ...settlement, told }
    const underWay = before.filter(one => one !== same && this.#isUnderWay(name, one))
    this.#states.set(name, { agreed, asked: [...underWay, agreed].slice(-settlementsKept) })
  }

  /** A vendor took what an event led to. Of a person's visitors a receipt does not tell which it was, so with several nothing is known. */
  arrived({ side, record, arrival }: Profile): void {
    if (!arrival) return
    const mark = (settlement: Settlement): Settlement => {
      const { told, eventId } = settlement
      if (eventId !== arrival.eventId) return settlement
      const ofSide = told.filter(target => (visitorOf(target) === undefined) === (side === 'HUBSPOT'))
      const target =
        side === 'PENDO' && record !== '' ? targetOf({ side, record }) : ofSide.length === 1 ? ofSide[0] : ''
      if (target === undefined || !told.includes(target) || settlement.arrived[target] !== undefined) return settlement
      return { ...settlement, arrived: { ...settlement.arrived, [target]: arrival.at } }
    }
    for (const [name, { agreed, asked }] of this.#states)
      this.#states.set(name, { agreed: mark(agreed), asked: asked.map(mark) })
  }

  /** Whether somebody to whom it was written is not known to have it. Of a person's contacts only one is written, so it is enough that one has it. */
  #isUnderWay(name: string, { told, askedAt }: Settlement): boolean {
    const arrived = new Set(
      this.cells().flatMap(cell => ((cell.values.get(name)?.settled ?? 0) >= askedAt ? [targetOf(cell)] : [])),
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

const keyOf = ({ side, record }: { readonly side: MetadataSide; readonly record: string }): string =>
  `${side} ${record}`

const inOrder = <Value>(values: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> =>
  Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
