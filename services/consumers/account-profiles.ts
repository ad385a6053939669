import { type Consumer, consumer } from '../../topology/define.ts'
import { companyProfiles, knownAccounts } from '../../topology/metadata-topics.ts'
import { accounts } from '../../topology/topics.ts'
import { accountKey, accountOfKey, withAccountEvent } from '../pendo-and-hubspot/accounts.ts'
import { type Mapping, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { sideOf, tells } from '../pendo-and-hubspot/told.ts'

/** Keeps what Pendo and HubSpot tell of accounts and companies, and tells it again by what links the two. */
export const accountProfilesBy = (mapping: () => Mapping): Consumer =>
  consumer({
    name: 'account-profiles',
    reads: accounts,
    isOn: () => mapping().enabled,
    concerns: event => sideOf(event.source) !== undefined && tells(event),
    joins: null,
    writes: [companyProfiles],
    keepsPerKey: { table: knownAccounts, inputKeyOf: accountOfKey, aliasesOf: () => [] },
    handle: ({ event, rows }) => {
      const key = accountKey(event)
      const { row, told } = withAccountEvent(rows.get(key), event, mapping())
      return { rows: new Map([[key, row]]), writes: told.map(profile => companyProfiles.emit(profile)) }
    },
  })

export default accountProfilesBy(sharedMetadata)
