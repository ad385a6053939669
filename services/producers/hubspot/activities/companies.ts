import type { RelatedCompany } from '../../../../schemas/generated.ts'
import { companyNames } from '../../../companies/names.ts'
import { recordIdOf } from '../object-types.ts'
import type { HubSpotActivityReader } from '../rest/activities.ts'
import { isHubSpotError } from '../rest/problems.ts'
import type { ActivityType } from './types.ts'

/** The companies that activities are on, by the ids of the activities; nothing for one that is on none. */
export type RelatedCompanies = ReadonlyMap<string, readonly RelatedCompany[]>

/** What says which company it is elsewhere. `salesforceaccountid` is of HubSpot's own sync with Salesforce: an account need not have it. */
export const companyProperties = ['domain', 'salesforceaccountid'] as const

/** Null when the app may not read companies: activities are told without them. Rejects with a `HubSpotError`. @param ids of at most 100 activities */
export const companiesOf = async (
  reader: Pick<HubSpotActivityReader, 'companiesOf' | 'companies'>,
  type: ActivityType,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<RelatedCompanies | null> => {
  try {
    const on = await reader.companiesOf(type, ids, signal)
    const companies = [...new Set([...on.values()].flat())]
    const found = companies.length === 0 ? [] : await reader.companies(companies, companyProperties, signal)
    const names = new Map(
      found.map(({ id, properties: { salesforceaccountid: account, domain: website } }) => [
        recordIdOf(id),
        companyNames({ account, website }),
      ]),
    )
    const told = (id: string): RelatedCompany => ({ alias: `hubspot:company:${id}`, names: [...(names.get(id) ?? [])] })
    return new Map([...on].map(([activity, some]) => [activity, some.map(told)]))
  } catch (error) {
    if (isHubSpotError(error, 'HUBSPOT_SCOPES_MISSING')) return null
    throw error
  }
}
