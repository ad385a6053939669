import { badInput } from '../../producers/pendo/bad-input.ts'
import { refreshedEveryMs } from '../../producers/pendo/current-catalogue.ts'
import {
  finalAfterMs,
  hourMs,
  lookBackMs,
  mostKept,
  mostUses,
  settledAfterMs,
} from '../../producers/pendo/sweep/limits.ts'
import { webhookEvents } from '../../producers/pendo/webhook.ts'
import { code, table } from './markdown.ts'
import { segmentToPendoReference } from './segment-to-pendo.ts'

const namesOf = (kind: string): string =>
  Object.entries(webhookEvents)
    .filter(([, meaning]) => meaning === kind)
    .map(([name]) => code(name))
    .join(', ')

/** What is taken from Pendo, and what becomes of webhooks that are not as Pendo describes them. */
export const pendoReference = (): readonly string[] => [
  '## Pendo',
  '',
  '`/webhooks/pendo` takes what Pendo sends, signed with PENDO_WEBHOOK_SECRET: one event, or a list of them.',
  '',
  table(
    ['event', 'becomes'],
    [
      [namesOf('TRACK'), '`tracks`: TRACK with its properties; a claim of the visitor'],
      [namesOf('PAGE'), '`tracks`: PAGE; a claim of the visitor'],
      [namesOf('FEATURE'), '`tracks`: FEATURE; a claim of the visitor'],
      [namesOf('visitor'), '`visitors`: the visitor and its account, without metadata; a claim'],
      [namesOf('account'), '`accounts`: the account, without metadata'],
      ['guides, NPS, polls and all others', 'nothing: they are counted and ignored'],
    ],
  ),
  '',
  'The names of page loads and feature clicks, and how webhooks name what was used, are not documented by Pendo: every form that it uses elsewhere is looked at, an id before a name. Names and whether something is a Core Event are',
  `Pendo's own, read by each process of the ingest at its start and every ${refreshedEveryMs / 60_000} minutes. Something that Pendo did not know then has the name of the webhook and is no Core Event.`,
  '',
  "A visitor id is an alias `user:<id>`, the same as a Segment userId, and also `email:<address>` when it is an address. One that begins with `_PENDO_T_` is nobody's for good: an alias `anonymous:<id>`, which points to one person at a time.",
  '`VISITOR-UNIQUE-ID` and `ACCOUNT-UNIQUE-ID` are no ids. The id of an event is `pendo:<uniqueId>`, so a repeated delivery changes nothing.',
  '',
  'What is not as Pendo describes it:',
  '',
  table(
    ['given', 'answer', 'what becomes of it'],
    Object.values(badInput).map(({ given, answer, outcome }) => [given, code(answer), outcome]),
  ),
  '',
  ...sweepReference(),
  ...segmentToPendoReference(),
]

const hours = (ms: number): string => `${ms / hourMs} hours`
const thousands = (count: number): string => count.toLocaleString('en-US')

/** The rule by which usage that no webhook told is told once. */
const sweepReference = (): readonly string[] => [
  '### The sweep of Pendo',
  '',
  '`pendo-sweep` reads Pendo at its start and every PENDO_SWEEP_EVERY: first visitors and accounts, then usage. One of its processes is active. Its state is in `pendo-sweeps`, committed together with what it tells; what was told it reads from `tracks`.',
  '',
  '**Metadata.** Visitors who are known and accounts become `visitors` and `accounts` with their metadata as traits named `<group>.<field>` (`agent.plan`, `custom.plan`), without the groups `auto` and `pendo`, which Pendo fills in itself. An address in a field `email` is an alias of the visitor.',
  'What was told last is not told again: a hash of it is kept. From the second reading on only what Pendo says was updated since the day before the last one is read. In memory it takes two numbers, about 60 bytes, of each visitor and account, at most of 4,000,000 each; of others it is told once more when Pendo updates them.',
  '',
  '**Usage.** A webhook tells one use and when; an aggregation counts the uses by visitor, account, properties, place and hour, with no id of any. Which of them a webhook told is nowhere said, so they are compared by number: of one visitor, one page, feature or track event (by name) and one hour,',
  'as many are told as Pendo counts beyond those that `tracks` holds of Pendo. Of these the ones come first whose account and properties were told too seldom. So:',
  '',
  '- What webhooks told is not told again, and what they did not is told once, under ids made of visitor, name, hour and ordinal, whichever process does it, and however often.',
  '- Its time is the beginning of its hour: Pendo keeps no other.',
  `- An hour is compared ${hours(settledAfterMs)} after its end, when webhooks have come, and at each sweep until ${hours(finalAfterMs)} after it, since its rows grow. At the first sweep and after an outage ${lookBackMs / hourMs / 24} days are looked back.`,
  '- A use that a webhook told of the hour before or after, where Pendo does not count it, counts for this one: clocks differ.',
  '- A webhook that comes after its hour was compared is a second time what was told: Pendo gives nothing to recognise it by.',
  "- Uses of visitors whom nobody knows are told by webhooks only. When Pendo finds out who it was, it counts these uses as that person's, and they are told as theirs then; those told of the anonymous visitor remain and belong to nobody.",
  '- A page or feature that is renamed while its hours are compared counts as another: webhooks need not tell an id.',
  '',
  `What is beyond these is passed over and counted in \`tributary_pendo_swept_total\`: things that Pendo does not list (deleted ones), and a visitor with more than 80,000 rows. Of one thing, visitor and hour ${thousands(mostUses)} uses are told at a time. In memory there are at most ${thousands(mostKept)} numbers of what was`,
  'told in the hours that are compared, about 100 MB; with more, the oldest hours are not repaired, which is logged.',
  '',
]
