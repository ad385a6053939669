import type { IdentityClaim } from '../../schemas/generated.ts'

interface Forgotten {
  readonly erasedAt: number | null
  readonly liftedAt: number | null
}

/** Who is who at one moment, as pairs and sets, without regard to speed. */
export interface Moment {
  /** By alias: all aliases of the person, the earliest claimed first. */
  readonly persons: ReadonlyMap<string, readonly string[]>
  /** By alias: what the person's id is made of. */
  readonly ids: ReadonlyMap<string, string>
  /** Aliases that are erased and not lifted. */
  readonly erased: ReadonlySet<string>
  /** When the erasure of an alias was lifted, of those that are not erased again. */
  readonly lifted: ReadonlyMap<string, number>
}

/**
 * Who is who after each claim, told anew from design.md (Resolver, Erase): strong aliases of a claim are one person, APART vetoes a pair, ERASE forgets everybody
 * who is one with the alias and keeps forgetting whoever turns out to be, LIFT lets later claims name an alias again.
 */
export class WhoIsWho {
  readonly #claimedAt = new Map<string, number>()
  readonly #pairs = new Map<string, readonly [string, string]>()
  readonly #vetoed = new Set<string>()
  readonly #forgotten = new Map<string, Forgotten>()

  take({ kind, aliases, time }: IdentityClaim): void {
    if (kind === 'ERASE') for (const alias of aliases) this.#erase(alias, time)
    else if (kind === 'LIFT') for (const alias of aliases) this.#lift(alias, time)
    else if (kind === 'APART') this.#tellApart(aliases, time)
    else this.#seen(aliases, time)
  }

  now(): Moment {
    const persons = new Map<string, readonly string[]>()
    const ids = new Map<string, string>()
    for (const alias of this.#claimedAt.keys()) {
      if (persons.has(alias)) continue
      const person = this.#personOf(alias)
      const [first = ''] = person
      for (const each of person) {
        persons.set(each, person)
        ids.set(each, `${this.#claimedAt.get(first)} ${first}`)
      }
    }
    const erased = [...this.#forgotten].flatMap(([alias, { liftedAt }]) => (liftedAt === null ? [alias] : []))
    const lifted = [...this.#forgotten].flatMap(([alias, { liftedAt }]): [string, number][] =>
      liftedAt === null ? [] : [[alias, liftedAt]],
    )
    return { persons, ids, erased: new Set(erased), lifted: new Map(lifted) }
  }

  #seen([first, ...others]: readonly string[], time: number): void {
    if (first === undefined) return
    const linked = others.filter(other => !this.#vetoed.has(pair(first, other)))
    const together = [first, ...linked]
    if (together.some(alias => this.#isForgotten(alias, time))) {
      for (const alias of together) if (!this.#isForgotten(alias, time)) this.#forget(alias)
    } else {
      for (const alias of together) this.#name(alias, time)
      for (const other of linked) this.#pairs.set(pair(first, other), [first, other])
    }
    for (const alias of others) if (!linked.includes(alias) && !this.#isForgotten(alias, time)) this.#name(alias, time)
  }

  #tellApart([a = '', b = '']: readonly string[], time: number): void {
    for (const alias of [a, b]) if (!this.#isForgotten(alias, time)) this.#name(alias, time)
    this.#vetoed.add(pair(a, b))
    this.#pairs.delete(pair(a, b))
  }

  #erase(alias: string, time: number): void {
    const known = this.#forgotten.get(alias)
    const erasedAt = Math.max(known?.erasedAt ?? time, time)
    if (known && known.liftedAt !== null && time <= known.liftedAt) {
      this.#forgotten.set(alias, { ...known, erasedAt })
      return
    }
    this.#forget(alias)
    this.#forgotten.set(alias, { erasedAt, liftedAt: null })
  }

  #lift(alias: string, time: number): void {
    const known = this.#forgotten.get(alias)
    if (!known || (known.erasedAt !== null && time <= known.erasedAt)) return
    this.#forgotten.set(alias, { ...known, liftedAt: Math.min(known.liftedAt ?? time, time) })
  }

  /** Everybody who is one person with the alias. */
  #forget(alias: string): void {
    for (const each of this.#claimedAt.has(alias) ? this.#personOf(alias) : [alias]) {
      const known = this.#forgotten.get(each)
      const lifted = known?.liftedAt ?? null
      const erasedAt = lifted === null ? (known?.erasedAt ?? null) : Math.max(known?.erasedAt ?? lifted, lifted)
      this.#forgotten.set(each, { erasedAt, liftedAt: null })
      this.#claimedAt.delete(each)
      for (const [key, ends] of this.#pairs) if (ends.includes(each)) this.#pairs.delete(key)
    }
  }

  #isForgotten(alias: string, time: number): boolean {
    const known = this.#forgotten.get(alias)
    return known !== undefined && (known.liftedAt === null || time <= known.liftedAt)
  }

  #name(alias: string, time: number): void {
    this.#claimedAt.set(alias, Math.min(this.#claimedAt.get(alias) ?? time, time))
  }

  #personOf(alias: string): readonly string[] {
    const found = new Set([alias])
    for (const each of found) {
      for (const [a, b] of this.#pairs.values()) {
        if (a === each) found.add(b)
        if (b === each) found.add(a)
      }
    }
    const at = (one: string): number => this.#claimedAt.get(one) ?? 0
    return [...found].sort((a, b) => at(a) - at(b) || (a < b ? -1 : 1))
  }
}

const pair = (a: string, b: string): string => [a, b].sort().join(' ')
