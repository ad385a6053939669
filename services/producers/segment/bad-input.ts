import type { BadInput } from '../bad-input.ts'

const letter = 'The message is a dead letter, the others of the request are taken.'
const dropped = 'Nothing is taken; SDKs drop what they sent.'

/** In docs/reference.md, and each row is tried by test/producers/segment/bad-input.test.ts. A request is refused only for what no SDK can mend by splitting it. */
export const badInput = {
  'not-json': { given: 'a body that is no JSON or no object', answer: '400 SEGMENT_BODY_UNREADABLE', outcome: dropped },
  'no-batch': { given: 'a batch without a list `batch`', answer: '400 SEGMENT_BODY_UNREADABLE', outcome: dropped },
  'bad-gzip': { given: 'gzip that is broken', answer: '400 SEGMENT_BODY_UNREADABLE', outcome: dropped },
  'large-body': {
    given: 'more than 500 KiB, packed or unpacked',
    answer: '400 SEGMENT_BODY_TOO_LARGE',
    outcome: dropped,
  },
  'deep-body': {
    given: 'more than 100 levels of objects and lists',
    answer: '400 SEGMENT_BODY_TOO_DEEP',
    outcome: dropped,
  },
  'unknown-key': {
    given: 'no write key, or one that is not ours',
    answer: '401 SEGMENT_WRITE_KEY_UNKNOWN',
    outcome: dropped,
  },
  'too-much': {
    given: 'more than may wait for Kafka (32 MiB)',
    answer: '429 INGEST_BUSY',
    outcome: 'Nothing is taken; SDKs send it again after Retry-After.',
  },
  'no-kafka': {
    given: 'anything while Kafka is away',
    answer: '429 KAFKA_UNAVAILABLE',
    outcome: 'Nothing counts as taken; SDKs send it again after Retry-After.',
  },
  'no-user': {
    given: 'a message without userId and anonymousId, or with a placeholder (`null`, `undefined`, zeros)',
    answer: '200',
    outcome: `\`SEGMENT_USER_MISSING\`. ${letter}`,
  },
  'no-event': {
    given: 'a track without the name of an event',
    answer: '200',
    outcome: `\`SEGMENT_MESSAGE_BROKEN\`. ${letter}`,
  },
  'no-group': { given: 'a group without groupId', answer: '200', outcome: `\`SEGMENT_MESSAGE_BROKEN\`. ${letter}` },
  'no-previous': {
    given: 'an alias without userId or previousId',
    answer: '200',
    outcome: `\`SEGMENT_MESSAGE_BROKEN\`. ${letter}`,
  },
  'no-object': {
    given: 'an item of a batch that is no object',
    answer: '200',
    outcome: `\`SEGMENT_MESSAGE_BROKEN\`. ${letter}`,
  },
  'no-type': { given: 'another type, or none', answer: '200', outcome: `\`SEGMENT_TYPE_UNKNOWN\`. ${letter}` },
  'large-message': {
    given: 'a message of more than 32 KiB',
    answer: '200',
    outcome: `\`SEGMENT_MESSAGE_TOO_LARGE\`. ${letter}`,
  },
  'long-batch': {
    given: 'more than 2,500 messages in a batch',
    answer: '200',
    outcome: '`SEGMENT_BATCH_TOO_LONG`. The first 2,500 are taken; those that follow are one dead letter.',
  },
  'bad-time': {
    given: 'a time that is none, or before the year 2000',
    answer: '200',
    outcome: 'It has the time of its receipt and is counted in `tributary_message_times_replaced_total`.',
  },
  'later-time': { given: 'a time after the receipt', answer: '200', outcome: 'It has the time of its receipt.' },
  repeated: {
    given: 'a messageId of the last 24 hours',
    answer: '200',
    outcome: 'Nothing is published: its first message was.',
  },
  'no-id': {
    given: 'a message without messageId',
    answer: '200',
    outcome: 'It has a hash of its text as its id; of one without a time too, a repetition is another event.',
  },
  'odd-values': {
    given: 'traits or properties that are no object, numbers beyond double, halves of characters',
    answer: '200',
    outcome: 'Left out, null, and U+FFFD.',
  },
} as const satisfies Readonly<Record<string, BadInput>>
