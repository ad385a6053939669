import type { Account, IdentityClaim, Visitor } from '../../../schemas/generated.ts'
import type { Stream } from '../../../topology/define.ts'
import { accounts, visitors } from '../../../topology/topics.ts'
import { aliasIfOne, hubspotContact } from '../../identity/aliases.ts'
import { aliasesPerPerson } from '../../identity/claims.ts'
import { domainOf } from '../input/web-domain.ts'

/** The source of all that comes from HubSpot, which says nothing of destinations. */
export const ofHubSpot = { source: 'hubspot:default', destinations: {} } as const

/** Values of a record's properties as HubSpot writes them, by name; null for none. They may be some of its properties. */
export type Values = Readonly<Record<string, string | null>>

/** What all that comes of one event shares. */
export type Facts = Pick<Visitor, 'eventId' | 'source' | 'occurredAt' | 'receivedAt' | 'destinations'>

/** A value with the stream that it is for. */
export type HubSpotRecord =
  | { readonly stream: Stream<Visitor>; readonly value: Visitor }
  | { readonly stream: Stream<Account>; readonly value: Account }

/** Some or all values of one record, as a webhook or a reading tells them. */
export interface Telling {
  readonly facts: Facts
  /** Of digits. */
  readonly id: string
  readonly values: Values
  /** Properties that are told as traits. */
  readonly chosen: readonly string[]
}

/** What a telling becomes. */
export interface Told {
  readonly record: HubSpotRecord
  readonly claims: readonly IdentityClaim[]
}

/** Properties by which it is known who a contact is. */
export const contactIdentity = ['email', 'hs_additional_emails', 'hs_merged_object_ids']

/** A contact is a visitor, known by its record id and by each address; records that were merged into it are the same person. */
export const contactTold = ({ facts, id, values, chosen }: Telling): Told => {
  const person = hubspotContact(id)
  const addresses = [values['email'], ...listed(values['hs_additional_emails'])]
  const emails = addresses.flatMap(address => (address ? (aliasIfOne('email', address) ?? []) : []))
  const aliases = [...new Set([person, ...emails])].slice(0, aliasesPerPerson)
  const value: Visitor = { ...facts, person, aliases, account: null, traits: traitsOf(values, chosen) }
  const seen = claimOf(facts, 'SEEN', { aliases, attributes: attributesOf(values) })
  const merged = mergedContacts(facts, [id, ...listed(values['hs_merged_object_ids'])])
  return { record: { stream: visitors, value }, claims: merged ? [seen, merged] : [seen] }
}

/** That records of contacts became one, whose id is the first; null when they are not several. */
export const mergedContacts = (facts: Facts, ids: readonly string[]): IdentityClaim | null => {
  const aliases = [...new Set(ids.flatMap(id => aliasIfOne('hubspot:contact', id) ?? []))].slice(0, aliasesPerPerson)
  return aliases.length < 2 ? null : claimOf(facts, 'MERGE', { aliases })
}

/** That the person of a contact is to be forgotten. */
export const erasedContact = (facts: Facts, id: string): IdentityClaim =>
  claimOf(facts, 'ERASE', { aliases: [hubspotContact(id)] })

/** The property by which it is known whose a company's web site is. */
export const companyIdentity = ['domain']

export const companyTold = ({ facts, id, values, chosen }: Telling): Told => {
  const domain = domainOf({ domain: values['domain'] })
  const value: Account = { ...facts, account: id, domain, traits: traitsOf(values, chosen) }
  return { record: { stream: accounts, value }, claims: [] }
}

/** Of the chosen properties those that are told, in the order of choice. */
const traitsOf = (values: Values, chosen: readonly string[]): Values =>
  Object.fromEntries(chosen.flatMap(name => (Object.hasOwn(values, name) ? [[name, values[name] ?? null]] : [])))

/** What is known of a person by our names, and the property of a contact that holds it. */
const attributeProperties: Readonly<Record<string, string>> = {
  firstName: 'firstname',
  lastName: 'lastname',
  company: 'company',
  jobTitle: 'jobtitle',
  phone: 'phone',
  city: 'city',
  country: 'country',
}
/** A longer one is no name, and no claim may hold it (services/identity/claims.ts). */
const longestAttribute = 1_000

const attributesOf = (values: Values): IdentityClaim['attributes'] =>
  Object.fromEntries(
    Object.entries(attributeProperties).flatMap(([name, property]) => {
      const text = values[property]?.trim() ?? ''
      return text !== '' && text.length <= longestAttribute ? [[name, text]] : []
    }),
  )

const claimIds = { SEEN: 'seen', MERGE: 'merged', ERASE: 'erase' } as const

const claimOf = (
  { eventId, occurredAt, source }: Facts,
  kind: keyof typeof claimIds,
  { aliases, attributes = {} }: Pick<IdentityClaim, 'aliases'> & Partial<Pick<IdentityClaim, 'attributes'>>,
): IdentityClaim => ({ id: `${eventId}:${claimIds[kind]}`, time: occurredAt, kind, aliases, attributes, source })

/** The entries of a property that holds several, joined by semicolons. */
const listed = (value: string | null | undefined): readonly string[] =>
  (value ?? '')
    .split(';')
    .map(one => one.trim())
    .filter(one => one !== '')
