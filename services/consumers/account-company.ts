import { type Consumer, consumer } from '../../topology/define.ts'
import { accountCompanies, companyProfiles } from '../../topology/metadata-topics.ts'
import { type Mapping, type SyncedField, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { fieldsFor, systems, visitorOf } from '../pendo-and-hubspot/targets.ts'
import { type Asked, askedBy } from '../shared-fields/asked.ts'
import { withReading } from '../shared-fields/link.ts'
import { hubspotCompany } from '../sinks/hubspot/objects.ts'
import { pendoAccount } from '../sinks/pendo/objects.ts'

/** An account in Pendo and its company in HubSpot hold the same, field by field as the mapping says. */
export const accountCompanyBy = (mapping: () => Mapping): Consumer =>
  consumer({
    name: 'account-company',
    reads: companyProfiles,
    isOn: () => mapping().enabled,
    joins: null,
    writes: [hubspotCompany, pendoAccount],
    keepsPerKey: { table: accountCompanies, inputKeyOf: key => key, aliasesOf: () => [] },
    handle: ({ event, rows }) => {
      const { companies } = mapping()
      const key = event.link ?? ''
      const link = withReading(rows.get(key), event, { fields: companies, systems, partners: 'first' })
      const company = link.records.find(({ side, joined }) => side === 'HUBSPOT' && joined)?.record
      const writes = askedBy(link, event.eventId, companies).flatMap(asked => writeOf(asked, company) ?? [])
      return { rows: new Map([[key, link]]), writes }
    },
  })

const writeOf = (asked: Asked<SyncedField>, company: string | undefined) => {
  const account = visitorOf(asked.target)
  const contest = { revision: asked.revision }
  if (account !== undefined) return pendoAccount.set(account, fieldsFor(asked), { contest })
  return company === undefined ? undefined : hubspotCompany.set(company, fieldsFor(asked), { contest })
}

export default accountCompanyBy(sharedMetadata)
