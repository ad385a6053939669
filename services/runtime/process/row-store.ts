import { isDeepStrictEqual } from 'node:util'
import type { Table } from '../../../topology/define.ts'
import type { Appended } from '../../kafka/kafka.ts'
import type { Clock } from '../clock.ts'
import type { Codec } from '../codec.ts'
import type { PartitionView } from './tables.ts'

/** A state row as a schema has it; `revision` counts its changes and is kept here, never by a handler. */
export interface RevisedRow {
  readonly revision: number
}

/** A changed row, or null for a removed one. */
export interface RowChange {
  readonly key: string
  readonly row: RevisedRow | null
  /** Puts the former row back, for a handler that failed later on. */
  undo(): void
}

/** What is worked on is kept decoded, and memory does not grow with all that ever was: a decoded row takes several times its bytes. */
export interface DecodedBounds {
  readonly mostRows: number
  /** For how long a group is kept that nothing asks for, in milliseconds. */
  readonly unusedMs: number
}

const usualBounds: DecodedBounds = { mostRows: 10_000, unusedMs: 60_000 }

interface Group {
  readonly rows: Map<string, RevisedRow>
  usedAt: number
}

/**
 * The rows that one task owns, decoded when first asked for. Changes show at once; when their transaction fails the task is opened anew and
 * this store with it, so nothing uncommitted outlives it. Groups not asked for lately are let go once the table has them.
 */
export class RowStore {
  readonly #table: Table<unknown>
  readonly #view: PartitionView
  readonly #codec: Codec
  readonly #clock: Clock
  readonly #bounds: DecodedBounds
  /** Decoded groups, the longest unused first. */
  readonly #groups = new Map<string, Group>()
  /** Groups changed in the step under way. */
  readonly #changed = new Set<string>()
  /** Where the last change of a group lies in the topic, until the table has it. */
  readonly #appended = new Map<string, number>()
  #decodedRows = 0

  constructor(table: Table<unknown>, view: PartitionView, codec: Codec, clock: Clock, bounds = usualBounds) {
    this.#table = table
    this.#view = view
    this.#codec = codec
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Makes the groups readable; undefined when they are. */
  load(names: Iterable<string>): Promise<void> | undefined {
    const values = [...new Set(names)]
      .filter(name => !this.#groups.has(name))
      .flatMap(name => [...this.#view.group(name).values()].map(record => record.value))
    return this.#codec.prepare(values)
  }

  /** Rows of a loaded group by row key. */
  group(name: string): ReadonlyMap<string, RevisedRow> {
    const known = this.#groups.get(name)
    if (known) {
      this.#groups.delete(name)
      this.#groups.set(name, known)
      known.usedAt = this.#clock.now()
      return known.rows
    }
    const rows = new Map<string, RevisedRow>()
    for (const [key, record] of this.#view.group(name)) {
      if (record.value !== null) rows.set(key, this.#codec.decode(this.#table, record.value) as RevisedRow)
    }
    this.#groups.set(name, { rows, usedAt: this.#clock.now() })
    this.#decodedRows += rows.size
    return rows
  }

  has(group: string): boolean {
    return (this.#groups.get(group)?.rows ?? this.#view.group(group)).size > 0
  }

  /** Every group that has rows here. */
  *names(): Iterable<string> {
    for (const name of this.#view.groups()) if (!this.#groups.has(name)) yield name
    for (const [name, { rows }] of this.#groups) if (rows.size > 0) yield name
  }

  /** Takes a handler's row: nothing when it equals the present one and that is above `leastRevision`, else the row with its next revision, which is above both. */
  put(group: string, key: string, row: object | null, leastRevision = 0): RowChange | undefined {
    const rows = this.group(group) as Map<string, RevisedRow>
    const present = rows.get(key)
    this.#changed.add(group)
    const set = (value: RevisedRow | undefined): void => {
      const before = rows.size
      if (value) rows.set(key, value)
      else rows.delete(key)
      this.#decodedRows += rows.size - before
    }
    const undo = (): void => set(present)
    if (row === null) {
      set(undefined)
      return present ? { key, row: null, undo } : undefined
    }
    const revision = present?.revision ?? 0
    if (present && revision > leastRevision && isDeepStrictEqual({ ...row, revision }, present)) return undefined
    const changed = { ...row, revision: Math.max(revision, leastRevision) + 1 }
    set(changed)
    return { key, row: changed, undo }
  }

  /** Takes where the changes of the step were appended. */
  committed(appended: readonly Appended[]): void {
    const offset = Math.max(...appended.filter(({ topic }) => topic === this.#table.name).map(place => place.offset))
    if (Number.isFinite(offset)) for (const group of this.#changed) this.#appended.set(group, offset)
    this.#changed.clear()
    this.letGo()
  }

  /** Lets groups go that are not needed in memory. Not to be called during a step: its changes are nowhere else yet. */
  letGo(): void {
    const unusedSince = this.#clock.now() - this.#bounds.unusedMs
    for (const [group, { rows, usedAt }] of this.#groups) {
      const held = Math.max(this.#decodedRows, this.#groups.size)
      const isKept = held <= this.#bounds.mostRows && usedAt >= unusedSince
      // The last one is worked on, however large it is.
      if (isKept || this.#groups.size === 1 || !this.#isInTable(group)) return
      this.#groups.delete(group)
      this.#appended.delete(group)
      this.#decodedRows -= rows.size
    }
  }

  /** Rows in memory, for the test of its bound. */
  get decoded(): number {
    return this.#decodedRows
  }

  #isInTable(group: string): boolean {
    const offset = this.#appended.get(group)
    return offset === undefined || this.#view.position() > offset
  }
}
