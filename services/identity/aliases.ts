import { TributaryError } from '../runtime/errors.ts'

/**
 * The one spelling of aliases: `<kind>:<value>`. A weak alias names a device or a login that several people may share, so it points to one
 * person at a time; every other alias is strong and stays with its person.
 */
interface AliasKind {
  readonly weak: boolean
  /** What a value looks like, for the message to whoever typed another. */
  readonly form: string
  /** The one spelling of a value, or undefined for what cannot be one. */
  normalise(value: string): string | undefined
}

const longestValue = 320

/** Values that careless clients send for everybody; taken as an id they would make all of these one person. */
const placeholders =
  /^(?:[0-]*|-1|null|undefined|none|nan|n\/a|true|false|anonymous|guest|unknown|visitor-unique-id|account-unique-id|\[object object\])$/i

const opaqueId = (value: string): string | undefined => {
  const id = value.trim()
  return id.length > longestValue || placeholders.test(id) || /\p{Cc}/u.test(id) ? undefined : id
}

const digits = (value: string): string | undefined => /^\s*([1-9]\d{0,18})\s*$/.exec(value)?.[1]

/** Its length is looked at first: characters are composed (NFC) in quadratic time. */
const address = (value: string): string | undefined => {
  if (value.trim().length > longestValue) return undefined
  const spelled = value.trim().toLowerCase().normalize('NFC')
  return spelled.length <= longestValue && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(spelled) ? spelled : undefined
}

const suffixLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/**
 * A Salesforce id of 15 (case-sensitive) or 18 characters to 18. The suffix has one letter for each five characters; its bit k is set when
 * character k is upper case (vectors: facts/specs/signatures).
 */
const salesforceId = (value: string): string | undefined => {
  const id = value.trim()
  if (!/^[a-zA-Z0-9]{15}(?:[a-zA-Z0-5]{3})?$/.test(id)) return undefined
  const short = id.slice(0, 15)
  const suffix = [0, 5, 10].map(from => suffixLetters[upperCaseBits(short.slice(from, from + 5))]).join('')
  return id.length === 15 || id.slice(15).toUpperCase() === suffix ? short + suffix : undefined
}

const upperCaseBits = (block: string): number =>
  [...block].reduce((bits, letter, k) => bits | (letter >= 'A' && letter <= 'Z' ? 1 << k : 0), 0)

const prospectId = (value: string): string | undefined => {
  const [unit = '', id = '', ...rest] = value.trim().split(':')
  const prospect = digits(id)
  return rest.length === 0 && /^[A-Za-z0-9_-]{1,64}$/.test(unit) && prospect ? `${unit}:${prospect}` : undefined
}

const salesforceForm = 'an id of 15 characters in its own case, or of 18'

const kinds = {
  email: { weak: false, form: 'an e-mail address', normalise: address },
  user: { weak: false, form: 'the id of one user', normalise: opaqueId },
  'hubspot:contact': { weak: false, form: 'a record id of digits', normalise: digits },
  'salesforce:contact': { weak: false, form: salesforceForm, normalise: salesforceId },
  'salesforce:lead': { weak: false, form: salesforceForm, normalise: salesforceId },
  'account-engagement:prospect': {
    weak: false,
    form: '<business unit>:<prospect id of digits>',
    normalise: prospectId,
  },
  'zoom:registrant': { weak: false, form: 'the id of one registrant', normalise: opaqueId },
  'zoom:user': { weak: true, form: 'the id of one Zoom user', normalise: opaqueId },
  anonymous: { weak: true, form: 'the id of one browser or device', normalise: opaqueId },
} as const satisfies Record<string, AliasKind>

export type AliasKindName = keyof typeof kinds

/** An alias of a kind, from a value as its source spells it; undefined for a value that cannot be one. */
export const aliasIfOne = (kind: AliasKindName, value: string): string | undefined => {
  const normalised = kinds[kind].normalise(value)
  return normalised === undefined ? undefined : `${kind}:${normalised}`
}

/** As `aliasIfOne`, and throws `ALIAS_MALFORMED` (rejected) for a value that cannot be one. */
export const aliasOf = (kind: AliasKindName, value: string): string => {
  const alias = aliasIfOne(kind, value)
  if (alias !== undefined) return alias
  throw malformed(`after \`${kind}:\` expected ${kinds[kind].form}, came ${described(value)}.`)
}

export const email = (value: string): string => aliasOf('email', value)
export const user = (id: string): string => aliasOf('user', id)
export const hubspotContact = (id: string): string => aliasOf('hubspot:contact', id)
export const salesforceContact = (id: string): string => aliasOf('salesforce:contact', id)
export const salesforceLead = (id: string): string => aliasOf('salesforce:lead', id)
export const prospect = (businessUnit: string, id: string): string =>
  aliasOf('account-engagement:prospect', `${businessUnit}:${id}`)
export const zoomRegistrant = (id: string): string => aliasOf('zoom:registrant', id)
export const zoomUser = (id: string): string => aliasOf('zoom:user', id)
export const anonymous = (id: string): string => aliasOf('anonymous', id)

/** An alias as people or other programs write it, in its one spelling. Throws `ALIAS_MALFORMED` (rejected), which says what was expected. */
export const parseAlias = (text: string): string => {
  const kind = kindOf(text.trim())
  if (kind) return aliasOf(kind, text.trim().slice(kind.length + 1))
  throw malformed(`expected \`<kind>:<value>\` with one of the kinds ${kindNames.join(', ')}, came another kind.`)
}

/** Whether an alias points to one person at a time (a device, a shared login) and never ties people together. */
export const isWeak = (alias: string): boolean => weakPrefixes.some(prefix => alias.startsWith(prefix))

/** The kind of an alias; undefined for what is none, for example `person:<id>`. */
export const kindOf = (alias: string): AliasKindName | undefined => kindNames.find(name => alias.startsWith(`${name}:`))

/** Ids of a person's records of one kind, the earliest claimed first: that one is to be written, `doctor` lists the others. */
export const recordIds = (person: { readonly aliases: readonly string[] }, kind: AliasKindName): readonly string[] =>
  person.aliases.filter(alias => alias.startsWith(`${kind}:`)).map(alias => alias.slice(kind.length + 1))

const kindNames = Object.keys(kinds) as readonly AliasKindName[]
const weakPrefixes = kindNames.filter(name => kinds[name].weak).map(name => `${name}:`)

const malformed = (what: string): TributaryError =>
  new TributaryError('ALIAS_MALFORMED', `An alias cannot be read: ${what}`, { errorClass: 'rejected' })

/** The value itself may be a person's. */
const described = (value: string): string =>
  placeholders.test(value.trim())
    ? 'a placeholder that stands for nobody'
    : `something else (${value.length} characters)`
