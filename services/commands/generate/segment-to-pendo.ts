import { segmentToPendo } from '../../../topology/segment-to-pendo.ts'
import {
  batchInputs,
  concurrentEvents,
  eventNames,
  fieldsReadEveryMs,
  oldestEventMs,
  pace,
  propertiesBytes,
  propertyNameLength,
  propertyNames,
  refusalWaitMs,
} from '../../sinks/pendo/limits.ts'
import { metadataAdjustments } from '../../sinks/pendo/metadata/fit.ts'
import { trackAdjustments } from '../../sinks/pendo/track/properties.ts'
import { trackRefusals } from '../../sinks/pendo/track/track.ts'
import { code, table } from './markdown.ts'

/** What of Segment is sent to Pendo, within which rules, and what becomes of what Pendo does not take. */
export const segmentToPendoReference = (): readonly string[] => [
  '### From Segment to Pendo',
  '',
  'Only events of Segment are sent to Pendo: what Pendo tells is there already. What is sent, and under which names, says `topology/segment-to-pendo.ts`; its mistakes are listed at the start. As it is:',
  '',
  table(
    ['call', 'becomes', 'chosen'],
    [
      [
        'identify',
        'the visitor with the user id, made if Pendo does not know it; its traits are custom metadata',
        chosenIn('identify'),
      ],
      ['group', `the account with the group id; its traits are custom metadata${belongingText()}`, chosenIn('group')],
      ['track', 'a track event of the visitor, for the account of `context.groupId`', chosenIn('track')],
      ['page', 'a track event, when mapped', chosenIn('page')],
      ['screen', 'a track event, when mapped', chosenIn('screen')],
      ['alias', 'nothing in Pendo: who is who is known here', ''],
    ],
  ),
  '',
  `The visitor id is the event's own user id, not another one of the same person. An event without a user id is ${anonymousText()}`,
  '',
  '**Metadata** is an upsert: sent again it changes nothing, and a stale value never overwrites a newer one. Only fields that an admin made in Pendo can be written; a field takes the trait of its name, also in other case or with `_` for what Pendo allows in no name. An erasure',
  'forgets what was delivered for the person here; accounts are nobody and stay. Visitors in Pendo an admin deletes there.',
  '',
  '**Track events: at least once after an ambiguous answer.** Each event is sent once, also when it comes again or is replayed: for 7 days it is remembered that it was delivered, and afterwards Pendo takes it no more. But Pendo knows no key by which it would drop a repeated event, and offers no way to ask for one: when the connection breaks between its taking an event and its answer, or',
  'the sink is killed in that moment, the event is sent again and may be there twice.',
  '',
  'The two secrets are two: metadata goes out with PENDO_INTEGRATION_KEY, track events with PENDO_TRACK_SECRET, each in a sink of its own. Without the second, track events wait in `pendo-events`.',
  '',
  'What is done to keep the rules of Pendo is told by the receipt of each write (`adjustments`, or `code` of what was SKIPPED) and counted in `tributary_adjustments_total`:',
  '',
  table(
    ['code', 'meaning'],
    Object.entries({ ...metadataAdjustments, ...trackAdjustments, ...trackRefusals }).map(([name, meaning]) => [
      code(name),
      meaning,
    ]),
  ),
  '',
  table(
    ['limit', 'value', 'source'],
    [
      ['names of track events', eventNames.toLocaleString('en'), published],
      [
        'names of their properties',
        propertyNames.toLocaleString('en'),
        `${published}; nobody is told which are used, so those sent since the start count`,
      ],
      [
        'a property’s name',
        `${propertyNameLength} letters, digits and \`_\`, no digit first, not \`__x__\``,
        published,
      ],
      ['properties of an event', `${propertiesBytes} bytes as JSON`, published],
      [
        'age of an event',
        `${oldestEventMs / 86_400_000} days; also not before the hour in which its name first came to Pendo`,
        published,
      ],
      [
        'requests to an endpoint',
        `${pace.requests} within ${pace.windowMs / 1000} s, bursts included`,
        'ours: Pendo publishes none; others speak of a leaky bucket of 100 a second',
      ],
      ['wait after a 429 without Retry-After', `${refusalWaitMs / 1000} s`, 'as Singer’s tap for Pendo'],
      ['visitors or accounts in a request', String(batchInputs), 'ours: Pendo publishes none'],
      ['track events under way', `${concurrentEvents}, one a request`, 'ours'],
      ['custom fields are read again', `every ${fieldsReadEveryMs / 60_000} minutes, and after a refusal`, 'ours'],
    ],
  ),
  '',
]

const published = "Pendo's help center"

const chosenIn = (call: 'identify' | 'group' | 'track' | 'page' | 'screen'): string => {
  const chosen = segmentToPendo[call]
  if (chosen === 'leave-out') return 'left out'
  const what = chosen.send === 'all' ? 'all' : chosen.send.map(code).join(', ')
  const others = 'others' in chosen && chosen.others === 'leave-out' ? ', of the events that are named' : ''
  return what + others
}

const belongingText = (): string => {
  const { group } = segmentToPendo
  const field = group === 'leave-out' ? null : group.visitorField
  return field === null
    ? ''
    : `; the visitor’s account, in their custom field ${code(field)}: Pendo’s API has no other place for it`
}

const anonymousText = (): string =>
  segmentToPendo.anonymous === 'leave-out'
    ? "left out: a visitor that a server makes of a device stays one for good, since only the browser’s own agent joins it to who logs in. (`anonymous: 'as-device'` sends it as `_PENDO_T_<anonymousId>`.)"
    : 'sent as the visitor `_PENDO_T_<anonymousId>`, as Segment’s own destination does in the browser.'
