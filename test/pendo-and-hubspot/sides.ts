import type { Account, Visitor } from '../../schemas/generated.ts'
import { type Mapping, readyMapping } from '../../services/pendo-and-hubspot/mapping.ts'
import type { FieldValue, Person } from '../../topology/define.ts'
import type { PendoAndHubSpot, SharedField } from '../../topology/pendo-and-hubspot.ts'

export type Traits = Readonly<Record<string, FieldValue>>

/** One both-way field of each rule, and one of each way. */
export const fields: readonly SharedField[] = [
  { pendo: 'custom.title', hubspot: 'jobtitle', direction: 'both', conflict: 'newest' },
  { pendo: 'custom.phone', hubspot: 'phone', direction: 'both', conflict: 'hubspot' },
  { pendo: 'custom.size', hubspot: 'size', type: 'number', direction: 'both', conflict: 'pendo' },
  { pendo: 'agent.role', hubspot: 'pendo_role', direction: 'to-hubspot' },
  { pendo: 'custom.stage', hubspot: 'lifecyclestage', direction: 'to-pendo' },
]

export const mappingOf = (over: Partial<PendoAndHubSpot> = {}): Mapping =>
  readyMapping({ enabled: true, contacts: fields, companies: fields, matchCompaniesBy: 'domain', ...over })

export const at = Date.parse('2026-03-04T15:00:00Z')

let events = 0

interface Told {
  readonly time?: number
  readonly receivedAt?: number
  readonly eventId?: string
}

const factsOf = (vendor: string, { time = 0, receivedAt, eventId }: Told) => ({
  eventId: eventId ?? `${vendor}:event-${++events}`,
  destinations: {},
  source: `${vendor}:default`,
  occurredAt: at + time,
  receivedAt: at + (receivedAt ?? time),
})

/** Pendo's sweep read the visitor 42. Times are milliseconds after `at`. */
export const visitor = (traits: Traits, told: Told & { readonly id?: string } = {}): Visitor => ({
  ...factsOf('pendo', told),
  ...{ person: `user:${told.id ?? '42'}`, aliases: [`user:${told.id ?? '42'}`], account: null, traits },
})

/** HubSpot told of the contact 501: one property is a change, several are a reading. */
export const contact = (traits: Traits, told: Told & { readonly id?: string } = {}): Visitor => ({
  ...factsOf('hubspot', told),
  ...{ person: `hubspot:contact:${told.id ?? '501'}`, aliases: [`hubspot:contact:${told.id ?? '501'}`] },
  ...{ account: null, traits },
})

/** All properties of a contact, as a sweep reads them. */
export const wholeContact = (traits: Traits, told: Told & { readonly id?: string } = {}): Visitor =>
  contact({ ...everyProperty, ...traits }, told)

const everyProperty: Traits = Object.fromEntries(fields.map(({ hubspot }) => [hubspot, null]))

export const account = (
  traits: Traits,
  told: Told & { readonly id?: string; readonly domain?: string | null } = {},
): Account => ({
  ...factsOf('pendo', told),
  ...{ account: told.id ?? 'acme', domain: told.domain === undefined ? 'acme.example' : told.domain, traits },
})

/** @param domain null: the event does not tell it */
export const company = (
  traits: Traits,
  told: Told & { readonly id?: string; readonly domain?: string | null } = {},
): Account => ({
  ...factsOf('hubspot', told),
  ...{ account: told.id ?? '901', domain: told.domain === undefined ? null : told.domain, traits },
})

export const wholeCompany = (
  traits: Traits,
  told: Told & { readonly id?: string; readonly domain?: string | null } = {},
): Account => company({ ...everyProperty, ...traits }, { domain: 'acme.example', ...told })

export const person: Person = {
  id: '332bd0ca5ee285b3f3b6',
  aliases: ['user:42', 'hubspot:contact:501'],
  emails: [],
  attributes: {},
}

/** Visitor and contact hold the same title, told by both. */
export const alike: readonly Visitor[] = [
  visitor({ 'custom.title': 'Analyst' }, { time: 1 }),
  wholeContact({ jobtitle: 'Analyst' }, { time: 2 }),
]

/** Events of one person that lead to something, for the laws of consumers. */
export const lawful = [
  ...alike,
  visitor({ 'custom.title': 'Head', 'agent.role': 'admin' }, { time: 3 }),
  contact({ jobtitle: 'Chief' }, { time: 4 }),
  visitor({ 'custom.title': 'Head', 'custom.phone': '1' }, { time: 5 }),
  contact({ phone: '2' }, { time: 2, receivedAt: 6 }),
].map(event => ({
  ...event,
  person: 'user:42',
  aliases: ['user:42', ...event.aliases.filter(one => one !== 'user:42')],
}))

/** Account and company hold the same. */
export const alikeAccounts: readonly Account[] = [
  account({ 'custom.title': 'A' }, { time: 1 }),
  wholeCompany({ jobtitle: 'A' }, { time: 2 }),
]

/** Events of accounts and a company that lead to something. */
export const lawfulAccounts: readonly Account[] = [
  ...alikeAccounts,
  company({ jobtitle: 'B' }, { time: 3 }),
  account({ 'custom.title': 'C', 'agent.role': 'gold' }, { time: 4 }),
  account({ 'custom.phone': '5' }, { time: 5, id: 'workspace' }),
  account({ 'custom.title': 'C' }, { time: 6, domain: 'moved.example' }),
]
