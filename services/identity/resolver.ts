import type { AliasLink, Identity, IdentityClaim } from '../../schemas/generated.ts'
import { TributaryError } from '../runtime/errors.ts'
import { type CheckedClaim, checkClaim } from './claims.ts'
import { refuseCrowd, refuseMoreVetoes } from './crowds.ts'
import type { Erasures } from './erasure.ts'
import {
  areApart,
  erase,
  forgetPointer,
  forgetTogether,
  isForgotten,
  isLater,
  isWeakForgotten,
  lift,
  pointerOf,
  tellForgottenApart,
} from './forgetting.ts'
import { settle } from './persons.ts'
import { type AliasRow, aliasRow, erasedRow, latestAttributes } from './rows.ts'
import { type RowView, WorkingRows } from './working-rows.ts'

/** What a batch of claims makes of the identities table. */
export interface Resolution {
  /** Changed rows by key, in the order in which they are to be appended; null removes one. */
  readonly rows: ReadonlyMap<string, Identity | null>
  /** Claims that changed nothing because they cannot be taken, by their index in the batch. */
  readonly refused: ReadonlyMap<number, TributaryError>
}

/**
 * Who is who, as a function of the set of claims.
 *
 * **Strong aliases** of one SEEN or MERGE are linked, its first with each other; persons are the connected components of the links. APART
 * vetoes the direct link of two aliases for ever, whether it comes before or after the link; nothing else splits. Attributes belong to the
 * first strong alias of their claim, so that they stay on their side of a split; a person has the latest per name.
 *
 * **Weak aliases** tie nobody together. One points to the first strong alias of the latest claim (by time, then by the HMAC of its id) that
 * names it with a strong one. While no such claim exists it is a person of its own, with the attributes claimed of it alone; these end when
 * it points to somebody, because nobody vouched that they are that person's. Two weak aliases of one claim are two persons.
 *
 * **ERASE** forgets the person of a strong alias: each of its aliases leaves an ERASED row. A claim that names a forgotten alias is
 * ignored, and those it is linked with in that claim are forgotten with their persons, so claim and ERASE may come in either order. A weak
 * alias goes along with the person it points to, and is back when a later claim points it to somebody else: whoever uses a shared device
 * next is not the one who was forgotten. An ERASE that names a weak alias forgets that alias alone; `aliasesToErase` finds the person
 * behind it when the ERASE is made.
 *
 * **LIFT** lets claims later than it name the alias again, in so far as the ERASE is earlier. Claims up to its time meet the alias as
 * forgotten.
 *
 * The result does not depend on order, repetition or batches of the claims, with what follows from forgetting: an APART that comes after an
 * ERASE cannot bring back whom the ERASE took over the link, and a LIFT acts on what comes after it. Rows that only keep former person ids
 * (MERGED, and ERASED of `person:<id>`) tell of ids that readers may have seen, so these do depend on what was committed in between.
 *
 * A person of more than `aliasesPerPerson` aliases (former ids included) or `attributesPerPerson` attributes is none: a claim that would
 * make one is refused whole.
 *
 * @param view the committed rows; all that is needed is in them
 */
export const resolve = (view: RowView, claims: readonly IdentityClaim[], erasures: Erasures): Resolution => {
  const rows = new WorkingRows(view, erasures)
  const refused = new Map<number, TributaryError>()
  claims.forEach((claim, index) => {
    try {
      const checked = checkClaim(claim)
      take[claim.kind](rows, checked)
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      refused.set(index, error)
    }
  })
  return { rows: rows.changes(), refused }
}

/** Each refuses a claim before it changes anything. */
const take: Record<IdentityClaim['kind'], (rows: WorkingRows, claim: CheckedClaim) => void> = {
  SEEN: (rows, claim) => takeNamed(rows, claim),
  MERGE: (rows, claim) => takeNamed(rows, claim),
  APART: (rows, claim) => takeApart(rows, claim),
  ERASE: (rows, { claim, strong, weak, persons }) => {
    for (const alias of [...persons, ...strong, ...weak]) erase(rows, alias, claim.time)
  },
  LIFT: (rows, { claim, strong, weak }) => {
    for (const alias of [...strong, ...weak]) lift(rows, alias, claim.time)
  },
}

