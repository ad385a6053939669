import type { Identity, Track } from '../../schemas/generated.ts'
import type { AvroSchema, RecordName } from '../../schemas/records.ts'
import { schemaOf as productSchemaOf } from '../../schemas/records.ts'
import { consumer, type Person, type Stream, stream, type Topic } from '../../topology/define.ts'
import {
  deadLetters,
  identities,
  identityClaims,
  parked,
  tracks as productTracks,
  sharedPartitions,
} from '../../topology/topics.ts'

/** Every topic, group and transactional id of the measurement begins with it; the Java program names its topics so too. */
export const topicPrefix = 'bench-'

/** The fixed records of the measurement, as KafkaStreamsJoin.java has them. */
export interface BenchTrack {
  readonly messageId: string
  readonly visitorId: string
  readonly event: string
  readonly timestamp: number
  readonly properties: Readonly<Record<string, string>>
}

export interface BenchIdentity {
  readonly visitorId: string
  readonly email: string | null
  readonly hubspotContactId: string | null
}

interface BenchWrite {
  readonly messageId: string
  readonly contactId: string | null
  readonly email: string | null
  readonly eventName: string
  readonly occurredAt: number
  readonly properties: Readonly<Record<string, string>>
}

const optional = (name: string) => ({ name, type: ['null', 'string'], default: null })
const properties = { name: 'properties', type: { type: 'map', values: 'string' } }
const record = (name: string, ...fields: object[]): AvroSchema => ({ type: 'record', name, fields }) as AvroSchema

/** The bench's schemas stand in for the product's of these names; the runtime asks for them by these names. */
const schemas: Partial<Record<RecordName, AvroSchema>> = {
  track: record(
    'Track',
    ...[
      { name: 'messageId', type: 'string' },
      { name: 'visitorId', type: 'string' },
      { name: 'event', type: 'string' },
    ],
    { name: 'timestamp', type: 'long' },
    properties,
  ),
  identity: record('Identity', { name: 'visitorId', type: 'string' }, optional('email'), optional('hubspotContactId')),
  'sink-write': record(
    'SinkWrite',
    ...[{ name: 'messageId', type: 'string' }, optional('contactId'), optional('email')],
    ...[{ name: 'eventName', type: 'string' }, { name: 'occurredAt', type: 'long' }, properties],
  ),
}

export const schemaOf = (name: RecordName): AvroSchema => schemas[name] ?? productSchemaOf(name)

export const tracks = productTracks as unknown as Stream<Track & BenchTrack>

export const writes = stream({
  name: 'writes-ours',
  record: 'sink-write',
  purpose: 'Joined tracks',
  owner: 'bench',
  key: 'visitor id',
  partitions: 'shared',
  retention: { days: 1, reason: 'the measurement is over sooner' },
  keyedBy: write => (write as unknown as BenchWrite).email ?? '',
}) as unknown as Stream<BenchWrite>

/** What the runtime reads and writes beside the join. */
export const topics = [tracks, identities, writes, parked, deadLetters, identityClaims] as unknown as readonly Topic[]

export const partitionsOf = (topic: Topic): number => (topic.partitions === 'shared' ? sharedPartitions : 1)

/** The person that a row of the bench stands for, in the shape in which handlers see persons. */
export const personOf = ({ visitorId, email, hubspotContactId }: BenchIdentity): Person => ({
  id: visitorId,
  aliases: [`user:${visitorId}`, ...(hubspotContactId === null ? [] : [`hubspot:contact:${hubspotContactId}`])],
  emails: email === null ? [] : [email],
  attributes: {},
})

const contactPrefix = 'hubspot:contact:'

/** The join: only this handler is the bench's, all else is the product's runtime. */
export const joinConsumer = (name: string, onHandled: () => void) =>
  consumer({
    name,
    reads: tracks,
    joins: { table: identities, by: 'visitorId', ifMissing: 'skip' },
    writes: [writes],
    handle: ({ event, person }) => {
      onHandled()
      const contact = person.aliases.find(alias => alias.startsWith(contactPrefix))
      return {
        writes: [
          writes.emit({
            messageId: event.messageId,
            contactId: contact === undefined ? null : contact.slice(contactPrefix.length),
            email: person.emails[0] ?? null,
            eventName: event.event,
            occurredAt: event.timestamp,
            properties: event.properties as BenchTrack['properties'],
          }),
        ],
      }
    },
  })

export const benchIdentity = (index: number): BenchIdentity => ({
  visitorId: visitorOf(index),
  email: `visitor.${index}@example.com`,
  hubspotContactId: String(10_000_000 + index),
})

const visitorOf = (index: number): string => `visitor-${String(index).padStart(8, '0')}`
const events = ['Report Exported', 'Dashboard Opened', 'Invite Sent', 'Plan Changed']

/** The same tracks each time: visitors in an order that a cache does not like. */
export const benchTrack = (index: number, identityCount: number): BenchTrack => ({
  messageId: `ajs-next-${String(index).padStart(15, '0')}`,
  visitorId: visitorOf((index * 7_919) % identityCount),
  event: events[index % events.length] ?? 'Report Exported',
  timestamp: 1_790_000_000_000 + index,
  properties: { plan: 'enterprise', region: 'eu-central-1', source: 'web', feature: `feature-${index % 40}` },
})

export type BenchIdentityRow = Identity & BenchIdentity
