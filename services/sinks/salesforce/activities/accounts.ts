import { accountId, accountIn, companyNames, domainIn } from '../../../companies/names.ts'
import type { NeedsPerson, Retry } from '../../../delivery/destination.ts'
import { queryRefused } from '../answers.ts'
import type { Refused, Row, SalesforceClient } from '../api/client.ts'
import { queriesFor } from '../api/soql.ts'

/** Accounts of the org by what companies are known by. */
export interface Accounts {
  readonly kind: 'accounts'
  /** Id of the account of the first of these names that one account has; undefined when there is none. */
  of(names: readonly string[]): string | undefined
}

/** A merged account leads to its winner, which may have been merged again. More steps than this are a circle. */
const mostSteps = 10

/** Looks for accounts that are there now. A domain that several have is nobody's: nobody could tell which is meant. */
export const accountsBy = async (
  client: SalesforceClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Accounts | Retry | NeedsPerson> => {
  const after = new Map<string, string | null>()
  let open = names.flatMap(name => accountIn(name) ?? [])
  for (let step = 0; step < mostSteps && open.length > 0; step++) {
    const rows = await rowsOf(client, open, fateQuery, signal)
    if (rows.kind !== 'rows') return rows
    for (const id of open) after.set(id, null)
    for (const row of rows.rows) after.set(accountId(row['Id']) ?? '', afterOf(row))
    open = [...after.values()].flatMap(id => (id === null || after.has(id) ? [] : [id]))
  }
  const spellings = names.flatMap(name => websitesOf(domainIn(name)))
  const sites = await rowsOf(client, spellings, websiteQuery, signal)
  if (sites.kind !== 'rows') return sites
  const holders = new Map<string, Set<string>>()
  for (const { Id, Website: website } of sites.rows)
    for (const name of companyNames({ account: null, website }))
      holders.set(name, (holders.get(name) ?? new Set()).add(accountId(Id) ?? ''))
  const accountOf = (name: string): string | undefined => {
    const id = accountIn(name)
    if (id !== undefined) return endOf(id, after)
    const [holder, ...others] = holders.get(name) ?? []
    return others.length === 0 ? holder : undefined
  }
  return { kind: 'accounts', of: some => some.map(accountOf).find(id => id !== undefined) }
}

const endOf = (id: string, after: ReadonlyMap<string, string | null>): string | undefined => {
  let at = id
  for (let step = 0; step <= mostSteps; step++) {
    const next = after.get(at) ?? undefined
    if (next === undefined || next === at) return next
    at = next
  }
  return undefined
}

const afterOf = (row: Row): string | null => {
  const master = accountId(row['MasterRecordId'])
  return master ?? (row['IsDeleted'] === true ? null : (accountId(row['Id']) ?? null))
}

const fateQuery = (list: string): string => `SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE Id IN (${list})`

const websiteQuery = (list: string): string =>
  `SELECT Id, Website FROM Account WHERE IsDeleted = false AND Website IN (${list})`

/** How people write the web site of a domain. By what merely contains it nothing is looked for, which no index of an org helps. */
const websitesOf = (domain: string | undefined): readonly string[] =>
  domain === undefined
    ? []
    : ['', 'www.']
        .flatMap(host => ['', 'https://', 'http://'].map(scheme => scheme + host + domain))
        .flatMap(site => [site, `${site}/`])

/** Nothing when the integration user may not see accounts: tasks are shared without them. */
const rowsOf = async (
  client: SalesforceClient,
  values: readonly string[],
  build: (list: string) => string,
  signal: AbortSignal,
): Promise<{ readonly kind: 'rows'; readonly rows: readonly Row[] } | Retry | NeedsPerson> => {
  const rows: Row[] = []
  for (const { soql } of queriesFor(values, build)) {
    const answer = await client.query('accounts.look-up', soql, 'all', signal)
    if (answer.kind === 'success') rows.push(...answer.data)
    else if (!mayNotSee(answer)) return queryRefused(answer.problem)
  }
  return { kind: 'rows', rows }
}

const mayNotSee = ({ problem }: Refused): boolean => problem.code === 'INVALID_TYPE' || problem.code === 'INVALID_FIELD'