const takeNamed = (rows: WorkingRows, { claim, strong, weak }: CheckedClaim): void => {
  const [first, ...others] = strong
  if (first === undefined) {
    for (const alias of weak) takeAlone(rows, alias, claim)
    return
  }
  const linked = others.filter(other => !areApart(rows, first, other))
  const together = [first, ...linked]
  if (together.some(alias => isForgotten(rows, alias, claim.time))) {
    forgetTogether(rows, together, claim.time)
    for (const alias of weak) forgetPointer(rows, alias, { time: claim.time, claim: rows.token(claim.id) })
  } else {
    refuseCrowd(rows, together, weak, claim)
    const { revision } = rows
    for (const alias of together) name(rows, alias, claim.time)
    for (const alias of linked) link(rows, first, alias, claim.time)
    addAttributes(rows, first, claim)
    for (const alias of weak) point(rows, alias, first, claim)
    if (rows.revision !== revision) settle(rows, [...together, ...weak])
  }
  for (const alias of others) if (!linked.includes(alias)) takeAside(rows, alias, claim)
}

/** A strong alias of a claim that an operator told apart from the claim's first one is named, and no more. */
const takeAside = (rows: WorkingRows, alias: string, claim: IdentityClaim): void => {
  if (isForgotten(rows, alias, claim.time)) return
  name(rows, alias, claim.time)
  settle(rows, [alias])
}

/** A weak alias that a claim names without a strong one. */
const takeAlone = (rows: WorkingRows, alias: string, claim: IdentityClaim): void => {
  if (isWeakForgotten(rows, alias, claim.time) || pointerOf(rows, alias)) return
  refuseCrowd(rows, [], [alias], claim)
  name(rows, alias, claim.time)
  addAttributes(rows, alias, claim)
  settle(rows, [alias])
}

const takeApart = (rows: WorkingRows, { claim, strong }: CheckedClaim): void => {
  const [a = '', b = ''] = strong
  refuseMoreVetoes(rows, a, b)
  tellApart(rows, a, b, claim.time)
  tellApart(rows, b, a, claim.time)
  settle(rows, [a, b])
}

const tellApart = (rows: WorkingRows, alias: string, other: string, time: number): void => {
  if (isForgotten(rows, alias, time)) tellForgottenApart(rows, alias, other)
  else {
    const row = name(rows, alias, time)
    rows.set(alias, { ...row, apart: [...new Set([...row.apart, rows.token(other)])].sort() })
  }
  const row = rows.alias(alias)
  if (row) rows.set(alias, { ...row, links: row.links.filter(peer => peer.alias !== other) })
}

const name = (rows: WorkingRows, alias: string, time: number): AliasRow => {
  const known = rows.alias(alias)
  const row = known ?? aliasRow(time)
  const named = time < row.firstClaimed ? { ...row, firstClaimed: time } : row
  if (named !== known) rows.set(alias, named)
  return named
}

const link = (rows: WorkingRows, a: string, b: string, time: number): void => {
  linkOneWay(rows, a, b, time)
  linkOneWay(rows, b, a, time)
}

const linkOneWay = (rows: WorkingRows, alias: string, other: string, time: number): void => {
  const row = rows.alias(alias)
  const known = row?.links.find(peer => peer.alias === other)
  if (!row || (known && known.firstClaimed <= time)) return
  const links: AliasLink[] = [
    ...row.links.filter(peer => peer.alias !== other),
    { alias: other, firstClaimed: time },
  ].sort((x, y) => (x.alias < y.alias ? -1 : 1))
  rows.set(alias, { ...row, links })
}

const addAttributes = (rows: WorkingRows, alias: string, claim: IdentityClaim): void => {
  const row = rows.alias(alias)
  const names = Object.keys(claim.attributes)
  if (!row || names.length === 0) return
  rows.set(alias, { ...row, attributes: latestAttributes([row.attributes, attributesOf(claim)]) })
}

const attributesOf = ({ attributes, time, id }: IdentityClaim): Identity['attributes'] =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, { value, time, claim: id }]))

const point = (rows: WorkingRows, weak: string, strong: string, claim: IdentityClaim): void => {
  const pointer = { alias: strong, time: claim.time, claim: rows.token(claim.id) }
  if (isWeakForgotten(rows, weak, claim.time) || !isLater(pointer, pointerOf(rows, weak))) return
  rows.set(weak, { ...aliasRow(claim.time), person: rows.alias(weak)?.person ?? null, pointer })
  const forgotten = rows.erased(weak)
  if (forgotten?.pointer && forgotten.erased === null) rows.removeErased(weak)
  else if (forgotten?.pointer) rows.setErased(weak, erasedRow({ ...forgotten, pointer: null }))
}
