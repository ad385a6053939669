import { z } from 'zod'
import type { PendoAndHubSpot, SharedField } from '../../topology/pendo-and-hubspot.ts'
import { collectMistakes } from '../runtime/config/mistakes.ts'
import { contactProperties } from '../sinks/hubspot/contact-properties.ts'
import { isName } from '../sinks/pendo/names.ts'

const pendoField = z
  .string('a field of Pendo: `<group>.<field>`')
  .regex(/^[A-Za-z]\w*(?:\.[\w-]+)+$/, 'a field of Pendo: `<group>.<field>`')
const type = z.enum(['text', 'number', 'bool', 'date', 'datetime'], 'text, number, bool, date or datetime').optional()
const property = z
  .string('a property of HubSpot')
  .regex(/^[a-z][a-z0-9_]*$/, 'the internal name of a property in HubSpot: small letters, digits and _')

const only =
  (keys: string) =>
  (issue: { code?: string; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `an object with nothing but ${keys}, but it has ${issue.keys.join(', ')} too`
      : `an object with ${keys}`

const shared = { pendo: pendoField, hubspot: property, type }
const field = z.discriminatedUnion(
  'direction',
  [
    z.strictObject(
      {
        ...shared,
        direction: z.literal('both'),
        conflict: z.enum(['newest', 'hubspot', 'pendo'], "'newest', 'hubspot' or 'pendo': which value counts"),
      },
      { error: only("pendo, hubspot, type, direction and, where it is 'both', conflict") },
    ),
    ...(['to-hubspot', 'to-pendo'] as const).map(direction =>
      z.strictObject(
        { ...shared, direction: z.literal(direction) },
        { error: only("pendo, hubspot, type, direction and, where it is 'both', conflict") },
      ),
    ),
  ],
  { error: "an object whose direction is 'both', 'to-hubspot' or 'to-pendo'" },
)
const fields = z.array(field, 'a list of fields')
const mapping = z.strictObject(
  {
    enabled: z.boolean('true or false'),
    contacts: fields,
    companies: fields,
    matchCompaniesBy: z.union(
      [z.literal('domain'), z.strictObject({ pendoField })],
      "'domain', or an object with pendoField: `<group>.<field>`",
    ),
  },
  { error: only('enabled, contacts, companies and matchCompaniesBy') },
)

type Complain = (path: string, problem: string) => void

/** Validates the mapping (topology/pendo-and-hubspot.ts) against its shape and both vendors' rules. Throws one `MAPPING_INVALID` that lists every mistake. */
export const checkPendoAndHubSpot = (given: unknown): PendoAndHubSpot => {
  const mistakes = collectMistakes('MAPPING_INVALID', 'topology/pendo-and-hubspot.ts')
  const { data, error } = mapping.safeParse(given)
  for (const { path, message } of error?.issues ?? [])
    mistakes.add(`${path.join('.') || 'pendoAndHubSpot'} must be ${message}.`)
  if (data) checkRules(data as PendoAndHubSpot, (path, problem) => mistakes.add(`${path} ${problem}.`))
  mistakes.throwIfAny()
  return data as PendoAndHubSpot
}

const checkRules = ({ contacts, companies, matchCompaniesBy }: PendoAndHubSpot, complain: Complain): void => {
  checkFields('contacts', contacts, unwritable.contacts, complain)
  checkFields('companies', companies, unwritable.companies, complain)
  if (matchCompaniesBy === 'domain') return
  const { pendoField } = matchCompaniesBy
  checkGroup('matchCompaniesBy.pendoField', pendoField, complain)
  for (const [index, one] of companies.entries())
    if (one.pendo === pendoField && one.direction !== 'to-hubspot')
      complain(`companies.${index}.pendo`, 'says which company it is (matchCompaniesBy), so nothing may write it')
}

/** What says who it is, or is HubSpot's own: nobody may write it. */
const own = ['hs_object_id', 'hs_merged_object_ids', 'createdate', 'lastmodifieddate', 'hs_lastmodifieddate']
const unwritable: Readonly<Record<'contacts' | 'companies', ReadonlySet<string>>> = {
  contacts: new Set([...own, 'email', 'hs_additional_emails', ...Object.keys(contactProperties)]),
  companies: new Set([...own, 'domain']),
}

/** Pendo fills these in by itself, and no producer tells them. */
const ofPendo: ReadonlySet<string> = new Set(['auto', 'pendo'])

const checkGroup = (path: string, name: string, complain: Complain): void => {
  const [group = ''] = name.split('.')
  if (ofPendo.has(group)) complain(path, `must be of a group that is told, such as agent or custom, not ${group}`)
}

const checkFields = (
  list: string,
  all: readonly SharedField[],
  forbidden: ReadonlySet<string>,
  complain: Complain,
): void => {
  for (const [index, one] of all.entries()) {
    checkGroup(`${list}.${index}.pendo`, one.pendo, complain)
    if (one.direction !== 'to-hubspot' && !isCustom(one.pendo))
      complain(
        `${list}.${index}.pendo`,
        `must be \`custom.<field>\` of letters, digits and _, for Pendo's API writes to no other group, but is ${one.pendo}`,
      )
    if (one.direction !== 'to-pendo' && forbidden.has(one.hubspot))
      complain(`${list}.${index}.hubspot`, `must be a property that may be written, which ${one.hubspot} is not`)
  }
  checkWays(list, all, complain)
}

const isCustom = (name: string): boolean => {
  const [group, ...rest] = name.split('.')
  return group === 'custom' && rest.length === 1 && isName(rest.join('.'))
}

/** What is written has one source, and is itself nobody's: else values would go round in circles, or from one field through a second to a third. */
const checkWays = (list: string, all: readonly SharedField[], complain: Complain): void => {
  for (const [index, one] of all.entries()) {
    for (const [before, other] of all.slice(0, index).entries()) {
      const names = (['pendo', 'hubspot'] as const).filter(side => one[side] === other[side])
      const clash = names.find(side => writes(one, side) || writes(other, side))
      if (clash !== undefined)
        complain(
          `${list}.${index}.${clash}`,
          `is ${one[clash]}, which ${list}.${before} has too: a field that is written must be in one entry only`,
        )
      else if (names.length === 2) complain(`${list}.${index}`, `repeats ${list}.${before}`)
    }
  }
}

const writes = ({ direction }: SharedField, side: 'pendo' | 'hubspot'): boolean =>
  direction === 'both' || direction === `to-${side}`
