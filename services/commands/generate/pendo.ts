import { badInput } from '../../producers/pendo/bad-input.ts'
import { refreshedEveryMs } from '../../producers/pendo/current-catalogue.ts'
import { webhookEvents } from '../../producers/pendo/webhook.ts'
import { code, table } from './markdown.ts'

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
]
