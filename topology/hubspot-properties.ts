/** Properties that are read of HubSpot's records, by the records' name in its API. */
export type HubSpotProperties = Readonly<Record<'contacts' | 'companies', readonly string[]>>

/** Properties of contacts and companies that `visitors` and `accounts` tell. What says who somebody is, is read besides. */
export const hubspotProperties: HubSpotProperties = {
  contacts: ['firstname', 'lastname', 'jobtitle', 'phone', 'city', 'country', 'company'],
  companies: ['name', 'domain', 'industry', 'numberofemployees'],
}
