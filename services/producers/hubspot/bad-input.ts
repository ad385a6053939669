import { type BadInput, oddTimes, unreadableBodies } from '../bad-input.ts'

const letter = 'The item is a dead letter, the others of the request are taken.'
const refused = 'Nothing is taken; HubSpot sends it again.'
const counted = (outcome: string): string => `Counted in \`tributary_messages_total\` as ${outcome}.`

/** In docs/reference.md, and each row is tried by test/producers/hubspot/bad-input.test.ts. */
export const badInput = {
  unsigned: {
    given: 'no signature of version 3, or one by another secret, of other bytes, of another address',
    answer: '401 HUBSPOT_SIGNATURE_INVALID',
    outcome: refused,
  },
  old: {
    given: 'a signature whose time is more than 5 minutes from the receipt, or is none',
    answer: '401 HUBSPOT_SIGNATURE_INVALID',
    outcome: refused,
  },
  ...unreadableBodies('HUBSPOT', refused),
  'too-much': {
    given: 'more than may wait for Kafka (10,000 items)',
    answer: '429 INGEST_BUSY',
    outcome: `${refused} Retry-After says 5 seconds.`,
  },
  'no-kafka': {
    given: 'anything while Kafka is away',
    answer: '503 KAFKA_UNAVAILABLE',
    outcome:
      'Nothing counts as taken. HubSpot sends it again, up to ten times within a day; what was lost then, the sweep tells.',
  },
  'other-subscription': {
    given: 'a subscription of another type of record, or a change that is not above',
    answer: '200',
    outcome: counted('ignored'),
  },
  'other-property': {
    given: 'a property that nothing asks for, or a sensitive one of a contact or company without its value',
    answer: '200',
    outcome: counted('ignored'),
  },
  echo: {
    given: 'what Tributary wrote itself (HUBSPOT_APP_ID) of contacts and companies',
    answer: '200',
    outcome: `Only the claim that an id and addresses belong together is published. Without one: ${counted('echo').toLowerCase()}`,
  },
  'no-reader': {
    given: 'an activity while Salesforce is off',
    answer: '200',
    outcome: counted('ignored'),
  },
  'no-object': {
    given: 'an item that is no object or has no type of a subscription',
    answer: '200',
    outcome: `\`HUBSPOT_WEBHOOK_BROKEN\`. ${letter}`,
  },
  'no-id': {
    given: 'no objectId, or one that is not of digits; a change of an association that names no activity by such an id',
    answer: '200',
    outcome: `\`HUBSPOT_WEBHOOK_BROKEN\`. ${letter}`,
  },
  'no-property': {
    given: 'propertyChange of a contact or company without a propertyName, or without a propertyValue',
    answer: '200',
    outcome: `\`HUBSPOT_WEBHOOK_BROKEN\`. ${letter}`,
  },
  'no-merge': {
    given: 'merge that names fewer than two records',
    answer: '200',
    outcome: `\`HUBSPOT_WEBHOOK_BROKEN\`. ${letter}`,
  },
  ...oddTimes,
  repeated: {
    given: 'an event that came before, whatever its attemptNumber',
    answer: '200',
    outcome: 'Nothing is published, or after a restart the same event again under the same id, which changes nothing.',
  },
  'no-event-id': {
    given: 'an item that lacks one of the ids that name an event',
    answer: '200',
    outcome: 'It has a hash of itself, without its attemptNumber, as its id.',
  },
  'bad-address': {
    given: 'an address that is none',
    answer: '200',
    outcome: 'It is told as the property’s value, and claims nothing.',
  },
} as const satisfies Readonly<Record<string, BadInput>>
