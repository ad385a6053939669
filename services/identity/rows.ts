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

/** A row with every field in the schema's order, so that equal rows are equal texts. */
const row = (kind: IdentityKind, facts: Partial<Identity>): Identity => ({
  kind,
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
  ...facts,
})

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

/** A row without the containers that hold nothing: most of a million rows' memory. */
export const slim = (decoded: Identity): Identity =>
  row(decoded.kind, {
    ...decoded,
    aliases: decoded.aliases.length === 0 ? nothing : decoded.aliases,
    former: decoded.former.length === 0 ? nothing : decoded.former,
    links: decoded.links.length === 0 ? nothing : decoded.links,
    apart: decoded.apart.length === 0 ? nothing : decoded.apart,
    attributes: Object.keys(decoded.attributes).length === 0 ? noAttributes : decoded.attributes,
  })

export const sameRow = (a: Identity | undefined, b: Identity | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b))

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
