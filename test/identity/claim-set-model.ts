import type { IdentityClaim } from '../../schemas/generated.ts'
import { erasures, type Table } from './claim-sets.ts'

/** What the model says of one person. */
interface ModelPerson {
  readonly strong: readonly string[]
  readonly weak: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Model {
  readonly persons: readonly ModelPerson[]
  readonly forgotten: readonly string[]
}

const isWeak = (alias: string): boolean => alias.startsWith('anonymous:') || alias.startsWith('zoom:user:')
const before = (a: IdentityClaim, b: IdentityClaim): number =>
  a.time - b.time || (erasures.token(a.id) < erasures.token(b.id) ? -1 : 1)
const byId = (a: IdentityClaim, b: IdentityClaim): number => a.time - b.time || (a.id < b.id ? -1 : 1)

/**
 * Who is who, worked out from a set of claims at once and without regard to speed: the oracle of the resolver. No LIFT, and every APART
 * counts as known before every ERASE. `links` and `vetoes` are pairs, components are found by spreading a colour until nothing changes.
 */
export const modelOf = (claims: readonly IdentityClaim[]): Model => {
  const naming = claims.filter(({ kind }) => kind === 'SEEN' || kind === 'MERGE')
  const vetoes = new Set(claims.filter(({ kind }) => kind === 'APART').map(({ aliases }) => [...aliases].sort().join()))
  const direct = new Set(claims.filter(({ kind }) => kind === 'ERASE').flatMap(({ aliases }) => aliases))
  const colours = spread(claims, naming, vetoes)
  const forgottenColours = new Set([...direct].map(alias => colours.get(alias)))
  const isGone = (alias: string): boolean => direct.has(alias) || forgottenColours.has(colours.get(alias) ?? alias)
  const weak = new Map(
    [...new Set(naming.flatMap(({ aliases }) => aliases.filter(isWeak)))].map(alias => [
      alias,
      targetOf(alias, naming),
    ]),
  )
  const weakIsGone = (alias: string): boolean => direct.has(alias) || isGone(weak.get(alias) ?? '')
  const groups = new Map<string, string[]>()
  for (const [alias, colour] of colours) if (!isGone(alias)) groups.set(colour, [...(groups.get(colour) ?? []), alias])
  const persons = [...groups.values()].map(strong => ({
    strong: strong.sort(),
    weak: [...weak]
      .flatMap(([alias, target]) => (!weakIsGone(alias) && strong.includes(target ?? '') ? [alias] : []))
      .sort(),
    attributes: attributesOf(
      naming.filter(({ aliases }) => strong.includes(aliases.find(alias => !isWeak(alias)) ?? '')),
    ),
  }))
  const alone = [...weak].flatMap(([alias, target]) => (target === undefined && !direct.has(alias) ? [alias] : []))
  const lonely = alone.map(alias => ({
    strong: [],
    weak: [alias],
    attributes: attributesOf(naming.filter(({ aliases }) => aliases.includes(alias) && aliases.every(isWeak))),
  }))
  const gone = [...direct, ...[...colours.keys()].filter(isGone), ...[...weak.keys()].filter(weakIsGone)]
  return { persons: sorted([...persons, ...lonely]), forgotten: [...new Set(gone)].sort() }
}

const spread = (
  claims: readonly IdentityClaim[],
  naming: readonly IdentityClaim[],
  vetoes: ReadonlySet<string>,
): ReadonlyMap<string, string> => {
  const named = claims
    .filter(({ kind }) => kind !== 'ERASE')
    .flatMap(({ aliases }) => aliases.filter(alias => !isWeak(alias)))
  const colours = new Map(named.map(alias => [alias, alias]))
  const links = naming.flatMap(({ aliases }) => {
    const [first, ...others] = aliases.filter(alias => !isWeak(alias))
    return first === undefined ? [] : others.map(other => [first, other])
  })
  const effective = links.filter(link => !vetoes.has([...link].sort().join()))
  for (let changed = true; changed; ) {
    changed = false
    for (const [a = '', b = ''] of effective) {
      const least = [colours.get(a) ?? a, colours.get(b) ?? b].sort()[0] ?? a
      if (colours.get(a) === least && colours.get(b) === least) continue
      colours.set(a, least).set(b, least)
      changed = true
    }
  }
  return colours
}

const targetOf = (weak: string, naming: readonly IdentityClaim[]): string | undefined =>
  naming
    .filter(({ aliases }) => aliases.includes(weak) && !aliases.every(isWeak))
    .sort(before)
    .at(-1)
    ?.aliases.find(alias => !isWeak(alias))

const attributesOf = (naming: readonly IdentityClaim[]): Record<string, unknown> =>
  Object.assign({}, ...naming.toSorted(byId).map(({ attributes }) => attributes))

const sorted = (persons: readonly ModelPerson[]): readonly ModelPerson[] =>
  persons.toSorted((a, b) => (String([...a.strong, ...a.weak]) < String([...b.strong, ...b.weak]) ? -1 : 1))

/** The same view of the resolver's rows; aliases that are forgotten are found by asking for each that the claims name. */
export const modelOfRows = (table: Table, claims: readonly IdentityClaim[]): Model => {
  const persons = [...table.rows.values()].flatMap(row =>
    row.kind === 'PERSON'
      ? [
          {
            strong: row.aliases.filter(alias => !isWeak(alias)).sort(),
            weak: row.aliases.filter(isWeak).sort(),
            attributes: Object.fromEntries(Object.entries(row.attributes).map(([name, { value }]) => [name, value])),
          },
        ]
      : [],
  )
  const named = new Set(claims.flatMap(({ aliases }) => aliases))
  return { persons: sorted(persons), forgotten: [...named].filter(alias => table.erased(alias)).sort() }
}
