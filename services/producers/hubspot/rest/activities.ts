import { z } from 'zod'
import { createRateLimit, type PublishedLimit } from '../../../delivery/requests/rate-limit.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { type ActivityType, readProperties } from '../activities/types.ts'
import { recordIdOf } from '../object-types.ts'
import { paging, readAs } from './answers.ts'
import { type Ask, createAsking, type HubSpotReaderOptions, type Pace, type Question } from './asking.ts'
import type { Found } from './client.ts'
import { batchRecords, pageOwners, readsPublished } from './limits.ts'

/** A record of an activity as HubSpot tells it: nothing of it is checked. */
export interface FoundActivity extends Found {
  /** The values that each property had, by its name: each with its `timestamp`, `sourceType` and `sourceId`. */
  readonly history: Readonly<Record<string, unknown>>
  readonly createdAt: unknown
  /** Of one that was deleted. */
  readonly archivedAt: unknown
}

/** Reads what activities are about of one account. Everything it rejects with is a `HubSpotError`; ids are of digits, each once. */
export interface HubSpotActivityReader {
  /** Those of at most 50 records that are there, whole. */
  activities(type: ActivityType, ids: readonly string[], signal: AbortSignal): Promise<readonly FoundActivity[]>
  /** Those of at most 100 records that were deleted, with one property. */
  deleted(
    type: ActivityType,
    ids: readonly string[],
    property: string,
    signal: AbortSignal,
  ): Promise<readonly FoundActivity[]>
  /** Ids of the contacts that each of at most 100 records is on; nothing for one that is on none. */
  contactsOf(
    type: ActivityType,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]>>
  /** The same of companies. Rejects with `HUBSPOT_SCOPES_MISSING` when the app may not read them. */
  companiesOf(
    type: ActivityType,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]>>
  /** Those of some contacts that are there, with these properties. */
  contacts(ids: readonly string[], properties: readonly string[], signal: AbortSignal): Promise<readonly Found[]>
  /** The same of companies. */
  companies(ids: readonly string[], properties: readonly string[], signal: AbortSignal): Promise<readonly Found[]>
  /** Addresses of all owners by their ids, also of those who are owners no more. */
  owners(signal: AbortSignal): Promise<ReadonlyMap<string, string>>
}

/** Over our own exchange, as the reader of searches. */
export const createHubSpotActivityReader = (options: HubSpotReaderOptions): HubSpotActivityReader => {
  const ask = createAsking(options, readsPace(options.clock))
  const records = async (path: string, body: object, asking: Asking): Promise<readonly FoundActivity[]> => {
    const { scope, signal, query = '' } = asking
    const operation = `${path}.batch-read`
    const question = { operation, path: `/crm/v3/objects/${path}/batch/read${query}`, body: JSON.stringify(body) }
    return await ask({ ...question, scope, answers: allOrSome }, text => recordsIn(operation, text), signal)
  }
  const all = async (
    path: string,
    ids: readonly string[],
    { properties, ...asking }: Asking & { readonly properties: readonly string[] },
  ): Promise<readonly Found[]> => {
    const found: Found[] = []
    for (let at = 0; at < ids.length; at += batchRecords) {
      const body = { inputs: inputsOf(ids.slice(at, at + batchRecords)), properties, propertiesWithHistory: [] }
      found.push(...(await records(path, body, asking)))
    }
    return found
  }
  return {
    activities: (type, ids, signal) => {
      const properties = readProperties(type)
      const body = { inputs: inputsOf(ids), properties, propertiesWithHistory: type.properties }
      return records(type.path, body, { scope: type.scope, signal })
    },
    deleted: (type, ids, property, signal) => {
      const body = { inputs: inputsOf(ids), properties: [property], propertiesWithHistory: [] }
      return records(type.path, body, { scope: type.scope, signal, query: '?archived=true' })
    },
    contactsOf: (type, ids, signal) => associatedWith(ask, type, { to: 'contacts', scope: type.scope, ids }, signal),
    companiesOf: (type, ids, signal) => associatedWith(ask, type, { to: 'companies', scope: ofCompanies, ids }, signal),
    contacts: (ids, properties, signal) => all('contacts', ids, { properties, scope: ofContacts, signal }),
    companies: (ids, properties, signal) => all('companies', ids, { properties, scope: ofCompanies, signal }),
    owners: signal => ownersOf(ask, signal),
  }
}

const ofContacts = 'crm.objects.contacts.read'
const ofCompanies = 'crm.objects.companies.read'

