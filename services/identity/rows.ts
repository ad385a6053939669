import { createHash } from 'node:crypto'
import type { Attribute, FormerPerson, Identity, IdentityKind } from '../../schemas/generated.ts'

const personPrefix = 'person:'

/** Key of a person's row; also how writes in flight name a person. */
export const personKey = (id: string): string => personPrefix + id

/** The id in `person:<id>`; undefined for any other key. */
export const personIdOf = (key: string): string | undefined =>
  key.startsWith(personPrefix) ? key.slice(personPrefix.length) : undefined

/** Id of the person whose earliest claimed alias is `alias`: 20 hex digits that depend on the claims only, not on the order they came in. */
export const mintPersonId = (firstClaimed: number, alias: string): string =>
  createHash('sha256').update(`${firstClaimed} ${alias}`).digest('hex').slice(0, 20)

const nothing: readonly never[] = Object.freeze([])
const noAttributes: Identity['attributes'] = Object.freeze({})

const empty: Omit<Identity, 'kind'> = {
  person: null,
  aliases: nothing,
  former: nothing,
  firstClaimed: null,
  links: nothing,
  apart: nothing,
  pointer: null,
  attributes: noAttributes,
  erased: null,
  lifted: null,
}

const row = (kind: IdentityKind, facts: Partial<Identity>): Identity => ({ kind, ...empty, ...facts })

/** What was claimed of one alias. `person` is null until it is settled to whom it leads. */
export interface AliasRow extends Identity {
  readonly kind: 'ALIAS'
  readonly firstClaimed: number
}

export const aliasRow = (firstClaimed: number): AliasRow => row('ALIAS', { firstClaimed }) as AliasRow

export const personRow = (
  id: string,
  facts: {
    readonly aliases: readonly string[]
    readonly former: readonly FormerPerson[]
    readonly attributes: Identity['attributes']
  },
): Identity => row('PERSON', { person: id, ...facts })

export const mergedRow = (survivor: string): Identity => row('MERGED', { person: survivor })

/** Of other facts than these nothing remains. */
export const erasedRow = ({
  apart,
  erased,
  lifted,
  pointer,
}: Pick<Identity, 'apart' | 'erased' | 'lifted' | 'pointer'>): Identity =>
  row('ERASED', { apart, erased, lifted, pointer })

/** A row as one text without the fields that hold nothing: a million of them take less memory, and no time of the garbage collector. */
export const pack = (whole: Identity): string => {
  const fields = Object.entries(whole).filter(([name, value]) => !isSame(value, empty[name as keyof typeof empty]))
  return JSON.stringify(Object.fromEntries(fields))
}

export const unpack = (packed: string): Identity => {
  const facts = JSON.parse(packed) as Pick<Identity, 'kind'> & Partial<Identity>
  return row(facts.kind, facts)
}

/** Whether two rows, or parts of them, say the same. Decoded ones are of other classes than ours. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every(name => isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]))
}

/** Per name the attribute of the latest claim; between equal times the greater claim id, then the greater value. Names are sorted. */
export const latestAttributes = (sources: readonly Identity['attributes'][]): Identity['attributes'] => {
  const filled = sources.filter(source => source !== noAttributes)
  if (filled.length === 0) return noAttributes
  const latest = new Map<string, Attribute>()
  for (const source of filled) {
    for (const [name, attribute] of Object.entries(source)) {
      const known = latest.get(name)
      if (!known || isLater(attribute, known)) latest.set(name, attribute)
    }
  }
  return Object.fromEntries([...latest].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const isLater = (a: Attribute, b: Attribute): boolean => {
  if (a.time !== b.time) return a.time > b.time
  if (a.claim !== b.claim) return a.claim > b.claim
  return JSON.stringify(a.value) > JSON.stringify(b.value)
}
