import { createHash } from 'node:crypto'
import { eventLabelLength, eventNameLength, eventPropertyNameLength } from '../limits.ts'

/** What a source calls an event or a property, and what HubSpot shall call it. */
export interface Naming {
  /** Names to try in this order: the first that is free, or is its own already, is the one. All follow from the original alone. */
  readonly candidates: readonly string[]
  readonly original: string
  /** What people see: the original, as far as HubSpot takes it. */
  readonly label: string
  /** Says in HubSpot whose name it is, whatever people make of the label. */
  readonly description: string
}

/** What already has a name, as far as it says whose it is. */
export interface Named {
  readonly label: string | undefined
  readonly description: string | undefined
}

/** Kinds of product events, as names in HubSpot spell them. */
export type ProductEventKind = 'track' | 'page' | 'feature'

/**
 * `pendo_<kind>_<name>` in lower case, digits and `_`, cut at 50; when another event has that name already the last 7 characters are `_` and 6 hex digits of the
 * original's hash (interfaces.md, "Product events"). Who comes first keeps the plain name for good: the definitions in HubSpot are the memory, so every process and
 * every restart finds the same, and of two that are first at once HubSpot refuses one.
 */
export const namingOfEvent = (kind: ProductEventKind, original: string): Naming =>
  naming({
    ...{ prefix: `pendo_${kind}`, original, longest: eventNameLength, longestLabel: eventLabelLength },
    what: `${kind[0]?.toUpperCase()}${kind.slice(1)} of the product`,
  })

/** The same rule for a property, which has no prefix unless it needs one: a name in HubSpot begins with a letter, and `hs_` is HubSpot's own. */
export const namingOfProperty = (original: string): Naming => {
  const plain = slug(original)
  const isTaken = !/^[a-z]/.test(plain) || plain.startsWith('hs_')
  return naming({
    ...{ prefix: isTaken ? 'p' : '', original, longest: eventPropertyNameLength },
    ...{ longestLabel: eventPropertyNameLength, what: 'Property of the product' },
  })
}

/** The name to use and whether it is there already; undefined when every candidate is another's. */
export const chosenName = (
  naming: Naming,
  named: (candidate: string) => Named | undefined,
): { readonly name: string; readonly exists: boolean } | undefined => {
  for (const name of naming.candidates) {
    const holder = named(name)
    if (!holder) return { name, exists: false }
    if (isOwn(naming, holder)) return { name, exists: true }
  }
  return undefined
}

const mark = /Keep this: ([0-9a-f]{16})/

/** By the mark in the description; where people took that away, or made the definition themselves, by the label. */
const isOwn = ({ original, description }: Naming, holder: Named): boolean => {
  const held = mark.exec(holder.description ?? '')?.[1]
  return held === undefined ? holder.label === original : held === mark.exec(description)?.[1]
}

const hashDigits = 6
/** Others of the same hash are less likely than a broken disk; a few more candidates cost nothing. */
const mostCandidates = 4

interface Facts {
  readonly prefix: string
  readonly original: string
  readonly longest: number
  readonly longestLabel: number
  readonly what: string
}

const naming = ({ prefix, original, longest, longestLabel, what }: Facts): Naming => {
  const words = slug(original)
  const whole = [prefix, words].filter(part => part !== '').join('_')
  const hashed = Array.from({ length: mostCandidates }, (_, round) => {
    const digits = hashOf(round === 0 ? original : `${original}\n${round}`).slice(0, hashDigits)
    return `${cut(whole, longest - hashDigits - 1)}_${digits}`
  })
  return {
    // Of an original without a letter or digit nothing is left that tells it from others.
    candidates: words === '' ? hashed : [cut(whole, longest), ...hashed],
    original,
    label: labelOf(original, longestLabel),
    description: `${what}; made by Tributary. Keep this: ${hashOf(original).slice(0, 16)}`,
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Letters lose their accents; a run of what HubSpot takes in no name is one `_`. */
const slug = (text: string): string =>
  text
    .slice(0, longestConsidered)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')

/** Nothing beyond it reaches a name, and texts are composed in quadratic time. */
const longestConsidered = 400

const cut = (name: string, length: number): string => name.slice(0, length).replace(/_$/, '')

/** A label that was cut ends with an ellipsis, and never within a character. */
const labelOf = (original: string, longest: number): string => {
  const text = original.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  if (text === '') return 'Without a name'
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
