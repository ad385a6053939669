import { isDeepStrictEqual } from 'node:util'
import type { Attendance } from '../../../schemas/generated.ts'
import type { RowOf } from '../../../topology/define.ts'
import { rowKey } from '../keys.ts'

type Row = RowOf<Attendance>
type Rows = ReadonlyMap<string, Attendance>

/** The rows of one webinar number with the changes made by one event. Rows that end as they were are not changed. */
export class RowChanges {
  readonly #rows: Rows
  readonly #changed = new Map<string, Row>()

  constructor(rows: Rows) {
    this.#rows = rows
  }

  get(key: string): Row | undefined {
    return this.#changed.get(key) ?? this.#rows.get(key)
  }

  update(key: string, change: (row: Row) => Row): void {
    const before = this.#rows.get(key)
    const { revision: _, ...present } = before ?? { revision: 0, ...emptyRow }
    const after = change(this.#changed.get(key) ?? present)
    if (before && isDeepStrictEqual(after, present)) this.#changed.delete(key)
    else this.#changed.set(key, after)
  }

  /** What the row's revision is once the changes are kept. */
  revision(key: string): number {
    return (this.#rows.get(key)?.revision ?? 0) + (this.#changed.has(key) ? 1 : 0)
  }

  /** Row keys of the webinar's participants. */
  participantsOf(webinar: string): string[] {
    const prefix = rowKey(webinar)
    const added = [...this.#changed.keys()].filter(key => !this.#rows.has(key))
    return [...this.#rows.keys(), ...added].filter(key => key.startsWith(prefix) && key.length > prefix.length)
  }

  changed(): ReadonlyMap<string, Row> {
    return this.#changed
  }
}

const emptyRow: Row = { occurrences: [], webinar: null, participant: null }
