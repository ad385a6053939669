import type { Table } from '../../topology/define.ts'
import type { StoredRecord } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import type { RevisedRow } from '../runtime/process/row-store.ts'
import type { Tables } from '../runtime/process/tables.ts'

/** Decoded rows kept at hand; more than any webinar has. */
const mostDecoded = 50_000

/** State rows of consumers as they are at the moment of each call, decoded. Nothing can be put here. */
export class PresentRows {
  readonly #tables: Tables
  readonly #codec: Codec
  /** By the record that the row came in: a changed row comes in another one. */
  #decoded = new WeakMap<StoredRecord, RevisedRow>()
  #count = 0

  constructor(tables: Tables, codec: Codec) {
    this.#tables = tables
    this.#codec = codec
  }

  /** Makes a group readable; undefined when it is. */
  load(table: Table<unknown>, partition: number, group: string): Promise<void> | undefined {
    return this.#codec.prepare([...this.#group(table, partition, group).values()].map(({ value }) => value))
  }

  /** Rows of a loaded group by row key. */
  group(table: Table<unknown>, partition: number, group: string): ReadonlyMap<string, RevisedRow> {
    const rows = new Map<string, RevisedRow>()
    for (const [key, record] of this.#group(table, partition, group)) {
      if (record.value !== null) rows.set(key, this.#row(table, record, record.value))
    }
    return rows
  }

  #group(table: Table<unknown>, partition: number, group: string): ReadonlyMap<string, StoredRecord> {
    return this.#tables.partition(table.name, partition).group(group)
  }

  #row(table: Table<unknown>, record: StoredRecord, value: Buffer): RevisedRow {
    const known = this.#decoded.get(record)
    if (known) return known
    const row = this.#codec.decode(table, value) as RevisedRow
    if (this.#count >= mostDecoded) {
      this.#decoded = new WeakMap()
      this.#count = 0
    }
    this.#decoded.set(record, row)
    this.#count += 1
    return row
  }
}
