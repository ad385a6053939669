import type { Person } from '../../../../topology/define.ts'
import type { Problem, RecordRef, Resolution } from '../../../delivery/destination.ts'
import { queryRefused } from '../answers.ts'
import type { Row, SalesforceClient } from '../api/client.ts'
import { queriesFor } from '../api/soql.ts'
import type { AbsentAddresses } from './absent.ts'
import { type PersonObject, recordRefIn } from './ids.ts'

/** A record that holds an address, or that the lead with it became. */
interface Candidate {
  readonly record: RecordRef
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Candidates by address in lower case. */
type Holders = Map<string, Candidate[]>
interface Answer {
  readonly status: number | null
  readonly correlationId: string | null
}
type Rows = { readonly kind: 'rows'; readonly rows: readonly Row[]; readonly answer: Answer } | Problem

/**
 * Finds the records of persons by their addresses: a contact before a lead, then the oldest. A lead that was converted leads to its contact. Of whom all addresses
 * were absent a moment ago is not asked, as long as the org answers: a request that fails must be followed by another one, or a pause would end without any. One
 * result a person, in their order.
 */
export const resolvePeople = async (
  client: SalesforceClient,
  absent: AbsentAddresses,
  objects: readonly string[],
  persons: readonly Person[],
  signal: AbortSignal,
): Promise<readonly Resolution[]> => {
  const trusted = client.isWell()
  const results = persons.map(({ emails }): Resolution | undefined => {
    if (emails.length === 0) return skipped
    return trusted && emails.every(email => absent.has(objects, email)) ? { kind: 'missing', ...noAnswer } : undefined
  })
  let last: Answer = noAnswer
  for (const look of [contactsOf, leadsOf]) {
    const addresses = persons.flatMap(({ emails }, index) => (results[index] ? [] : emails))
    const found = await look(client, addresses, objects, signal)
    if (found.kind !== 'found') return results.map(result => result ?? found)
    last = found.answer
    for (const holders of found.preferred)
      for (const [index, person] of persons.entries()) results[index] ??= chosen(person, holders, last)
  }
  return results.map((result, index) => {
    if (!result) for (const email of persons[index]?.emails ?? []) absent.add(objects, email)
    return result ?? { kind: 'missing', ...last }
  })
}

/** Of all that hold one of the person's addresses, the oldest. */
const chosen = ({ emails }: Person, holders: Holders, answer: Answer): Resolution | undefined => {
  const held = emails.flatMap(email =>
    (holders.get(email.toLowerCase()) ?? []).map(candidate => ({ ...candidate, alias: `email:${email}` })),
  )
  const [first] = held.toSorted((a, b) => a.createdAt - b.createdAt || (a.record.id < b.record.id ? -1 : 1))
  return first && { kind: 'found', record: first.record, alias: first.alias, ...answer }
}

const noAnswer: Answer = { status: null, correlationId: null }
const skipped: Resolution = { kind: 'skipped', code: 'NO_ADDRESS', ...noAnswer }

type Found = { readonly kind: 'found'; readonly preferred: readonly Holders[]; readonly answer: Answer } | Problem
type Look = (
  client: SalesforceClient,
  addresses: readonly string[],
  objects: readonly string[],
  signal: AbortSignal,
) => Promise<Found>

const contactsOf: Look = async (client, addresses, objects, signal) => {
  if (!objects.includes('contact')) return { kind: 'found', preferred: [], answer: noAnswer }
  const found = await rowsFor(client, 'contacts.look-up', addresses, contactQuery, signal)
  if (found.kind !== 'rows') return found
  return {
    kind: 'found',
    preferred: [holdersOf(found.rows, row => candidate('contact', row, row['Id']))],
    answer: found.answer,
  }
}

/** Leads as they are, and contacts that leads became: those first. */
const leadsOf: Look = async (client, addresses, objects, signal) => {
  const found = await rowsFor(client, 'leads.look-up', addresses, leadQuery, signal)
  if (found.kind !== 'rows') return found
  const became = objects.includes('contact') ? found.rows.flatMap(row => textOf(row['ConvertedContactId'])) : []
  const contacts = await rowsFor(client, 'contacts.converted', became, idQuery, signal)
  if (contacts.kind !== 'rows') return contacts
  const there = new Set(contacts.rows.map(({ Id }) => recordRefIn('contact', Id)?.id))
  const converted = holdersOf(found.rows, row => {
    const one = candidate('contact', row, row['ConvertedContactId'])
    return one && there.has(one.record.id) ? one : undefined
  })
  const open = found.rows.filter(({ IsConverted }) => IsConverted !== true)
  const leads = objects.includes('lead') ? holdersOf(open, row => candidate('lead', row, row['Id'])) : new Map()
  return { kind: 'found', preferred: [converted, leads], answer: found.answer }
}

const contactQuery = (list: string): string => `SELECT Id, Email, CreatedDate FROM Contact WHERE Email IN (${list})`
const leadQuery = (list: string): string =>
  `SELECT Id, Email, CreatedDate, IsConverted, ConvertedContactId FROM Lead WHERE Email IN (${list})`
const idQuery = (list: string): string => `SELECT Id FROM Contact WHERE Id IN (${list})`

const rowsFor = async (
  client: SalesforceClient,
  operation: string,
  values: readonly string[],
  query: (list: string) => string,
  signal: AbortSignal,
): Promise<Rows> => {
  const rows: Row[] = []
  let answer = noAnswer
  for (const { soql } of queriesFor(values, query)) {
    const page = await client.query(operation, soql, 'live', signal)
    if (page.kind !== 'success') return queryRefused(page.problem)
    rows.push(...page.data)
    answer = { status: page.status, correlationId: page.correlationId }
  }
  return { kind: 'rows', rows, answer }
}

const holdersOf = (rows: readonly Row[], candidateOf: (row: Row) => Candidate | undefined): Holders => {
  const holders: Holders = new Map()
  for (const row of rows) {
    const one = candidateOf(row)
    for (const address of one ? textOf(row['Email']) : []) {
      const key = address.toLowerCase()
      holders.set(key, [...(holders.get(key) ?? []), ...(one ? [one] : [])])
    }
  }
  return holders
}

const candidate = (object: PersonObject, { CreatedDate }: Row, id: unknown): Candidate | undefined => {
  const record = recordRefIn(object, id)
  return record && { record, createdAt: typeof CreatedDate === 'string' ? Date.parse(CreatedDate) || 0 : 0 }
}

const textOf = (value: unknown): string[] => (typeof value === 'string' && value !== '' ? [value] : [])
