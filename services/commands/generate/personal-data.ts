const none = 'none'
const writes = 'the values of fields that a CRM shall have: address, name, webinars'
const pseudonymous = 'ids of persons and records, no address and no name'

/** What of people lies in each topic, for docs/security.md. A new topic must be decided here. */
const byTopic: Readonly<Record<string, string>> = {
  visitors: 'address, name and traits; user and device ids',
  accounts: none,
  tracks: 'what somebody did; user and device ids',
  webinars: 'what a registration holds: address, name, company, answers, link to join; when somebody was in the room',
  tasks:
    'subjects and texts of tasks and activities; record ids of people, addresses of users, and of people whom HubSpot did not know when they did something',
  'task-links': 'as tasks, of one task',
  'record-notices': none,
  'hubspot-tasks': 'subjects and texts of tasks; record ids of people',
  'hubspot-tasks-replay': 'as hubspot-tasks',
  prospects: 'address and name (nothing writes it in this version)',
  'identity-claims': 'addresses and other aliases, name',
  identities: 'addresses and other aliases, name; of the erased their HMAC',
  participations: 'as webinars, of one participant',
  attendances: 'as webinars, of one participant',
  'webinar-histories': 'the webinars of one person, link to join',
  'person-profiles': 'the shared metadata of visitors and contacts; user and record ids',
  'company-profiles': none,
  'known-accounts': none,
  'visitor-contacts': 'as person-profiles, of one person',
  'account-companies': none,
  'hubspot-writes': writes,
  'hubspot-companies': none,
  'hubspot-companies-replay': none,
  'hubspot-writes-replay': writes,
  'hubspot-marketing': writes,
  'hubspot-marketing-replay': writes,
  'hubspot-events': writes,
  'hubspot-events-replay': writes,
  'salesforce-writes': writes,
  'salesforce-writes-replay': writes,
  'pendo-writes': 'user ids and traits of people; of accounts none',
  'pendo-writes-replay': 'as pendo-writes',
  'pendo-events': 'what somebody did, with their user id',
  'pendo-events-replay': 'as pendo-events',
  delivered: 'ids of persons, records and users (a product may take addresses for ids), no name; hashes of values',
  receipts: pseudonymous,
  'row-moves': 'rows of merged persons',
  parked: 'events as they came; the key and the alias that they wait for, in headers',
  'dead-letters': 'records as they came: key, value and headers; none in the reasons',
  'dead-letter-marks': none,
  'segment-message-ids': none,
  'pendo-sweeps': none,
  'hubspot-sweeps': none,
  'hubspot-marketing-sweeps': none,
  'salesforce-sweeps': none,
  'event-usage': none,
}

/** @throws Error for a topic of which nobody has said it */
export const personalDataOf = (topic: string): string => {
  const said = byTopic[topic]
  if (said === undefined)
    throw new Error(`Say what personal data ${topic} holds, in services/commands/generate/personal-data.ts`)
  return said
}
