import type { Identity, WeakPointer } from '../../schemas/generated.ts'
import { isWeak } from './aliases.ts'
import { settle } from './persons.ts'
import { erasedRow, personIdOf, personKey } from './rows.ts'
import type { WorkingRows } from './working-rows.ts'

/** A point in a weak alias's life: a later claim wins, whoever it points to. */
export type Moment = Pick<WeakPointer, 'time' | 'claim'>

const neverErased = erasedRow({ apart: [], erased: null, lifted: null, pointer: null })

/**
 * Whether a claim of that time meets a strong alias as forgotten: it is erased, and not lifted since or lifted only after the claim. Old
 * claims do not come back with a LIFT.
 */
export const isForgotten = (rows: WorkingRows, alias: string, time: number): boolean => {
  const row = rows.erased(alias)
  return row !== undefined && (row.lifted === null || time <= row.lifted)
}

/** The same of a weak alias: only an ERASE of its own holds; one that went along with a person may point to somebody else later. */
export const isWeakForgotten = (rows: WorkingRows, alias: string, time: number): boolean => {
  const row = rows.erased(alias)
  return row !== undefined && row.erased !== null && (row.lifted === null || time <= row.lifted)
}

/** ERASE: the person of a strong alias, or a weak alias alone. An alias that nobody knows leaves its row as well. */
export const erase = (rows: WorkingRows, alias: string, time: number): void => {
  const id = personIdOf(alias)
  if (id !== undefined) {
    erasePerson(rows, id, time)
    return
  }
  const known = rows.erased(alias) ?? neverErased
  const erased = Math.max(known.erased ?? time, time)
  if (known.lifted !== null && time <= known.lifted) {
    rows.setErased(alias, erasedRow({ ...known, erased }))
    return
  }
  if (isWeak(alias)) detach(rows, alias)
  else forgetPersonOf(rows, alias)
  rows.setErased(alias, erasedRow({ ...(rows.erased(alias) ?? known), erased, lifted: null, pointer: null }))
}

/** Everybody who is, or turns out to be, one person with somebody forgotten. Aliases that meet the claim as forgotten stay as they are. */
export const forgetTogether = (rows: WorkingRows, aliases: readonly string[], time: number): void => {
  for (const alias of aliases) {
    if (isForgotten(rows, alias, time)) continue
    forgetPersonOf(rows, alias)
    markStrong(rows, alias)
  }
}

/** A claim says that a weak alias belongs to somebody forgotten: it goes along unless a later claim points it to somebody else. */
export const forgetPointer = (rows: WorkingRows, weak: string, moment: Moment): void => {
  if (isWeakForgotten(rows, weak, moment.time) || !isLater(moment, pointerOf(rows, weak))) return
  detach(rows, weak)
  markWeak(rows, weak, moment)
}

/**
 * LIFT: claims after `time` are accepted again. Nothing happens to an alias that is not erased, or was erased later; of two the earlier
 * one holds, so that a second one forgets nothing that the first let in.
 */
export const lift = (rows: WorkingRows, alias: string, time: number): void => {
  const row = rows.erased(alias)
  if (!row) return
  const erased = row.pointer ? Math.max(row.erased ?? row.pointer.time, row.pointer.time) : row.erased
  if (erased !== null && time <= erased) return
  const isLifted = row.lifted !== null && row.pointer === null
  rows.setErased(
    alias,
    erasedRow({ ...row, erased, lifted: isLifted ? Math.min(row.lifted, time) : time, pointer: null }),
  )
}

/** Whether an operator told two strong aliases apart. Each of them remembers it, also when it is forgotten. */
export const areApart = (rows: WorkingRows, a: string, b: string): boolean =>
  remembers(rows, a, b) || remembers(rows, b, a)

const remembers = (rows: WorkingRows, alias: string, other: string): boolean =>
  [rows.alias(alias), rows.erased(alias)].some(
    row => row !== undefined && row.apart.length > 0 && row.apart.includes(rows.token(other)),
  )

