import { type Consumer, consumer } from '../../topology/define.ts'
import { accountCompanies, companyProfiles } from '../../topology/metadata-topics.ts'
import { type Asked, askedBy } from '../pendo-and-hubspot/asked.ts'
import { withProfile } from '../pendo-and-hubspot/link.ts'
import { type Mapping, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { visitorOf } from '../pendo-and-hubspot/targets.ts'
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
      const link = withProfile(rows.get(key), event, { fields: companies, partners: 'first' })
      const company = link.records.find(({ side, joined }) => side === 'HUBSPOT' && joined)?.record
      const writes = askedBy(link, event.eventId, companies).flatMap(asked => writeOf(asked, company) ?? [])
      return { rows: new Map([[key, link]]), writes }
    },
  })

const writeOf = ({ target, fields, revision }: Asked, company: string | undefined) => {
  const account = visitorOf(target)
  if (account !== undefined) return pendoAccount.set(account, fields, { contest: { revision } })
  return company === undefined ? undefined : hubspotCompany.set(company, fields, { contest: { revision } })
}

export default accountCompanyBy(sharedMetadata)
