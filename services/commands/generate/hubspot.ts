import { ownersKeptMs } from '../../producers/hubspot/activities/owners.ts'
import { activityTypes, linkProperty } from '../../producers/hubspot/activities/types.ts'
import { badInput } from '../../producers/hubspot/bad-input.ts'
import { mostOfSlice } from '../../producers/hubspot/marketing/email-events.ts'
import { emailActivities } from '../../producers/hubspot/marketing/types.ts'
import { objectTypes } from '../../producers/hubspot/object-types.ts'
import { batchRecordsWithHistory, searchesPerSecond } from '../../producers/hubspot/rest/limits.ts'
import { marketingScopes } from '../../producers/hubspot/rest/marketing.ts'
import { deletionsEveryMs, overlapMs } from '../../producers/hubspot/sweep/limits.ts'
import { mostTold } from '../../producers/sweep/marks.ts'
import { code, table } from './markdown.ts'

/** What is taken from HubSpot, and what becomes of webhooks that are not as HubSpot describes them. */
export const hubspotReference = (): readonly string[] => [
  '## HubSpot',
  '',
  `\`/webhooks/hubspot\` takes what HubSpot sends of ${[...objectTypes, ...activityTypes].map(({ path }) => path).join(', ')}: a list of at most 100 events, in no order, some of them more than once, signed (version 3) with HUBSPOT_CLIENT_SECRET over the address that HubSpot calls (INGEST_PUBLIC_URL).`,
  'It is answered when Kafka has acknowledged all of them. A subscription of its own (`contact.creation`) and one of every type (`object.creation` with its `objectTypeId`) are the same here.',
  '',
  table(
    ['event', 'becomes'],
    [
      ['contact.creation, contact.restore', '`visitors`: the contact, without properties; a claim of its id'],
      [
        'contact.propertyChange',
        '`visitors`: that one property, if it is chosen or an address; a claim of the id with the addresses that it tells, and of what is known of the person',
      ],
      ['contact.merge', 'a claim that all ids of the merged records are one person'],
      ['contact.privacyDeletion', 'a claim that erases the person'],
      ['company.creation, company.restore', '`accounts`: the company, without properties'],
      ['company.propertyChange', '`accounts`: that one property, if it is chosen or `domain`'],
      [
        `creation, propertyChange, deletion, restore and associationChange of ${activityTypes.map(({ name }) => name).join(', ')}`,
        '`record-notices`: that the record is to be read (below), while Salesforce is on too. What the webhook says of it is not looked at, and what Tributary wrote itself is told as well',
      ],
      [
        'contact.deletion, company.deletion, company.merge, associations of contacts and companies, and all others',
        'nothing: they are counted and ignored. Who was deleted in the CRM is still somebody, and what was told of them remains',
      ],
    ],
  ),
  '',
  "A contact is the person `hubspot:contact:<id>`, also `email:<address>` of its primary and further addresses; a company is the account of its record id. Traits are HubSpot's properties by their names, as text, null when cleared;",
  'which ones says `topology/hubspot-properties.ts`. An event may tell some of them. Its id is made of portalId, subscriptionId, eventId, objectId, occurredAt and propertyName, as `eventId` alone does not name an event.',
  '',
  'What Tributary wrote itself comes back with its own app id (HUBSPOT_APP_ID) as `sourceId`: nothing is told of it, but for activities.',
  '',
  'What is not as HubSpot describes it, or tells nothing new:',
  '',
  table(
    ['given', 'answer', 'what becomes of it'],
    Object.values(badInput).map(({ given, answer, outcome }) => [given, code(answer), outcome]),
  ),
  '',
  ...activitiesReference(),
  ...marketingReference(),
  ...sweepReference(),
]

const activitiesReference = (): readonly string[] => [
  '### Activities of HubSpot',
  '',
  `\`hubspot-activities\` follows \`record-notices\` and reads from HubSpot what they name, many notices of a record once, up to ${batchRecordsWithHistory} records of a type at a time: its properties with when each changed and by whom, the contacts that it is on, when those were made, and whose they are. What it holds then becomes one event on \`tasks\`. It runs while both HubSpot and Salesforce are on.`,
  '',
  table(
    ['type', 'id', 'scope', 'read, and told as fields'],
    activityTypes.map(({ path, typeId, scope, properties }) => [
      path,
      code(typeId),
      code(scope),
      properties.map(code).join(', '),
    ]),
  ),
  '',
  `- An activity on several contacts: \`people\` begins with those whose person is in Salesforce too, of them the contact that was made last, of those made at the same time the one with the largest record id; the others follow in the same order. \`person\` is the first, \`recordOwner\` the owner of that contact.`,
  `- Owners are told by their addresses, also those who are owners no more. They are read every ${ownersKeptMs / 60_000} minutes, and when somebody new comes up.`,
  `- \`link\` is what the record's \`${linkProperty}\` holds, if it is one, else the record itself.`,
  '- `ours` says of each field, and of the last change, whether Tributary made it: by the history, its source being the app (HUBSPOT_APP_ID).',
  '- A record that was deleted is told without fields. It is found among the deleted ones; when it is not even there, by the notice alone, and then by its own link. Why a record that was restored is there again is not told: it is there, at the time of the notice.',
  '- While HubSpot cannot be read, or refuses because of its limits, nothing is told and the notices wait in Kafka; the console says why. A record that HubSpot refuses by itself is passed over and counted, as are those that the app may not read for want of a scope: what changes of them the sweep notices as soon as it may.',
  '- A task that Tributary wrote, and one that was noticed twice, are told again: an event of the same reading has the same id.',
  '',
]

