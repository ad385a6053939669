import fc from 'fast-check'
import type { Identity, IdentityClaim } from '../../schemas/generated.ts'
import { createErasures } from '../../services/identity/erasure.ts'
import { resolve } from '../../services/identity/resolver.ts'
import { personIdOf } from '../../services/identity/rows.ts'

export const secret = 'a secret of the tests'
export const erasures = createErasures(secret)

export type ClaimKind = IdentityClaim['kind']

let claims = 0
/** A claim with what a test cares about; id and time rise from claim to claim. */
export const claim = (
  kind: ClaimKind,
  aliases: readonly string[],
  facts: Partial<IdentityClaim> = {},
): IdentityClaim => {
  claims += 1
  return { id: `claim-${claims}`, time: 1_000_000 + claims, kind, aliases, attributes: {}, source: 'test', ...facts }
}

/** The rows after batches of claims, each batch built on the committed rows alone. */
export class Table {
  readonly rows = new Map<string, Identity>()
  /** Every person id that a reader could have seen, and the alias it was made of. */
  readonly seen = new Map<string, string>()

  take(...batch: readonly IdentityClaim[]): this {
    const { rows, refused } = resolve(this.rows, batch, erasures)
    for (const error of refused.values()) throw error
    for (const [key, row] of rows) {
      if (row === null) this.rows.delete(key)
      else this.rows.set(key, structuredClone(row))
    }
    for (const [key, row] of this.rows) {
      if (row.kind === 'PERSON') this.seen.set(personIdOf(key) ?? '', row.aliases[0] ?? '')
    }
    return this
  }

  row(key: string): Identity | undefined {
    return this.rows.get(key)
  }

  person(alias: string): Identity | undefined {
    const id = this.rows.get(alias)?.person
    return id ? this.rows.get(`person:${id}`) : undefined
  }

  erased(alias: string): Identity | undefined {
    return this.rows.get(erasures.keyOf(alias))
  }

  /** Who is who without what depends on which ids were published in between. */
  state(): Record<string, unknown> {
    const published = new Set([...this.seen.keys()].map(id => erasures.keyOf(`person:${id}`)))
    const kept = [...this.rows].filter(([key, row]) => row.kind !== 'MERGED' && !published.has(key))
    return Object.fromEntries(kept.sort().map(([key, row]) => [key, { ...row, former: [] }]))
  }
}

const strong = ['email:a@x.example', 'email:b@x.example', 'user:c', 'user:d', 'hubspot:contact:5', 'zoom:registrant:f']
const weak = ['anonymous:g', 'anonymous:h', 'zoom:user:i']

const strongAlias = fc.constantFrom(...strong)
const aliases = fc
  .tuple(fc.uniqueArray(strongAlias, { maxLength: 3 }), fc.uniqueArray(fc.constantFrom(...weak), { maxLength: 2 }))
  .filter(([some, others]) => some.length + others.length > 0)
  .map(([some, others]) => [...some, ...others])
const attributes = fc.dictionary(fc.constantFrom('firstName', 'company'), fc.constantFrom('Ada', 'Acme', null), {
  maxKeys: 2,
})

/** Few aliases and times, so that claims meet. Ids are made from the content: a repetition is the same claim. */
const arbitrary = (
  kind: ClaimKind,
  names: fc.Arbitrary<string[]>,
  times: fc.Arbitrary<number>,
): fc.Arbitrary<IdentityClaim> =>
  fc.record({ time: times, aliases: names, attributes: kind === 'SEEN' ? attributes : fc.constant({}) }).map(facts => {
    const id = `${kind} ${facts.time} ${facts.aliases} ${JSON.stringify(facts.attributes)}`
    return { id: erasures.token(id).slice(0, 6), kind, source: 'test', ...facts }
  })

const early = fc.integer({ min: 1, max: 8 })

export const seen = (times = early): fc.Arbitrary<IdentityClaim> => arbitrary('SEEN', aliases, times)
export const apart = (times = early): fc.Arbitrary<IdentityClaim> =>
  arbitrary('APART', fc.uniqueArray(strongAlias, { minLength: 2, maxLength: 2 }), times)
export const erase = (times = early): fc.Arbitrary<IdentityClaim> =>
  arbitrary('ERASE', fc.uniqueArray(fc.constantFrom(...strong, ...weak), { minLength: 1, maxLength: 2 }), times)
export const lift = (times: fc.Arbitrary<number>): fc.Arbitrary<IdentityClaim> =>
  arbitrary('LIFT', fc.uniqueArray(fc.constantFrom(...strong, ...weak), { minLength: 1, maxLength: 4 }), times)

/** The same claims in another order, some of them repeated, cut into batches. */
export const deliveries = (set: readonly IdentityClaim[]): fc.Arbitrary<IdentityClaim[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...set], { minLength: set.length }),
      fc.subarray([...set]),
      fc.array(fc.nat(set.length * 2)),
    )
    .map(([once, again, cuts]) => {
      const order = [...once, ...again]
      const at = [...new Set([0, ...cuts.filter(cut => cut < order.length), order.length])].sort((a, b) => a - b)
      return at.slice(1).map((end, index) => order.slice(at[index], end))
    })

export const deliver = (table: Table, batches: readonly (readonly IdentityClaim[])[]): Table => {
  for (const batch of batches) table.take(...batch)
  return table
}
