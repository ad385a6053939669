import { pendoAndHubSpot, sharedProperties } from './pendo-and-hubspot.ts'

/** Properties that are read of HubSpot's records, by the records' name in its API. */
export type HubSpotProperties = Readonly<Record<'contacts' | 'companies', readonly string[]>>

/** What every consumer of `visitors` and `accounts` may count on, whatever else is shared. */
const always: HubSpotProperties = {
  contacts: ['firstname', 'lastname', 'jobtitle', 'phone', 'city', 'country', 'company'],
  companies: ['name', 'domain', 'industry', 'numberofemployees'],
}

const shared = sharedProperties(pendoAndHubSpot)

/** Properties of contacts and companies that `visitors` and `accounts` tell. What says who somebody is, is read besides. */
export const hubspotProperties: HubSpotProperties = {
  contacts: [...new Set([...always.contacts, ...shared.contacts])],
  companies: [...new Set([...always.companies, ...shared.companies])],
}