const marketingReference = (): readonly string[] => [
  '### Marketing events of HubSpot',
  '',
  '`hubspot-marketing-events` reads from HubSpot at its start and every HUBSPOT_MARKETING_EVERY what no webhook tells, and tells each as one event on `tasks`, with the activity MARKETING_EVENT. It runs while both HubSpot and Salesforce are on. One of its processes is active. Its state is in `hubspot-marketing-sweeps`, committed together with what it tells.',
  '',
  table(
    ['type', 'read of', 'scope', 'one event for'],
    [
      [
        '`submission`',
        'each form, the latest first',
        code(marketingScopes.forms),
        'each submission of somebody with an address',
      ],
      ...emailActivities.map(({ name, type }) => [
        code(name),
        `events of e-mails of the type ${code(type)}`,
        code(marketingScopes.emails),
        name === 'sent' ? 'each message' : 'each message, or for each time, as topology/tasks.ts says',
      ]),
    ],
  ),
  '',
  '- It begins when it first runs: what happened before is not told. What happened up to HUBSPOT_MARKETING_OVERLAP before the last reading is read again, since HubSpot shows some of it late; what was told is not told again.',
  '- `fields` are `name` (of the form, or the subject of the e-mail), `url` (the page of the form or the link that was clicked, without its query) and `occurredAt`. What was entered into a form is not told.',
  '- The person is the contact that has the address in HubSpot, `recordOwner` its owner; an address that no contact has is told itself. Of who was erased nothing is told.',
  '- `link` is `hubspot:<type>:<id>`: the id of the submission, of the event, or of the message, for the first open or click in it. No address can be read in it.',
  `- Events of e-mails are read in slices of time, from the earliest on, of at most ${mostOfSlice.toLocaleString('en-US')} events: HubSpot gives the latest first, by an offset that does not live long.`,
  '- What HubSpot takes for a bot (`filteredEvent`), what was dropped after all (`obsoletedBy`), and forms of which HubSpot gives no submissions are passed over and counted.',
  '',
]

const sweepReference = (): readonly string[] => [
  '### The sweep of HubSpot',
  '',
  '`hubspot-sweep` reads HubSpot at its start and every HUBSPOT_SWEEP_EVERY: the contacts and companies that were modified, with all chosen properties; at first, and after other properties were chosen, all there are. One of its processes is active. Its state is in `hubspot-sweeps`, committed page by page together with what it tells, so after a crash it goes on where it was; the console shows how many records are left.',
  '',
  `- It asks for what was modified since the last time that it read, always for the first 200: so it is no matter that HubSpot gives no more than 10,000 records of a search, that records are modified meanwhile, and that thousands share one time after an import. It takes ${searchesPerSecond} of the account's 5 searches a second: some ${searchesPerSecond * 200} records a second.`,
  `- Searches see a change late. What was modified up to ${overlapMs / 60_000} minutes before the last sweep is read again.`,
  `- What was told last is not told again: a hash of it is kept, also in memory, about 60 bytes of each record and of at most ${mostTold.toLocaleString('en-US')} of a type. Of others a change of any property tells them once more.`,
  '- What a webhook told, the next sweep tells once more, with all other properties and the time of the last modification. HubSpot does not say in a search who wrote what, so what Tributary wrote is told too.',
  '- Merged contacts are known by what is merged into the survivor (`hs_merged_object_ids`). Deletions are not read: nothing follows from them. An erasure for privacy leaves nothing that could be read: one whose webhook was lost for more than a day must be made with `tributary erase`.',
  `- Of tasks, calls, notes, meetings and e-mails, while Salesforce is on too, it tells only that they are to be read (\`record-notices\`), and only those that were modified since it first ran: existing ones are told once they change, or by \`tributary backfill tasks\`. Those that were deleted since then it looks for every ${deletionsEveryMs / 3_600_000} hours, for HubSpot tries the webhook of a deletion for a day, and an app may have no webhooks: it reads all deleted records that HubSpot keeps, 100 in a request.`,
  '- A record that is larger than a topic takes is passed over, counted and logged.',
  '',
]
