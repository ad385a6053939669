import type { Clock } from '../runtime/clock.ts'
import { type Journal, type JournalLine, openJournal, readJournal } from './journal.ts'

/** A change that the emulated vendor applied, as `GET /_sandbox/writes` shows it. */
export interface AppliedWrite {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Object type in the vendor's own word, for example `contacts`. */
  readonly object: string
  readonly id: string
  /** For example `create`, `update`, `delete`, `merge`. */
  readonly operation: string
  /** The properties that the caller wrote, not the whole record. */
  readonly properties: Readonly<Record<string, unknown>>
}

/** Rows by id. A row is never changed in place: `set` a new one. */
export interface Table<Row extends object> {
  get(id: string): Row | undefined
  has(id: string): boolean
  set(id: string, row: Row): void
  delete(id: string): void
  values(): IterableIterator<Row>
  entries(): IterableIterator<[string, Row]>
  readonly size: number
}

/** What an emulated vendor keeps: tables of rows, and the log of the writes it applied. */
export interface Store {
  /** The table of this name; the same one at every call. */
  table<Row extends object>(name: string): Table<Row>
  /** Records that a write took effect. */
  applied(write: Omit<AppliedWrite, 'at'>): void
  /** The applied writes, oldest first, and how many older ones were dropped to bound the memory. */
  writes(): { readonly kept: readonly AppliedWrite[]; readonly dropped: number }
  /** Empties all. */
  clear(): void
  /** Writes pending changes to the journal. The server calls it before each answer leaves; other code need not. */
  flush(): void
  /** Calls `listener` after each change; returns the function that ends it. */
  onChange(listener: () => void): () => void
  close(): void
}

const KEPT_WRITES = 100_000
const COMPACT_AFTER_BYTES = 64 * 1024 * 1024
const ROWS_PER_LINE = 500

/** A store that survives the death of the process when it has a journal file, and lives in memory only when not. */
export const openStore = (options: { vendor: string; clock: Clock; journalFile?: string | undefined }): Store => {
  const tables = new Map<string, Map<string, object>>()
  const writeLog = boundedLog()
  const rowsOf = (name: string): Map<string, object> => {
    const rows = tables.get(name) ?? new Map<string, object>()
    tables.set(name, rows)
    return rows
  }
  const journal = restore(options, rowsOf, tables, writeLog)
  const listeners = new Set<() => void>()
  let pending = emptyStep()
  let scheduled = false

  const flush = (): void => {
    if (isEmpty(pending)) return
    journal?.append(pending)
    pending = emptyStep()
    if (journal && journal.appendedBytes() > COMPACT_AFTER_BYTES) journal.rewrite(snapshot(tables, writeLog))
    for (const listener of listeners) listener()
  }
  /** A step is what runs without waiting: a request's changes reach the journal as one line. */
  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    queueMicrotask(() => {
      scheduled = false
      flush()
    })
  }
  const changed = (name: string, id: string, row: object | null): void => {
    pending.rows.push([name, id, row])
    schedule()
  }

  return {
    table: <Row extends object>(name: string) => tableOver<Row>(() => rowsOf(name), changed.bind(null, name)),
    applied: write => {
      const entry = { at: options.clock.now(), ...write }
      writeLog.push(entry)
      pending.writes.push(entry)
      schedule()
    },
    writes: writeLog.read,
    clear: () => {
      flush()
      tables.clear()
      writeLog.clear()
      journal?.append({ cleared: true })
      for (const listener of listeners) listener()
    },
    flush,
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      flush()
      journal?.close()
    },
  }
}

interface Step {
  rows: [string, string, object | null][]
  writes: AppliedWrite[]
}

const emptyStep = (): Step => ({ rows: [], writes: [] })
const isEmpty = (step: Step): boolean => step.rows.length + step.writes.length === 0

const tableOver = <Row extends object>(
  rows: () => Map<string, object>,
  changed: (id: string, row: object | null) => void,
): Table<Row> => ({
  get: id => rows().get(id) as Row | undefined,
  has: id => rows().has(id),
  set: (id, row) => {
    rows().set(id, row)
    changed(id, row)
  },
  delete: id => {
    if (rows().delete(id)) changed(id, null)
  },
  values: () => rows().values() as IterableIterator<Row>,
  entries: () => rows().entries() as IterableIterator<[string, Row]>,
  get size() {
    return rows().size
  },
})

interface WriteLog {
  push(write: AppliedWrite): void
  read(): { kept: AppliedWrite[]; dropped: number }
  clear(): void
}

const boundedLog = (): WriteLog => {
  let kept: AppliedWrite[] = []
  let dropped = 0
  const trim = (): void => {
    const excess = kept.length - KEPT_WRITES
    if (excess <= 0) return
    kept = kept.slice(excess)
    dropped += excess
  }
  return {
    push: write => {
      kept.push(write)
      if (kept.length > KEPT_WRITES * 1.2) trim()
    },
    read: () => {
      trim()
      return { kept, dropped }
    },
    clear: () => {
      kept = []
      dropped = 0
    },
  }
}

const restore = (
  { journalFile, vendor }: { journalFile?: string | undefined; vendor: string },
  rowsOf: (name: string) => Map<string, object>,
  tables: Map<string, Map<string, object>>,
  writeLog: WriteLog,
): Journal | undefined => {
  if (journalFile === undefined) return undefined
  for (const line of readJournal(journalFile, vendor)) {
    if (line.cleared) {
      tables.clear()
      writeLog.clear()
    }
    for (const [name, id, row] of line.rows ?? []) {
      if (row === null) rowsOf(name).delete(id)
      else rowsOf(name).set(id, row)
    }
    for (const write of line.writes ?? []) writeLog.push(write as AppliedWrite)
  }
  const journal = openJournal(journalFile, vendor)
  journal.rewrite(snapshot(tables, writeLog))
  return journal
}

function* snapshot(tables: Map<string, Map<string, object>>, writeLog: WriteLog): Generator<JournalLine> {
  for (const [name, rows] of tables) {
    for (const chunk of chunks([...rows])) yield { rows: chunk.map(([id, row]) => [name, id, row] as const) }
  }
  for (const chunk of chunks(writeLog.read().kept)) yield { writes: chunk }
}

function* chunks<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += ROWS_PER_LINE) yield items.slice(start, start + ROWS_PER_LINE)
}
