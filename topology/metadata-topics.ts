import { stream, table } from './define.ts'

/** Topics between Pendo and HubSpot: what both tell of the metadata that they share, and what was settled. They are part of `topics`. */

const profileWindow = {
  days: 14,
  reason: 'longer than any outage of the consumer that reads them; its rows, not this topic, hold what was told',
}

export const personProfiles = stream({
  name: 'person-profiles',
  record: 'profile',
  purpose: 'What Pendo and HubSpot tell of the metadata of people that they share',
  owner: 'revenue operations',
  key: 'person id',
  partitions: 'shared',
  retention: profileWindow,
  keyedBy: 'person',
})

export const companyProfiles = stream({
  name: 'company-profiles',
  record: 'profile',
  purpose:
    'What Pendo and HubSpot tell of the metadata of accounts and companies that they share, all of one again with each change',
  owner: 'revenue operations',
  key: 'web domain or record id of the company, which links it with its account',
  partitions: 'shared',
  retention: profileWindow,
  keyedBy: profile => profile.link ?? '',
})

export const knownAccounts = table({
  name: 'known-accounts',
  record: 'known-account',
  purpose: 'State of account-profiles: what is known of each account and company, and what links it',
  owner: 'revenue operations',
  key: '<source>|<account id>',
  partitions: 'shared',
  compaction: { reason: 'state of a consumer: the latest row per key' },
})

export const visitorContacts = table({
  name: 'visitor-contacts',
  record: 'metadata-link',
  purpose: 'State of visitor-contact: what Pendo and HubSpot hold of one person, and what was settled',
  owner: 'revenue operations',
  key: 'person id',
  partitions: 'shared',
  compaction: { reason: 'state of a consumer: the latest row per key' },
})

export const accountCompanies = table({
  name: 'account-companies',
  record: 'metadata-link',
  purpose: 'State of account-company: what Pendo and HubSpot hold of one company, and what was settled',
  owner: 'revenue operations',
  key: 'as of company-profiles',
  partitions: 'shared',
  compaction: { reason: 'state of a consumer: the latest row per key' },
})
