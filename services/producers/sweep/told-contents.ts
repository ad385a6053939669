/**
 * What was told last of each record, as two numbers: a hash of its id and one of what was told. Bounded: it holds two generations, and when the younger one has half of the
 * most, the older one is let go. (One map that loses its oldest entry with each new one would be slow: a Map passes over all that was removed at its beginning.)
 */
export class ToldContents {
  readonly #half: number
  #young = new Map<number, number>()
  #old = new Map<number, number>()

  /** @param most numbers of records that are kept; at least half of them are those told last */
  constructor(most: number) {
    this.#half = Math.ceil(most / 2)
  }

  of(id: number): number | undefined {
    return this.#young.get(id) ?? this.#old.get(id)
  }

  tell(id: number, content: number): void {
    this.#young.set(id, content)
    if (this.#young.size < this.#half) return
    this.#old = this.#young
    this.#young = new Map()
  }

  /** Numbers of records that are kept, one that is in both generations twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }
}
