import { isDeepStrictEqual } from 'node:util'
import type { Table } from '../../../topology/define.ts'
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

/**
 * The rows that one task owns, decoded when first asked for. Changes show at once; when their transaction fails the task is opened anew and
 * this store with it, so nothing uncommitted outlives it.
 */
export class RowStore {
  readonly #table: Table<unknown>
  readonly #view: PartitionView
  readonly #codec: Codec
  readonly #groups = new Map<string, Map<string, RevisedRow>>()

  constructor(table: Table<unknown>, view: PartitionView, codec: Codec) {
    this.#table = table
    this.#view = view
    this.#codec = codec
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
    if (known) return known
    const rows = new Map<string, RevisedRow>()
    for (const [key, record] of this.#view.group(name)) {
      if (record.value !== null) rows.set(key, this.#codec.decode(this.#table, record.value) as RevisedRow)
    }
    this.#groups.set(name, rows)
    return rows
  }

  has(group: string): boolean {
    return (this.#groups.get(group) ?? this.#view.group(group)).size > 0
  }

  /** Every group that has rows here. */
  *names(): Iterable<string> {
    for (const name of this.#view.groups()) if (!this.#groups.has(name)) yield name
    for (const [name, rows] of this.#groups) if (rows.size > 0) yield name
  }

  /** Takes a handler's row: nothing when it equals the present one, else the row with its next revision, which is above `leastRevision`. */
  put(group: string, key: string, row: object | null, leastRevision = 0): RowChange | undefined {
    const rows = this.group(group) as Map<string, RevisedRow>
    const present = rows.get(key)
    const undo = (): void => {
      if (present) rows.set(key, present)
      else rows.delete(key)
    }
    if (row === null) {
      rows.delete(key)
      return present ? { key, row: null, undo } : undefined
    }
    const revision = present?.revision ?? 0
    if (present && isDeepStrictEqual({ ...row, revision }, present)) return undefined
    const changed = { ...row, revision: Math.max(revision, leastRevision) + 1 }
    rows.set(key, changed)
    return { key, row: changed, undo }
  }
}
