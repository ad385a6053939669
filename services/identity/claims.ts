import type { IdentityClaim } from '../../schemas/generated.ts'
import { TributaryError } from '../runtime/errors.ts'
import { isWeak, parseAlias } from './aliases.ts'
import { personIdOf } from './rows.ts'

/** More belong to no person, but to a mailbox, a kiosk or a test account that many share. */
export const aliasesPerPerson = 1_000
/** Attributes of one person, and characters of one name or value: together they keep a row far below Kafka's 1 MB. */
export const attributesPerPerson = 200
const longestText = 1_000

const endOfTime = Date.UTC(10_000, 0)

/** A claim whose aliases are in their one spelling, each once. */
export interface CheckedClaim {
  readonly claim: IdentityClaim
  readonly strong: readonly string[]
  readonly weak: readonly string[]
  /** `person:<id>`; only in ERASE. */
  readonly persons: readonly string[]
}

/** Throws `ALIAS_MALFORMED` or `CLAIM_INVALID` (both rejected) for a claim that cannot be taken, whatever the state. */
export const checkClaim = (claim: IdentityClaim): CheckedClaim => {
  const persons = claim.aliases.filter(alias => claim.kind === 'ERASE' && personIdOf(alias) !== undefined)
  const aliases = new Set(claim.aliases.filter(alias => !persons.includes(alias)).map(parseAlias))
  const weak = [...aliases].filter(isWeak)
  const strong = [...aliases].filter(alias => !isWeak(alias))
  refuseIf(aliases.size + persons.length === 0, 'at least one alias', 'none')
  refuseIf(aliases.size > aliasesPerPerson, `at most ${aliasesPerPerson} aliases`, `${aliases.size}`)
  refuseIf(
    !Number.isSafeInteger(claim.time) || claim.time < 0 || claim.time >= endOfTime,
    'a time in milliseconds between the years 1970 and 9999',
    'another',
  )
  refuseIf(
    claim.kind === 'APART' && (strong.length !== 2 || weak.length > 0),
    'APART to name exactly two strong aliases',
    `${strong.length} strong and ${weak.length} weak`,
  )
  checkAttributes(claim.attributes)
  return { claim, strong, weak, persons }
}

const checkAttributes = (attributes: IdentityClaim['attributes']): void => {
  const entries = Object.entries(attributes)
  refuseIf(entries.length > attributesPerPerson, `at most ${attributesPerPerson} attributes`, `${entries.length}`)
  refuseIf(
    entries.some(([, value]) => typeof value === 'number' && !Number.isFinite(value)),
    'finite numbers as attributes',
    'another number',
  )
  const longest = Math.max(0, ...entries.map(([name, value]) => Math.max(name.length, textLength(value))))
  refuseIf(longest > longestText, `attributes of at most ${longestText} characters`, `one of ${longest}`)
}

const textLength = (value: unknown): number => (typeof value === 'string' ? value.length : 0)

const refuseIf = (wrong: boolean, expected: string, came: string): void => {
  if (!wrong) return
  throw new TributaryError('CLAIM_INVALID', `An identity claim cannot be taken: expected ${expected}, came ${came}.`, {
    errorClass: 'rejected',
  })
}
