import { channelsOf } from '../../producers/salesforce/change-events/change-events.ts'
import {
  burstOfRequests,
  idsOfQuery,
  retryUnavailableMs,
  shareOfRequests,
} from '../../producers/salesforce/change-events/limits.ts'
import { salesforceObjects } from '../../producers/salesforce/objects.ts'
import { requestsOfPoll } from '../../producers/salesforce/sweep/allowance.ts'
import { lookBackEveryMs, overlapMs, shareOfScarce } from '../../producers/salesforce/sweep/limits.ts'
import { mostTold } from '../../producers/sweep/marks.ts'
import { scarceShare } from '../../sinks/salesforce/limits.ts'
import { code, table } from './markdown.ts'

/** What is read of Salesforce, what becomes of it, and what it costs. */
export const salesforceReference = (): readonly string[] => [
  '## Salesforce',
  '',
  `\`salesforce-sweep\` reads ${salesforceObjects.map(({ plural }) => plural).join(', ')} of Salesforce at its start and every SALESFORCE_SWEEP_EVERY: those that were changed, by their SystemModstamp, deleted and archived ones too, as far as the integration user may see them. One of its processes is active. Its state is in \`salesforce-sweeps\`, committed page by page together with what it tells, so after a crash it goes on where it was, and after days off it tells what was changed meanwhile.`,
  '',
  table(
    ['read', 'becomes'],
    [
      [
        'a contact or lead that was made or changed',
        '`identity-claims`: its record and its address are one person, with what is known of them',
      ],
      ['a contact or lead that was merged into another', 'a claim that both are one person'],
      ['a lead that was converted', 'a claim that it and its contact are one person'],
      ['a contact or lead that was deleted', 'nothing: whoever it was is still somebody'],
      [
        'a task that was made, changed, deleted or restored',
        '`tasks`: all its fields, whom it is on and whose it is; a deletion with the fields that it had',
      ],
      [
        'a task whose `Tributary_Id__c` links it with none in HubSpot, as one of a webinar',
        'nothing: it is no business of the sync',
      ],
    ],
  ),
  '',
  'The first sweep reads everybody, since who people are has to be known of all. Tasks begin with the first start: one that was there before is told once it is changed, or by `tributary backfill tasks`.',
  'A change that the integration user made last is told as ours. It is the user as whom Tributary logs in: let nobody else work as it.',
  '',
  `- A poll that finds nothing new costs ${requestsOfPoll} of the org's API requests, and each 2,000 changed records one more. When less than ${scarceShare * 100} % of the requests of 24 hours are left, polls become so rare that they take at most ${shareOfScarce * 100} % of what is left; the status says how rare.`,
  `- A long transaction shows its changes minutes after the time that it leaves on them. So every ${lookBackEveryMs / 60_000} minutes, and at the start, what was changed up to ${overlapMs / 60_000} minutes before the last such look back is read again; other polls begin with the last change that was seen.`,
  `- With SALESFORCE_CHANGE_EVENTS the same service follows ${channelsOf(salesforceObjects).map(code).join(', ')} by the Pub/Sub API. An event only names records: they are read whole, ${idsOfQuery} at a time, and told as the sweep tells them, which then finds nothing new. ${burstOfRequests} of these requests may follow at once, beyond that as many as ${shareOfRequests * 100} % of the allowance permit; many changes are then read together. An overflow or gap without record ids has the object swept at once. Where a channel was left off is in \`salesforce-sweeps\`, too; when that is more than the three days ago that Salesforce keeps events, it goes on with new ones and the sweep finds the rest. A channel that the org does not have (${code('SALESFORCE_CHANGE_EVENTS_OFF')}) or the user may not follow (${code('SALESFORCE_CHANGE_EVENTS_REFUSED')}) is tried again every ${retryUnavailableMs / 60_000} minutes.`,
  `- What was told last is not told again: a hash of it is kept, also in memory, about 60 bytes of each record and of at most ${mostTold.toLocaleString('en-US')} of an object. So what Salesforce itself touches is not told; what somebody saves is, also when it is as it was: it may have been otherwise between two polls.`,
  '- What the integration user may not see of names, companies, titles, telephones, cities and countries is left out. Of an org that never had `Tributary_Id__c` each task is linked by itself. When it vanishes later no task is read until it is back: copies could not be told from tasks.',
  `- What does not work is in the status of the service by its code, as ${code('SALESFORCE_ALLOWANCE_USED_UP')}, and is tried again. An object that cannot be read keeps no other from being read.`,
  '',
]
