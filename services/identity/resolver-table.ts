import { setImmediate } from 'node:timers/promises'
import type { Identity, IdentityKind } from '../../schemas/generated.ts'
import { isWeak } from './aliases.ts'
import { type Erasures, isErased, isErasedKey } from './erasure.ts'
import { pack, personKey, unpack } from './rows.ts'
import type { RowView } from './working-rows.ts'

const rowsPerTurn = 10_000

/**
 * The identities table as the resolver needs it: every row whole, and what others removed from it. Only rows that lie in the topic are
 * here. A row that somebody else removed stays, because who is to be forgotten can only be told from it.
 */
export class ResolverTable implements RowView {
  readonly #erasures: Erasures
  readonly #onRemoved: () => void
  readonly #rows = new Map<string, string>()
  readonly #removed = new Set<string>()
  readonly #counts: Record<IdentityKind, number> = { ALIAS: 0, PERSON: 0, MERGED: 0, ERASED: 0 }

  /** @param onRemoved called when a row was removed that no erasure of the resolver's removed */
  constructor(erasures: Erasures, onRemoved: () => void) {
    this.#erasures = erasures
    this.#onRemoved = onRemoved
  }

  get(key: string): Identity | undefined {
    const packed = this.#rows.get(key)
    return packed === undefined ? undefined : unpack(packed)
  }

  counts(): Readonly<Record<IdentityKind, number>> {
    return this.#counts
  }

  apply(key: string, row: Identity | null): void {
    if (row) this.#put(key, row)
    else if (this.#rows.has(key)) this.#remove(key)
  }

  /**
   * What others removed without an erasure, also while no resolver ran and the tombstones themselves are gone: by key, what an ERASE claim
   * must name to forget the person. A look at every row, with pauses for others, so only for the opening of a task; later `removed` is
   * enough.
   */
  async gaps(): Promise<ReadonlyMap<string, readonly string[]>> {
    const gaps = new Map<string, string[]>(this.removed())
    let looked = 0
    for (const [key, packed] of this.#rows) {
      if (++looked % rowsPerTurn === 0) await setImmediate()
      const row = unpack(packed)
      if (row.kind === 'ALIAS' && this.#kindOf(personKey(row.person ?? '')) !== 'PERSON') {
        const person = personKey(row.person ?? '')
        gaps.set(person, [...(gaps.get(person) ?? [person]), key])
      } else if (row.kind === 'PERSON') {
        for (const alias of row.aliases) if (!this.#rows.has(alias)) gaps.set(alias, this.#aliasesOf(alias, row))
      }
    }
    return gaps
  }

  /** What others removed since the table was read, as `gaps` has it. */
  removed(): ReadonlyMap<string, string[]> {
    for (const key of this.#removed) if (this.#isErased(key)) this.#drop(key)
    return new Map([...this.#removed].map(key => [key, this.aliasesBehind(key)]))
  }

  /** What an ERASE claim must name to forget whoever is behind an alias or `person:<id>` now. */
  aliasesBehind(key: string): string[] {
    return this.#aliasesOf(key, this.#personBehind(key))
  }

  #put(key: string, row: Identity): void {
    const known = this.get(key)
    if (known) this.#counts[known.kind] -= 1
    this.#counts[row.kind] += 1
    this.#rows.set(key, pack(row))
  }

  /** An erasure's own removals come after its ERASED rows. */
  #remove(key: string): void {
    if (isErasedKey(key) || this.#isErased(key)) this.#drop(key)
    else {
      this.#removed.add(key)
      this.#onRemoved()
    }
  }

  #drop(key: string): void {
    const known = this.get(key)
    if (known) this.#counts[known.kind] -= 1
    this.#rows.delete(key)
    this.#removed.delete(key)
  }

  #isErased(key: string): boolean {
    const row = this.get(this.#erasures.keyOf(key))
    return row !== undefined && isErased(row)
  }

  #kindOf(key: string): IdentityKind | undefined {
    return this.get(key)?.kind
  }

  #personBehind(key: string): Identity | undefined {
    const row = this.get(key)
    return row?.kind === 'PERSON' ? row : this.get(personKey(row?.person ?? ''))
  }

  #aliasesOf(key: string, person: Identity | undefined): string[] {
    if (!person) return [key]
    const strong = person.aliases.filter(alias => !isWeak(alias))
    return [...new Set([key, personKey(person.person ?? ''), ...strong])]
  }
}
