import { z } from 'zod'
import { accountId, accountIn, companyNames, domainIn, joinedNames } from '../../../companies/names.ts'
import type { Problem } from '../../../delivery/destination.ts'
import { orApiMissing } from '../answers.ts'
import { readOf, sendBatch } from '../batches.ts'
import type { HubSpotClient } from '../client.ts'
import { type ContactResult, contactsIn } from '../contacts/batches.ts'
import { searchBodyLength } from '../limits.ts'
import { associate, associatedWith, dissociate } from './associations.ts'
import type { Placed } from './contacts.ts'

const companiesType = 'companies'

/** Properties by which a company is known elsewhere. The account's id is noted by HubSpot's own sync with Salesforce, without which there is no such property. */
const accountProperty = 'salesforceaccountid'
const domainProperty = 'domain'

/** The company that a task shall be on. */
export interface Relating {
  /** Record id of the task. */
  readonly task: string
  /** By what the company is known, the surest first; none when it shall be on no company. */
  readonly names: readonly string[]
  /** Whether it is on no company yet, for sure. */
  readonly isNew: boolean
}

/**
 * Puts tasks on their companies. In Salesforce a task relates to one account, in HubSpot to any number of companies: the one that it is on gives way to the other, of several each stays.
 * Results by task.
 */
