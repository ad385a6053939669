import type { Identity } from '../../schemas/generated.ts'
import { type Erasures, isErasedKey } from './erasure.ts'
import { type AliasRow, isSame, personIdOf, personKey } from './rows.ts'

/** The committed rows of the identities table, by key. */
export interface RowView {
  get(key: string): Identity | undefined
}

/** The rows as a batch changes them: over the committed ones lies what the batch did so far. */
export class WorkingRows {
  readonly #committed: RowView
  readonly #erasures: Erasures
  readonly #changed = new Map<string, Identity | null>()
  /** A committed row is unpacked when it is asked for. */
  readonly #unpacked = new Map<string, Identity | undefined>()
  #revision = 0
  /** An HMAC takes longer than all else that is done with an alias. */
  readonly #keysOfErased = new Map<string, string>()

  constructor(committed: RowView, erasures: Erasures) {
    this.#committed = committed
    this.#erasures = erasures
  }

  /** Rises with each change: what did not raise it changed nothing. */
  get revision(): number {
    return this.#revision
  }

  get(key: string): Identity | undefined {
    const changed = this.#changed.get(key)
    return changed === undefined ? this.#read(key) : (changed ?? undefined)
  }

  set(key: string, row: Identity): void {
    if (isSame(this.get(key), row)) return
    this.#changed.set(key, row)
    this.#revision += 1
  }

  remove(key: string): void {
    if (this.get(key) === undefined) return
    this.#changed.set(key, null)
    this.#revision += 1
  }

  alias(alias: string): AliasRow | undefined {
    const row = this.get(alias)
    return row?.kind === 'ALIAS' ? (row as AliasRow) : undefined
  }

  person(id: string): Identity | undefined {
    const row = this.get(personKey(id))
    return row?.kind === 'PERSON' ? row : undefined
  }

  /** Ids of the persons whom the aliases lead to. */
  personsOf(aliases: Iterable<string>): ReadonlySet<string> {
    const ids = new Set<string>()
    for (const alias of aliases) {
      const id = this.alias(alias)?.person
      if (id) ids.add(id)
    }
    return ids
  }

  /** Whether anybody outside this batch may know the id. */
  isPublished(id: string): boolean {
    return this.#read(personKey(id)) !== undefined
  }

  erased(alias: string): Identity | undefined {
    return this.get(this.#keyOfErased(alias))
  }

  setErased(alias: string, row: Identity): void {
    this.set(this.#keyOfErased(alias), row)
  }

  removeErased(alias: string): void {
    this.remove(this.#keyOfErased(alias))
  }

  token(text: string): string {
    return this.#erasures.token(text)
  }

  /**
   * What differs from the committed rows, in the order in which a reader may see it one by one: persons and where merged ones went, then
   * what is erased, then aliases, and removals last. So nobody finds an alias without its person, nor misses one that is erased.
   */
  changes(): ReadonlyMap<string, Identity | null> {
    const changes: [string, Identity | null][] = []
    for (const [key, row] of this.#changed) {
      if (!isSame(row, this.#read(key) ?? null)) changes.push([key, row])
    }
    return new Map(changes.sort(([a, rowA], [b, rowB]) => rank(a, rowA) - rank(b, rowB)))
  }

  #read(key: string): Identity | undefined {
    if (!this.#unpacked.has(key)) this.#unpacked.set(key, this.#committed.get(key))
    return this.#unpacked.get(key)
  }

  #keyOfErased(alias: string): string {
    const known = this.#keysOfErased.get(alias)
    if (known !== undefined) return known
    const key = this.#erasures.keyOf(alias)
    this.#keysOfErased.set(alias, key)
    return key
  }
}

const rank = (key: string, row: Identity | null): number => {
  if (row === null) return 4
  if (personIdOf(key) !== undefined) return row.kind === 'PERSON' ? 0 : 1
  return isErasedKey(key) ? 2 : 3
}
