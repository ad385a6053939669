import type { Identity, IdentityClaim } from '../../schemas/generated.ts'
import { TributaryError } from '../runtime/errors.ts'
import { aliasesPerPerson, attributesPerPerson } from './claims.ts'
import { areApart } from './forgetting.ts'
import type { WorkingRows } from './working-rows.ts'

/** Throws `PERSON_TOO_LARGE` (rejected) when one person of these aliases and attributes would be more than a person is. */
export const refuseCrowd = (
  rows: WorkingRows,
  strong: readonly string[],
  weak: readonly string[],
  { attributes }: IdentityClaim,
): void => {
  const persons = joined(rows, strong, weak)
  if (persons.length === 1 && persons.every(person => hasAll(rows, person, [...strong, ...weak], attributes))) return
  const known = new Set(persons.flatMap(person => person.aliases))
  const added = [...strong, ...weak].filter(alias => !known.has(alias))
  const former = persons.reduce((sum, person) => sum + person.former.length, 0)
  if (known.size + added.length + former > aliasesPerPerson) throw crowded(`${aliasesPerPerson} aliases and former ids`)
  const names = new Set([...persons.map(person => person.attributes), attributes].flatMap(Object.keys))
  if (names.size > attributesPerPerson) throw crowded(`${attributesPerPerson} attributes`)
}

/** Throws `PERSON_TOO_LARGE` (rejected) when either alias was told apart from too many others. */
export const refuseMoreVetoes = (rows: WorkingRows, a: string, b: string): void => {
  const vetoes = [a, b].flatMap(alias => [rows.alias(alias), rows.erased(alias)]).map(row => row?.apart.length ?? 0)
  if (Math.max(...vetoes) >= aliasesPerPerson && !areApart(rows, a, b))
    throw crowded(`${aliasesPerPerson} APART claims`)
}

/** The persons who become one. Whom a weak alias points to so far is not among them, unless it is a person of its own. */
const joined = (rows: WorkingRows, strong: readonly string[], weak: readonly string[]): readonly Identity[] =>
  [...rows.personsOf([...strong, ...weak])]
    .flatMap(id => rows.person(id) ?? [])
    .filter(({ aliases }) => aliases.length === 1 || aliases.some(alias => strong.includes(alias)))

const hasAll = (
  rows: WorkingRows,
  person: Identity,
  aliases: readonly string[],
  attributes: IdentityClaim['attributes'],
): boolean =>
  aliases.every(alias => rows.alias(alias)?.person === person.person) &&
  Object.keys(attributes).every(name => Object.hasOwn(person.attributes, name))

const crowded = (limit: string): TributaryError =>
  new TributaryError(
    'PERSON_TOO_LARGE',
    `An identity claim would make a person of more than ${limit}, which is none: look for an alias that many people share (a mailbox, a test account), tell it apart or stop sending it, then retry the dead letter.`,
    { errorClass: 'rejected' },
  )