/** Remembers in the row of a forgotten alias that it was told apart from another. */
export const tellForgottenApart = (rows: WorkingRows, alias: string, other: string): void => {
  const row = rows.erased(alias) ?? neverErased
  rows.setErased(alias, erasedRow({ ...row, apart: [...new Set([...row.apart, rows.token(other)])].sort() }))
}

/** The claim that a weak alias follows, also when it points to somebody forgotten. */
export const pointerOf = (rows: WorkingRows, weak: string): WeakPointer | null =>
  rows.alias(weak)?.pointer ?? rows.erased(weak)?.pointer ?? null

export const isLater = (moment: Moment, than: Moment | null): boolean =>
  than === null || moment.time > than.time || (moment.time === than.time && moment.claim > than.claim)

const erasePerson = (rows: WorkingRows, idOrFormer: string, time: number): void => {
  const row = rows.get(personKey(idOrFormer))
  const id = row?.kind === 'MERGED' ? row.person : idOrFormer
  const person = id === null ? undefined : rows.person(id)
  const strong = person?.aliases.filter(alias => !isWeak(alias)) ?? []
  for (const alias of strong.length > 0 ? strong : (person?.aliases ?? [])) erase(rows, alias, time)
  const left = id === null ? undefined : rows.person(id)
  if (left) forgetPerson(rows, left)
  const known = rows.erased(personKey(idOrFormer)) ?? neverErased
  rows.setErased(personKey(idOrFormer), erasedRow({ ...known, erased: Math.max(known.erased ?? time, time) }))
}

const forgetPersonOf = (rows: WorkingRows, alias: string): void => {
  const person = rows.person(rows.alias(alias)?.person ?? '')
  if (person) forgetPerson(rows, person)
  else {
    markStrong(rows, alias)
    rows.remove(alias)
  }
}

const forgetPerson = (rows: WorkingRows, person: Identity): void => {
  for (const alias of person.aliases) {
    const pointer = rows.alias(alias)?.pointer
    if (!isWeak(alias)) markStrong(rows, alias)
    else if (pointer) markWeak(rows, alias, pointer)
    rows.remove(alias)
  }
  forgetIds(rows, person)
}

/** Forgets the ids of a person, and remembers those that writes in flight may name. */
const forgetIds = (rows: WorkingRows, person: Identity): void => {
  for (const id of [person.person ?? '', ...person.former.map(former => former.person)]) forgetId(rows, id)
}

const forgetId = (rows: WorkingRows, id: string): void => {
  const key = personKey(id)
  if (rows.isPublished(id)) rows.setErased(key, rows.erased(key) ?? neverErased)
  rows.remove(key)
}

/** Takes a weak alias away from the person it points to, with the ids that were made of it. */
const detach = (rows: WorkingRows, weak: string): void => {
  const row = rows.alias(weak)
  const person = rows.person(row?.person ?? '')
  rows.remove(weak)
  if (!person) return
  if (person.aliases.length === 1) {
    forgetIds(rows, person)
    return
  }
  for (const { person: id, alias } of person.former) if (alias === weak) forgetId(rows, id)
  const aliases = person.aliases.filter(alias => alias !== weak)
  const former = person.former.filter(id => id.alias !== weak)
  rows.set(personKey(person.person ?? ''), { ...person, aliases, former })
  settle(rows, aliases)
}

/**
 * Forgotten along with another alias. An earlier LIFT holds no longer, and its repetition does not bring the alias back. From whom it was
 * told apart is kept as HMACs: the others still must not be taken for this one.
 */
const markStrong = (rows: WorkingRows, alias: string): void => {
  const row = rows.erased(alias) ?? neverErased
  const erased = row.lifted === null ? row.erased : Math.max(row.erased ?? row.lifted, row.lifted)
  const apart = [...new Set([...row.apart, ...(rows.alias(alias)?.apart ?? [])])].sort()
  rows.setErased(alias, erasedRow({ apart, erased, lifted: null, pointer: null }))
}

const markWeak = (rows: WorkingRows, alias: string, { time, claim }: Moment): void => {
  const row = rows.erased(alias) ?? neverErased
  rows.setErased(alias, erasedRow({ ...row, pointer: { alias: null, time, claim } }))
}