export const relateTasks = async (
  client: HubSpotClient,
  relatings: readonly Relating[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Placed>> => {
  if (relatings.length === 0) return new Map()
  const found = await companiesBy(
    client,
    relatings.flatMap(({ names }) => names),
    signal,
  )
  if (found.kind !== 'companies') return forAll(relatings, found)
  const old = relatings.filter(({ isNew }) => !isNew).map(({ task }) => task)
  const current = await associatedWith(client, companiesType, old, signal)
  if (current.kind !== 'associated') return forAll(relatings, current)
  const plans = relatings.map(({ task, names }) => {
    const company = names.map(name => found.of.get(name)).find(id => id !== undefined)
    return { task, company, held: current.of.get(task) ?? [], isUnknown: names.length > 0 && company === undefined }
  })
  const results = new Map<string, Placed>(
    plans.map(({ task, isUnknown }) => [task, isUnknown ? unknown : { kind: 'placed', adjustments: [] }]),
  )
  const known = plans.filter(({ isUnknown }) => !isUnknown)
  const missing = known.flatMap(({ task, company, held }) =>
    company === undefined || held.includes(company) ? [] : [{ task, record: company }],
  )
  const refused = await associate(client, companiesType, missing, signal)
  const leaving = known
    .filter(({ task, company, held }) => held.length === 1 && held[0] !== company && !refused.has(task))
    .map(({ task, held }) => ({ task, records: held }))
  const kept = await dissociate(client, companiesType, leaving, signal)
  for (const [task, problem] of [...refused, ...kept]) results.set(task, orUnseen(problem))
  return results
}

const unknown: Placed = { kind: 'placed', adjustments: ['COMPANY_UNKNOWN'] }

const forAll = (relatings: readonly Relating[], problem: Problem): ReadonlyMap<string, Placed> =>
  new Map(relatings.map(({ task }) => [task, orUnseen(problem)]))

/** An app that may not see companies shares tasks without them. */
const orUnseen = (problem: Problem): Placed => (problem.status === 403 ? unknown : problem)

/** The names of the only company that each task is on, as a write has them; null of several, and of one that is known in HubSpot only. */
export const namesOfCompanies = async (
  client: HubSpotClient,
  tasks: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'names'; readonly of: ReadonlyMap<string, string | null> } | Problem> => {
  const on = await associatedWith(client, companiesType, tasks, signal)
  if (on.kind !== 'associated') return on
  const ids = [...new Set([...on.of.values()].flatMap(some => (some.length === 1 ? some : [])))]
  const parts = await sendBatch(ids, some =>
    client.callForResults(
      'companies.read',
      ({ companies }) => companies.batchApi.readWithHttpInfo(readOf(some, [accountProperty, domainProperty])),
      signal,
    ),
  )
  const names = new Map<string, string>()
  for (const { answer } of parts) {
    if (answer.kind !== 'success') return orApiMissing(answer)
    for (const company of contactsIn(answer.data)) names.set(company.id, joinedNames(namesOf(company)))
  }
  const ofTask = (some: readonly string[]): string | null => (some.length === 1 && names.get(some[0] ?? '')) || null
  return { kind: 'names', of: new Map([...on.of].map(([task, some]) => [task, ofTask(some)])) }
}

const namesOf = ({ properties }: ContactResult): readonly string[] =>
  companyNames({ account: properties[accountProperty], website: properties[domainProperty] })

/** The ids of companies by what they are known by. A name that several have is not in it: nobody could tell which is meant. */
const companiesBy = async (
  client: HubSpotClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'companies'; readonly of: ReadonlyMap<string, string> } | Problem> => {
  const ids = new Map<string, Set<string>>()
  for (const [property, valueIn] of [
    [accountProperty, accountIn],
    [domainProperty, domainIn],
  ] as const) {
    const values = [...new Set(names.flatMap(name => valueIn(name) ?? []))]
    const problem = await search(client, { property, values }, ids, signal)
    // Without HubSpot's own sync with Salesforce there is no such property.
    if (problem && !(property === accountProperty && problem.kind === 'rejected')) return problem
  }
  const single = [...ids].flatMap(([name, some]) => (some.size === 1 ? [[name, [...some][0] ?? ''] as const] : []))
  return { kind: 'companies', of: new Map(single) }
}

interface Sought {
  readonly property: string
  readonly values: readonly string[]
}

/** One page is enough: of more companies than fit on it the values are asked for in halves, and a single value that so many have is nobody's. */
const mostFound = 200

const search = async (
  client: HubSpotClient,
  { property, values }: Sought,
  ids: Map<string, Set<string>>,
  signal: AbortSignal,
): Promise<Problem | undefined> => {
  if (values.length === 0) return undefined
  const request = requestFor({ property, values })
  const isTooLong = JSON.stringify(request).length > searchBodyLength
  const answer = isTooLong
    ? undefined
    : await client.callForResults(
        'companies.search',
        ({ companies }) => companies.searchApi.doSearchWithHttpInfo(request as SearchRequest),
        signal,
      )
  if (answer && answer.kind !== 'success') return orApiMissing(answer)
  const isWhole = answer !== undefined && !hasMore.safeParse(answer.data).success
  if (!isWhole && values.length > 1) {
    const middle = Math.ceil(values.length / 2)
    const first = await search(client, { property, values: values.slice(0, middle) }, ids, signal)
    return first ?? (await search(client, { property, values: values.slice(middle) }, ids, signal))
  }
  for (const company of answer ? contactsIn(answer.data) : [])
    for (const name of namesOf(company)) ids.set(name, (ids.get(name) ?? new Set()).add(company.id))
  return undefined
}

const hasMore = z.object({ paging: z.object({ next: z.object({ after: z.string() }) }) })

type SearchRequest = Parameters<HubSpotClient['api']['companies']['searchApi']['doSearchWithHttpInfo']>[0]

/** Texts are searched for in lower case. An account's id is noted with 18 characters, or with the first 15 of them. */
const requestFor = ({ property, values }: Sought) => ({
  filterGroups: [
    {
      filters: [
        {
          propertyName: property,
          operator: 'IN',
          values: values.flatMap(spellingsOf).map(value => value.toLowerCase()),
        },
      ],
    },
  ],
  properties: [accountProperty, domainProperty],
  sorts: ['hs_object_id'],
  limit: mostFound,
  after: '0',
})

const spellingsOf = (value: string): readonly string[] =>
  accountId(value) === value ? [value, value.slice(0, 15)] : [value, `www.${value}`]
