import { badInput } from '../../producers/segment/bad-input.ts'
import { keptForMs, mostIds } from '../../producers/segment/deduplication/deduplication.ts'
import { bytesPerId } from '../../producers/segment/deduplication/known-ids.ts'
import { trackingPaths } from '../../producers/segment/tracking-api.ts'
import { code, table } from './markdown.ts'

/** What the ingest takes from Segment SDKs and webhooks, and what becomes of input that is not as Segment describes it. */
export const segmentReference = (): readonly string[] => [
  '## Segment',
  '',
  "The ingest speaks Segment's HTTP tracking API, and takes what Segment's webhook destination sends to `/webhooks/segment`, signed with SEGMENT_WEBHOOK_SECRET.",
  '',
  table(
    ['path', 'takes'],
    Object.entries(trackingPaths).map(([path, call]) => [code(path), call]),
  ),
  '',
  table(
    ['call', 'becomes'],
    [
      ['identify', '`visitors`: the user, with its traits; a claim of its ids, address and attributes'],
      ['group', '`accounts`: the group, with its traits; `visitors`: that the user belongs to it'],
      ['track, page, screen', '`tracks`: TRACK, PAGE or SCREEN, with its properties; a claim of its ids'],
      ['alias', 'a claim that both ids are one person'],
      ['delete (webhook only)', 'a claim that forgets the user'],
    ],
  ),
  '',
  'Traits and properties are flat: what is inside an object has a dotted name (`address.city`) down to the fifth level, a list and what lies deeper is JSON text. A message has its own time by the clock here:',
  'receipt − (sent − original). A user id, an address (`traits.email`, `context.traits.email`) and an anonymous id are aliases of one person, in that order.',
  '',
  `A \`messageId\` of a source is taken once within ${keptForMs / 3_600_000} hours, or within the last ${mostIds / 1_000_000} million messages, whichever is less, across restarts and processes: hashes of the ids lie in`,
  `\`segment-message-ids\`. In memory an id takes at most ${bytesPerId} bytes, so all of them at most ${(mostIds * bytesPerId) / 1_000_000} MB in each process of the ingest. A message is published before its id is remembered: one that comes again`,
  'after a crash between the two, or within 0.1 s at another process, is published twice under the same event id, and consumers handle it twice without effect. One of 50 million ids hides another by chance in less than one of',
  'three hundred billion messages.',
  '',
  'What is not as Segment describes it:',
  '',
  table(
    ['given', 'answer', 'what becomes of it'],
    Object.values(badInput).map(({ given, answer, outcome }) => [given, code(answer), outcome]),
  ),
  '',
]
