import { z } from 'zod'
import type { Account, IdentityClaim, Visitor } from '../../../../schemas/generated.ts'
import { idText } from '../../input/id-text.ts'
import { type Scalars, scalarsOf } from '../../input/scalars.ts'
import { happenedAt, instantOf } from '../../input/times.ts'
import { domainOf } from '../../input/web-domain.ts'
import { accountOf, aliasesOf, isAnonymous } from '../aliases.ts'
import { type Facts, pendoSource, seen } from '../records.ts'
import { digest } from '../webhook.ts'
import { canonical, hashOf } from './hashes.ts'

type Groups = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Groups of metadata that Pendo fills in itself, some of it at every visit. */
const ofPendo: ReadonlySet<string> = new Set(['auto', 'pendo'])

const rowShape = z.object({
  visitorId: z.unknown().optional(),
  accountId: z.unknown().optional(),
  metadata: z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({}),
})

/** The metadata of one visitor or account: whose, a hash of it by which a change is seen, and what it becomes. */
export interface Profile<Value> {
  readonly id: string
  readonly content: number
  readonly value: Value
  readonly claim: IdentityClaim | null
}

/** Undefined for a row without an id of somebody, and for one without metadata. Traits are named `<group>.<field>`, as Pendo's groups may hold the same field. */
export const visitorIn = (row: unknown, receivedAt: number): Profile<Visitor> | undefined => {
  const { data } = rowShape.safeParse(row)
  const id = idText(data?.visitorId)
  if (!data || id === null || isAnonymous(id)) return undefined
  const { auto, groups, traits } = partsOf(data.metadata)
  const account = accountOf(auto['accountid'] ?? data.accountId)
  const aliases = aliasesOf(id, fieldIn(groups, ['email']))
  const [person] = aliases
  if (person === undefined || (account === null && Object.keys(traits).length === 0)) return undefined
  const content = hashOf(`${account ?? ''}\n${canonical(traits)}`)
  const facts = factsOf('visitor', id, { auto, content, receivedAt })
  const value: Visitor = { ...facts, person, aliases, account, traits }
  return { id, content, value, claim: seen(facts, aliases, attributesOf(groups)) }
}

/** As `visitorIn`, of an account. */
export const accountIn = (row: unknown, receivedAt: number): Profile<Account> | undefined => {
  const { data } = rowShape.safeParse(row)
  const account = accountOf(data?.accountId)
  if (!data || account === null) return undefined
  const { auto, groups, traits } = partsOf(data.metadata)
  if (Object.keys(traits).length === 0) return undefined
  const content = hashOf(canonical(traits))
  const domain = domainOf({ domain: fieldIn(groups, ['domain']), website: fieldIn(groups, ['website']) })
  const value: Account = { ...factsOf('account', account, { auto, content, receivedAt }), account, domain, traits }
  return { id: account, content, value, claim: null }
}

const partsOf = (metadata: Groups) => {
  const groups = Object.fromEntries(Object.entries(metadata).filter(([group]) => !ofPendo.has(group)))
  return { auto: metadata['auto'] ?? {}, groups, traits: scalarsOf(groups) as Scalars }
}

/** An update has an id of its own; what tells no time is told apart by its content. The id of the visitor, often an address, is not in it. */
const factsOf = (
  kind: 'visitor' | 'account',
  id: string,
  {
    auto,
    content,
    receivedAt,
  }: { readonly auto: Readonly<Record<string, unknown>>; readonly content: number; readonly receivedAt: number },
): Facts => {
  const { at } = happenedAt(auto['lastupdated'], undefined, receivedAt)
  const updated = instantOf(auto['lastupdated'])
  const eventId = `pendo:${kind}:${digest(id)}:${updated === null ? '' : `${updated}-`}${content.toString(36)}`
  return { eventId, source: pendoSource, occurredAt: at, receivedAt, destinations: {} }
}

/** Where fields of metadata hold what is known of a person by our names, in any group: the snippet's own values first, then those that others wrote. */
const attributeFields: Readonly<Record<string, readonly string[]>> = {
  firstName: ['firstname', 'first_name', 'firstName'],
  lastName: ['lastname', 'last_name', 'lastName'],
  company: ['company'],
  jobTitle: ['jobtitle', 'job_title', 'jobTitle', 'title'],
  phone: ['phone'],
  city: ['city'],
  country: ['country'],
}
/** A longer one is no name, and no claim may hold it (services/identity/claims.ts). */
const longestAttribute = 1_000

const attributesOf = (groups: Groups): IdentityClaim['attributes'] => {
  const attributes: Record<string, string> = {}
  for (const [name, fields] of Object.entries(attributeFields)) {
    const text = fieldIn(groups, fields)
    if (text !== null && text.length <= longestAttribute) attributes[name] = text
  }
  return attributes
}

const fieldIn = (groups: Groups, fields: readonly string[]): string | null => {
  const { agent, custom, ...others } = groups
  for (const group of [agent, custom, ...Object.values(others)])
    for (const field of fields) {
      const text = group && Object.hasOwn(group, field) ? idText(group[field]) : null
      if (text !== null) return text
    }
  return null
}
