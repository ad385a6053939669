import type { Identity } from '../../schemas/generated.ts'
import type { FieldValue, Person } from '../../topology/define.ts'
import { createErasures, isErased, isErasedKey } from './erasure.ts'
import { personIdOf } from './rows.ts'

/** What the identities table says of an alias. */
export type Lookup =
  | { readonly status: 'known'; readonly person: Person }
  | { readonly status: 'missing' }
  | { readonly status: 'erased' }

/** The identities table in memory, as consumers and sinks see it. */
export interface IdentityDirectory {
  /**
   * By alias, or by `person:<id>`; follows merges.
   * @param happenedAt of an event, in milliseconds since the epoch: what happened before an erasure was lifted stays forgotten, whenever it is told and whoever
   *   has the alias now, as the claim of the event does
   */
  find(alias: string, happenedAt?: number): Lookup
  /** Calls the listener after each row of the table was applied, with its key. Returns the way to stop. */
  onChange(listener: (key: string) => void): () => void
  size(): { readonly persons: number; readonly aliases: number; readonly erased: number }
}

export interface WritableDirectory extends IdentityDirectory {
  /** Takes a row as it lies in the topic, in offset order; null is a tombstone. */
  apply(key: string, row: Identity | null): void
}

export const createDirectory = (erasureSecret: string): WritableDirectory => new Directory(erasureSecret)

const missing: Lookup = { status: 'missing' }
const erased: Lookup = { status: 'erased' }
const noAttributes: Person['attributes'] = Object.freeze({})

/**
 * Aliases are indexed from PERSON rows, so that an alias is one string in memory and a merge or split is seen whole with its PERSON rows.
 * The row of an alias only says that it is there or gone.
 */
class Directory implements WritableDirectory {
  readonly #keyOfErased: (alias: string) => string
  /** By id: the person, or the id of the survivor. */
  readonly #persons = new Map<string, Person | string>()
  readonly #byAlias = new Map<string, Person>()
  readonly #erased = new Set<string>()
  /** When the erasure was lifted, by the key of the alias. */
  readonly #lifted = new Map<string, number>()
  readonly #listeners = new Set<(key: string) => void>()
  #merged = 0

  constructor(erasureSecret: string) {
    this.#keyOfErased = createErasures(erasureSecret).keyOf
  }

  find(alias: string, happenedAt = Number.POSITIVE_INFINITY): Lookup {
    if (this.#lifted.size > 0 && happenedAt <= this.#liftedAt(alias)) return erased
    const id = personIdOf(alias)
    const person = id === undefined ? this.#byAlias.get(alias) : this.#follow(id)
    if (person) return { status: 'known', person }
    return this.#erased.size > 0 && this.#erased.has(this.#keyOfErased(alias)) ? erased : missing
  }

  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  apply(key: string, row: Identity | null): void {
    const id = personIdOf(key)
    if (id !== undefined) this.#applyPerson(id, row)
    else if (isErasedKey(key)) this.#applyErased(key, row)
    else this.#applyAlias(key, row)
    for (const listener of [...this.#listeners]) listener(key)
  }

  size(): { persons: number; aliases: number; erased: number } {
    return { persons: this.#persons.size - this.#merged, aliases: this.#byAlias.size, erased: this.#erased.size }
  }

  /** The resolver lets every MERGED row point to a person; a longer way is a half-seen transaction, and a circle would be a foreign row. */
  #follow(id: string): Person | undefined {
    let found = this.#persons.get(id)
    for (let steps = 0; typeof found === 'string' && steps < 8; steps++) found = this.#persons.get(found)
    return typeof found === 'string' ? undefined : found
  }

  #liftedAt(alias: string): number {
    return this.#lifted.get(this.#keyOfErased(alias)) ?? Number.NEGATIVE_INFINITY
  }

  #applyPerson(id: string, row: Identity | null): void {
    const former = this.#persons.get(id)
    if (typeof former === 'string') this.#merged -= 1
    this.#persons.delete(id)
    if (row?.kind === 'PERSON') {
      const person = personOf(id, row)
      this.#persons.set(id, person)
      for (const alias of person.aliases) this.#byAlias.set(alias, person)
    } else if (row?.kind === 'MERGED' && row.person !== null) {
      this.#persons.set(id, row.person)
      this.#merged += 1
    }
    if (typeof former === 'object') this.#leave(former)
  }

  /** Forgets the aliases that no newer person took. */
  #leave(former: Person): void {
    for (const alias of former.aliases) if (this.#byAlias.get(alias) === former) this.#byAlias.delete(alias)
  }

  #applyErased(key: string, row: Identity | null): void {
    if (row && isErased(row)) this.#erased.add(key)
    else this.#erased.delete(key)
    if (row && row.lifted !== null && !isErased(row)) this.#lifted.set(key, row.lifted)
    else this.#lifted.delete(key)
  }

  #applyAlias(alias: string, row: Identity | null): void {
    if (row === null) this.#byAlias.delete(alias)
    else if (!this.#byAlias.has(alias) && row.person !== null) {
      const person = this.#persons.get(row.person)
      if (typeof person === 'object' && person.aliases.includes(alias)) this.#byAlias.set(alias, person)
    }
  }
}

const personOf = (id: string, row: Identity): Person => {
  const attributes = Object.entries(row.attributes)
  return {
    id,
    aliases: row.aliases,
    emails: row.aliases.filter(alias => alias.startsWith('email:')).map(alias => alias.slice('email:'.length)),
    attributes: attributes.length === 0 ? noAttributes : values(attributes),
  }
}

const values = (attributes: readonly [string, { readonly value: FieldValue }][]): Person['attributes'] =>
  Object.fromEntries(attributes.map(([name, { value }]) => [name, value]))