/** Ids of what activities are on, by the ids of the activities. */
const associatedWith = async (
  ask: Ask,
  { path }: ActivityType,
  { to, scope, ids }: { readonly to: string; readonly scope: string; readonly ids: readonly string[] },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const operation = `${path}.associations`
  const question = { operation, path: `/crm/v4/associations/${path}/${to}/batch/read`, scope, answers: allOrSome }
  const associated = new Map<string, string[]>()
  for (let inputs: readonly AssociationInput[] = inputsOf(ids); inputs.length > 0; ) {
    const body = JSON.stringify({ inputs })
    inputs = await ask({ ...question, body }, text => takeAssociations(operation, text, associated), signal)
  }
  return associated
}

const ownersOf = async (ask: Ask, signal: AbortSignal): Promise<ReadonlyMap<string, string>> => {
  const addresses = new Map<string, string>()
  // Who is one now comes last, and so counts.
  for (const archived of [true, false])
    for (let after: string | null = ''; after !== null; ) {
      const question = ownersQuestion(archived, after)
      after = await ask(question, text => takeOwners(text, addresses), signal)
    }
  return addresses
}

interface Asking {
  readonly scope: string
  readonly signal: AbortSignal
  readonly query?: string
}

interface AssociationInput {
  readonly id: string
  readonly after?: string
}

/** 207: some of what was asked for is not there. */
const allOrSome: ReadonlySet<number> = new Set([200, 207])
const ok: ReadonlySet<number> = new Set([200])

const inputsOf = (ids: readonly string[]): readonly { readonly id: string }[] => ids.map(id => ({ id }))

const recordsShape = z.object({
  results: z.array(
    z
      .object({
        ...{ id: z.unknown().optional(), createdAt: z.unknown().optional(), archivedAt: z.unknown().optional() },
        properties: z.record(z.string(), z.unknown()).catch({}),
        propertiesWithHistory: z.record(z.string(), z.unknown()).catch({}),
      })
      .transform(
        ({ id, properties, propertiesWithHistory: history, createdAt, archivedAt }): FoundActivity => ({
          ...{ id, properties, history, createdAt, archivedAt },
        }),
      ),
  ),
})

const recordsIn = (operation: string, text: string): readonly FoundActivity[] =>
  readAs(recordsShape, text, { operation, expected: 'records' }).results

const associationsShape = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: z.unknown().optional() }),
      to: z.array(z.object({ toObjectId: z.unknown().optional() })),
      paging,
    }),
  ),
})

/** Gives what is to be asked for next: those of which there are more. */
const takeAssociations = (
  operation: string,
  text: string,
  associated: Map<string, string[]>,
): readonly AssociationInput[] => {
  const more: AssociationInput[] = []
  const { results } = readAs(associationsShape, text, { operation, expected: 'associations' })
  for (const { from, to, paging: pages } of results) {
    const id = recordIdOf(from.id)
    if (id === null) continue
    const known = associated.get(id) ?? []
    associated.set(id, [...new Set([...known, ...to.flatMap(({ toObjectId }) => recordIdOf(toObjectId) ?? [])])])
    if (pages?.next) more.push({ id, after: pages.next.after })
  }
  return more
}

const ownersShape = z.object({
  results: z.array(z.object({ id: z.unknown().optional(), email: z.string().nullish().catch(null) })),
  paging,
})

const ownersQuestion = (archived: boolean, after: string): Question => {
  const query = new URLSearchParams({ limit: String(pageOwners), archived: String(archived) })
  if (after !== '') query.set('after', after)
  return { operation: 'owners', path: `/crm/v3/owners?${query}`, scope: 'crm.objects.owners.read', answers: ok }
}

/** Gives where the next page begins; null when there is none. */
const takeOwners = (text: string, addresses: Map<string, string>): string | null => {
  const { results, paging: pages } = readAs(ownersShape, text, { operation: 'owners', expected: 'owners' })
  for (const { id, email } of results) {
    const owner = recordIdOf(id)
    if (owner !== null && email) addresses.set(owner, email)
  }
  return pages?.next?.after ?? null
}

/** As fast as a part of the app's limit allows, and slower when HubSpot says that little of it is left. */
export const readsPace = (clock: Clock, published: PublishedLimit = readsPublished): Pace => {
  const limit = createRateLimit(published, clock)
  return {
    myTurn: async signal => {
      for (let ms = limit.waitMs(); ms > 0 && !signal.aborted; ms = limit.waitMs()) await clock.sleep(ms, signal)
      limit.take()
    },
    heard: ({ headers }) => {
      const left = Number.parseInt(headers.get('x-hubspot-ratelimit-remaining') ?? '', 10)
      if (left >= 0) limit.remaining(left)
    },
  }
}
