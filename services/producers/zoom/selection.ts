import levenshtein from 'fastest-levenshtein'
import { z } from 'zod'
import { collectMistakes, type Mistakes } from '../../runtime/config/mistakes.ts'

/** The selection of one account, ready to ask. */
export interface AccountSelection {
  /** @param number a webinar's number, digits only */
  selects(number: string): boolean
  /** Addresses in lower case. */
  readonly panelists: ReadonlySet<string>
}

const everything: AccountSelection = { selects: () => true, panelists: new Set() }

const number = z
  .union([z.number(), z.string()], 'a webinar number, for example 93498765432')
  .transform(given => String(given).replace(/[\s-]/g, ''))
  .pipe(z.string().regex(/^[1-9]\d{0,17}$/, 'a webinar number, for example 93498765432'))

const numbers = z
  .array(number, 'a list of webinar numbers')
  .min(1, 'a list of at least one webinar number')
  .transform(list => new Set(list))

const addresses = z
  .array(
    z.string('an e-mail address').trim().toLowerCase().pipe(z.email('an e-mail address')),
    'a list of e-mail addresses',
  )
  .default([])
  .transform(list => new Set(list))

const accountWith = <Webinars extends z.ZodType>(webinars: Webinars) =>
  z.strictObject({ webinars, panelists: addresses }, { error: strictly('webinars and panelists') })

const allWebinars = accountWith(z.literal('all', "'all', or an object with only or except"))
const someWebinars = accountWith(
  z
    .strictObject({ only: numbers.optional(), except: numbers.optional() }, { error: strictly('only and except') })
    .refine(({ only, except }) => only || except, 'an object with only or except'),
)

const file = z.strictObject(
  { zoom: z.record(z.string(), z.unknown(), 'an object with one entry per account') },
  { error: strictly('zoom') },
)

/**
 * Validates the selection (topology/selection.ts) and gives the selection of each account. Throws one `SELECTION_INVALID` that lists every mistake.
 * @param accounts names of the configured accounts; null while Zoom is emulated or off, for then those that the file names need not exist
 */
export const checkSelection = (
  selection: unknown,
  accounts: readonly string[] | null,
): { of(account: string): AccountSelection } => {
  const mistakes = collectMistakes('SELECTION_INVALID', 'topology/selection.ts')
  const selections = new Map<string, AccountSelection>()
  const parsed = parse(file, selection, [], mistakes)
  for (const [name, given] of Object.entries(parsed?.zoom ?? {})) {
    if (accounts && !accounts.includes(name)) mistakes.add(unknownAccount(name, accounts))
    const checked = checkAccount(given, ['zoom', name], mistakes)
    if (checked) selections.set(name, checked)
  }
  mistakes.throwIfAny()
  return { of: account => selections.get(account) ?? everything }
}

const checkAccount = (given: unknown, path: readonly string[], mistakes: Mistakes): AccountSelection | undefined => {
  const webinars: unknown = (given as { webinars?: unknown } | null | undefined)?.webinars
  if (typeof webinars !== 'object') {
    const all = parse(allWebinars, given, path, mistakes)
    return all && { selects: () => true, panelists: all.panelists }
  }
  const some = parse(someWebinars, given, path, mistakes)
  if (!some) return undefined
  const { only, except } = some.webinars
  return { selects: one => (only?.has(one) ?? true) && !except?.has(one), panelists: some.panelists }
}

/** Values are not shown: an address is personal data. */
const parse = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: readonly string[],
  mistakes: Mistakes,
): z.output<Schema> | undefined => {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  for (const issue of error.issues) {
    mistakes.add(`${[...path, ...issue.path].join('.') || 'selection'} must be ${issue.message}.`)
  }
  return undefined
}

function strictly(keys: string) {
  return (issue: { code?: string; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `an object with nothing but ${keys}, but it has ${issue.keys.join(', ')} too`
      : `an object with ${keys}`
}

const unknownAccount = (name: string, accounts: readonly string[]): string => {
  const meant = accounts.length === 0 ? '' : ` Probably ${levenshtein.closest(name, [...accounts])} is meant.`
  return `zoom.${name} must be an account of the configuration, which has ${accounts.join(', ') || 'none'}.${meant}`
}
