import type { FormerPerson, Identity } from '../../schemas/generated.ts'
import { isWeak } from './aliases.ts'
import { type AliasRow, aliasRow, latestAttributes, mergedRow, mintPersonId, personKey, personRow } from './rows.ts'
import type { WorkingRows } from './working-rows.ts'

interface Group {
  readonly strong: readonly string[]
  readonly weak: string[]
}

/**
 * Works out again who the people behind the touched aliases are, from the links and pointers in the rows of their aliases: components of
 * linked strong aliases, each with the weak ones that point into it; a weak alias that points to nobody is a person of its own. A person's
 * id is made of its earliest claimed strong alias. An id that is no longer a person's own stays as MERGED and always leads to whoever holds
 * the alias it was made of, so it needs no chain, can never go round in a circle, and becomes a person again when a split gives it back.
 */
export const settle = (rows: WorkingRows, touched: readonly string[]): void => {
  const before = [...rows.personsOf(touched)].flatMap(id => rows.person(id) ?? [])
  const members = new Set([...touched, ...before.flatMap(person => person.aliases)])
  const groupOf = grouped(rows, members)
  const settled = new Map<Group, string>()
  for (const group of new Set(groupOf.values())) settled.set(group, idOf(rows, group))
  const former = formerIds(before, new Set(settled.values()))
  for (const [group, id] of settled) {
    const leadingHere = former.filter(({ person, alias }) => groupOf.get(alias) === group && rows.isPublished(person))
    write(rows, id, group, leadingHere)
  }
  for (const { person } of former) if (!rows.isPublished(person)) rows.remove(personKey(person))
}

const grouped = (rows: WorkingRows, members: ReadonlySet<string>): ReadonlyMap<string, Group> => {
  const groups = new Map<string, Group>()
  const weak: string[] = []
  for (const alias of members) {
    if (isWeak(alias)) weak.push(alias)
    else if (!groups.has(alias) && rows.alias(alias)) gather(rows, alias, groups)
  }
  for (const alias of weak.sort()) {
    const row = rows.alias(alias)
    if (!row) continue
    const group = groups.get(row.pointer?.alias ?? '') ?? { strong: [], weak: [] }
    group.weak.push(alias)
    groups.set(alias, group)
  }
  return groups
}

/** The component of a strong alias, earliest claimed first. */
const gather = (rows: WorkingRows, start: string, groups: Map<string, Group>): void => {
  const found = new Map<string, number>()
  const open = [start]
  for (let alias = open.pop(); alias !== undefined; alias = open.pop()) {
    const row = rows.alias(alias)
    if (!row || found.has(alias)) continue
    found.set(alias, row.firstClaimed)
    open.push(...row.links.map(link => link.alias))
  }
  const strong = [...found].sort(([a, timeA], [b, timeB]) => timeA - timeB || (a < b ? -1 : 1)).map(([alias]) => alias)
  const group = { strong, weak: [] }
  for (const alias of strong) groups.set(alias, group)
}

const seedOf = (group: Group): string => group.strong[0] ?? group.weak[0] ?? ''

const idOf = (rows: WorkingRows, group: Group): string => {
  const seed = seedOf(group)
  return mintPersonId(rows.alias(seed)?.firstClaimed ?? 0, seed)
}

const formerIds = (before: readonly Identity[], now: ReadonlySet<string>): readonly FormerPerson[] => {
  const ids = new Map<string, FormerPerson>()
  for (const { person, aliases, former } of before) {
    for (const id of former) ids.set(id.person, id)
    if (person !== null) ids.set(person, { person, alias: aliases[0] ?? '' })
  }
  return [...ids.values()].filter(({ person }) => !now.has(person)).sort((a, b) => (a.person < b.person ? -1 : 1))
}

const write = (rows: WorkingRows, id: string, group: Group, former: readonly FormerPerson[]): void => {
  const aliases = [...group.strong, ...group.weak]
  const sources = group.strong.length > 0 ? group.strong : group.weak
  const attributes = latestAttributes(sources.map(alias => attributesOf(rows.alias(alias))))
  rows.set(personKey(id), personRow(id, { aliases, former, attributes }))
  for (const { person } of former) rows.set(personKey(person), mergedRow(id))
  for (const alias of aliases) {
    const row = rows.alias(alias)
    if (row && row.person !== id) rows.set(alias, { ...row, person: id })
  }
}

const attributesOf = (row: AliasRow | undefined): Identity['attributes'] => (row ?? aliasRow(0)).attributes
