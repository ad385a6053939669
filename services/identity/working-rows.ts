import type { Identity } from '../../schemas/generated.ts'
import { type Erasures, isErasedKey } from './erasure.ts'
import { type AliasRow, personIdOf, personKey, sameRow } from './rows.ts'

/** The committed rows of the identities table, by key. */
export interface RowView {
  get(key: string): Identity | undefined
}

/** The rows as a batch changes them: over the committed ones lies what the batch did so far. */
export class WorkingRows {
  readonly #committed: RowView
  readonly #erasures: Erasures
  readonly #changed = new Map<string, Identity | undefined>()
  /** An HMAC takes longer than all else that is done with an alias. */
  readonly #keysOfErased = new Map<string, string>()

  constructor(committed: RowView, erasures: Erasures) {
    this.#committed = committed
    this.#erasures = erasures
  }

  get(key: string): Identity | undefined {
    return this.#changed.has(key) ? this.#changed.get(key) : this.#committed.get(key)
  }

  set(key: string, row: Identity): void {
    this.#changed.set(key, row)
  }

  remove(key: string): void {
    this.#changed.set(key, undefined)
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
    return this.#committed.get(personKey(id)) !== undefined
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
   * What differs from the committed rows, in the order in which a reader may see it one by one: persons and where merged ones went, then what is
   * erased, then aliases, and removals last. So nobody finds an alias without its person, nor misses one that is erased.
   */
  changes(): ReadonlyMap<string, Identity | null> {
    const changes: [string, Identity | null][] = []
    for (const [key, row] of this.#changed) {
      if (!sameRow(row, this.#committed.get(key))) changes.push([key, row ?? null])
    }
    return new Map(changes.sort(([a, rowA], [b, rowB]) => rank(a, rowA) - rank(b, rowB)))
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
