import { type BadInput, oddTimes, unreadableBodies } from '../bad-input.ts'

const letter = 'The event is a dead letter, the others of the request are taken.'
const refused = 'Nothing is taken.'

/** In docs/reference.md, and each row is tried by test/producers/pendo/bad-input.test.ts. */
export const badInput = {
  unsigned: {
    given: 'no signature, or one by another secret or of other bytes',
    answer: '401 PENDO_SIGNATURE_INVALID',
    outcome: refused,
  },
  ...unreadableBodies('PENDO', refused),
  'large-unpacked': {
    given: 'gzip of more than 1,000,000 bytes',
    answer: '413 PENDO_BODY_TOO_LARGE',
    outcome: refused,
  },
  'too-much': {
    given: 'more than may wait for Kafka (10,000 events)',
    answer: '429 INGEST_BUSY',
    outcome: `${refused} Retry-After says 5 seconds.`,
  },
  'no-kafka': {
    given: 'anything while Kafka is away',
    answer: '503 KAFKA_UNAVAILABLE',
    outcome: 'Nothing counts as taken. Retry-After says 30 seconds; what Pendo does not send again, the sweep tells.',
  },
  'no-catalogue': {
    given: 'usage while Pendo has not yet told what its Core Events are',
    answer: '503 PENDO_CATALOGUE_UNKNOWN',
    outcome: 'As while Kafka is away.',
  },
  'other-event': {
    given: 'guides, NPS, polls, and every event whose name is not above',
    answer: '200',
    outcome: 'Counted in `tributary_messages_total` as ignored.',
  },
  'no-object': {
    given: 'an item that is no object or has no event',
    answer: '200',
    outcome: `\`PENDO_WEBHOOK_BROKEN\`. ${letter}`,
  },
  'no-name': {
    given: 'usage that does not say of what',
    answer: '200',
    outcome: `\`PENDO_WEBHOOK_BROKEN\`. ${letter}`,
  },
  'no-account': {
    given: 'accountCreated without an accountId, or with ACCOUNT-UNIQUE-ID',
    answer: '200',
    outcome: `\`PENDO_WEBHOOK_BROKEN\`. ${letter}`,
  },
  'no-visitor': {
    given: 'no visitorId, or a placeholder (VISITOR-UNIQUE-ID, `null`, `undefined`, zeros)',
    answer: '200',
    outcome: `\`PENDO_VISITOR_MISSING\`. ${letter}`,
  },
  ...oddTimes,
  milliseconds: {
    given: 'a time in milliseconds',
    answer: '200',
    outcome: 'Taken as that: a number of seconds that large would be after the year 5000.',
  },
  repeated: {
    given: 'a uniqueId that came before',
    answer: '200',
    outcome: 'Nothing is published, or after a restart the same event again under the same id, which changes nothing.',
  },
  'no-id': {
    given: 'an event without a uniqueId',
    answer: '200',
    outcome: 'It has a hash of itself as its id.',
  },
  'odd-values': {
    given: 'properties that are no object or a text, numbers beyond double, halves of characters',
    answer: '200',
    outcome: 'Left out, null, and U+FFFD.',
  },
} as const satisfies Readonly<Record<string, BadInput>>
