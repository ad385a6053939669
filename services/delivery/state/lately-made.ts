import { hash } from 'node:crypto'

/** 66 bits: two of a million keys are the same by chance once in a hundred million times. */
const hashCharacters = 11

/**
 * The keys of what was made lately, in two generations: when the younger one is full the older one is forgotten. In memory only, and bounded: for what is made by
 * the million, and of which the vendor drops a repetition anyway.
 */
export class LatelyMade {
  readonly #perGeneration: number
  #younger = new Set<string>()
  #older = new Set<string>()

  /** @param most keys remembered; at least half of them are the latest */
  constructor(most = 200_000) {
    this.#perGeneration = Math.max(1, Math.floor(most / 2))
  }

  add(key: string): void {
    this.#younger.add(shortOf(key))
    if (this.#younger.size < this.#perGeneration) return
    this.#older = this.#younger
    this.#younger = new Set()
  }

  has(key: string): boolean {
    const short = shortOf(key)
    return this.#younger.has(short) || this.#older.has(short)
  }

  get size(): number {
    return this.#younger.size + this.#older.size
  }
}

const shortOf = (key: string): string => hash('sha256', key, 'base64url').slice(0, hashCharacters)
