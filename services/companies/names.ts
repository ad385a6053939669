import { aliasIfOne } from '../identity/aliases.ts'
import { domainOf } from '../producers/input/web-domain.ts'

const accountPrefix = 'salesforce:account:'
const domainPrefix = 'domain:'

/**
 * By what a company is known both in HubSpot and in Salesforce, the surest first: the account that HubSpot's own sync with Salesforce noted on the company, and the domain of
 * the web site. @param company ids and addresses as the CRMs spell them
 */
export const companyNames = (company: { readonly account: unknown; readonly website: unknown }): readonly string[] => {
  const account = accountId(company.account)
  const domain = domainOf({ website: company.website })
  return [
    ...(account === undefined ? [] : [accountPrefix + account]),
    ...(domain === null ? [] : [domainPrefix + domain]),
  ]
}

/** An account's id with 18 characters; undefined for what is none. */
export const accountId = (id: unknown): string | undefined =>
  typeof id === 'string' && id.trim().startsWith('001')
    ? aliasIfOne('salesforce:contact', id)?.slice('salesforce:contact:'.length)
    : undefined

/** The id of the account that a name says; undefined for a name of another kind. */
export const accountIn = (name: string): string | undefined =>
  name.startsWith(accountPrefix) ? name.slice(accountPrefix.length) : undefined

/** The domain that a name says; undefined for a name of another kind. */
export const domainIn = (name: string): string | undefined =>
  name.startsWith(domainPrefix) ? name.slice(domainPrefix.length) : undefined

/** Names as one value of a field, and back. */
export const joinedNames = (names: readonly string[]): string => names.join(' ')
export const namesIn = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(' ').filter(name => name !== '') : []

/** Whether names are of one company: of the same account, or, where one of them knows no account, of the same domain. */
export const isSameCompany = (a: readonly string[], b: readonly string[]): boolean => {
  const [accountOfA, accountOfB] = [a, b].map(names => names.find(name => accountIn(name) !== undefined))
  if (accountOfA !== undefined && accountOfB !== undefined) return accountOfA === accountOfB
  return a.some(name => domainIn(name) !== undefined && b.includes(name))
}
