import type { IdentityClaim, SinkWrite, WriteVersion } from '../../../schemas/generated.ts'
import type {
  AppendableObject,
  Consumer,
  Destination,
  Emission,
  KeyedObject,
  Person,
  SettableObject,
  Stream,
  StreamTopic,
  Table,
  Write,
} from '../../../topology/define.ts'
import { identityClaims, keyOfWrite } from '../../../topology/topics.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { OutgoingRecord, StoredRecord } from '../../kafka/kafka.ts'
import { bytesOf, largestRecordBytes } from '../../kafka/record-size.ts'
import type { Codec } from '../codec.ts'
import { deadLetter, type Reason } from '../dead-letters.ts'
import { TributaryError } from '../errors.ts'
import type { RevisedRow, RowChange } from './row-store.ts'

/** What every record of a stream carries. */
export interface EventFacts {
  readonly eventId: string
  readonly occurredAt: number
  readonly receivedAt: number
}

type Output = Write<string, unknown> | Emission<unknown>
type Target = SettableObject<string, unknown> | KeyedObject<string, unknown> | AppendableObject<string, unknown>

/** The outputs of one transaction of one consumer, in order, as records to append. */
export class Step {
  readonly records: OutgoingRecord[] = []
  /** Aliases whose events were parked in this step. */
  readonly parkedAliases = new Set<string>()
  deadLetters = 0
  readonly writesByTarget = new Map<string, number>()
  readonly #consumer: Consumer
  readonly #codec: Codec
  readonly #directory: IdentityDirectory
  readonly #partition: number

  constructor(consumer: Consumer, codec: Codec, directory: IdentityDirectory, partition: number) {
    this.#consumer = consumer
    this.#codec = codec
    this.#directory = directory
    this.#partition = partition
  }

  get isEmpty(): boolean {
    return this.records.length === 0
  }

  /** Runs one event's work: what it appended is taken back when it throws. */
  attempt(work: () => void): void {
    const length = this.records.length
    try {
      work()
    } catch (error) {
      this.records.length = length
      throw error
    }
  }

  /** A state row of the consumer's own partition. */
  row(table: Table<unknown>, { key, row }: Pick<RowChange, 'key' | 'row'>): void {
    const value = row === null ? null : this.#codec.encode(table, row as unknown)
    this.#append({ topic: table.name, partition: this.#partition, key, value })
  }

  /** What a handler asked for; `index` makes the ids of one event's writes differ. */
  outputs(outputs: readonly Output[], event: EventFacts, person: Person | null, row: RevisedRow | undefined): void {
    outputs.forEach((output, index) => {
      if (output.kind === 'emission') this.#emission(output)
      else this.#write(output, index, event, person, row)
    })
  }

  claim(claim: IdentityClaim): void {
    this.records.push({
      topic: identityClaims.name,
      partition: 0,
      key: claim.aliases[0] ?? claim.id,
      value: this.#codec.encode(identityClaims, claim),
    })
  }

  deadLetter(original: StoredRecord, reason: Reason): void {
    this.deadLetters += 1
    this.records.push(deadLetter(original, reason))
  }

  /** What its topic would refuse fails the event that asked for it: a transaction with it would be refused again and again, and with it all that comes behind. */
  #append(record: OutgoingRecord): void {
    const size = bytesOf(record)
    if (size > largestRecordBytes) throw tooLarge(this.#consumer.name, record.topic, size)
    this.records.push(record)
  }

  #emission(emission: Emission<unknown>): void {
    const stream = this.#declared<StreamTopic>(
      destination => destination.kind === 'stream' && destination.name === emission.stream,
      emission.stream,
    ) as Stream<unknown>
    const key = stream.keyedBy === 'person' ? this.#personOf(emission.value) : stream.keyedBy(emission.value)
    if (key === undefined) return
    this.#append({ topic: stream.name, key, value: this.#codec.encode(stream, emission.value) })
  }

  /** The person's id; undefined for an erased person, whose record is dropped. */
  #personOf(value: unknown): string | undefined {
    const lookup = this.#directory.find((value as { person: string }).person)
    if (lookup.status === 'known') return lookup.person.id
    if (lookup.status === 'erased') return undefined
    throw new TributaryError(
      'IDENTITY_BEHIND',
      `${this.#consumer.name} knows a person that the identities table here does not have yet; it will be tried again.`,
      { errorClass: 'retryable' },
    )
  }

  #write(
    write: Write<string, unknown>,
    index: number,
    event: EventFacts,
    person: Person | null,
    row: RevisedRow | undefined,
  ): void {
    const object = this.#declared<Target>(
      destination => destination.kind === 'object' && destination.target === write.target,
      write.target,
    )
    const about = object.isImpersonal ? null : person
    if (about === null && !object.isImpersonal) {
      throw new TributaryError(
        'WRITE_WITHOUT_PERSON',
        `${this.#consumer.name} asked for a write to ${write.target} for an event that names nobody. Return no writes when \`person\` is null.`,
        { errorClass: 'rejected' },
      )
    }
    const revision = write.contest?.revision ?? row?.revision ?? null
    const version: WriteVersion = { revision, time: event.occurredAt, eventId: event.eventId }
    const value: SinkWrite = {
      id: `${this.#consumer.name}:${event.eventId}:${index}`,
      operation: write.operation,
      destination: object.destination,
      object: object.object,
      person: about?.id ?? null,
      fields: defined(write.fields),
      createIfMissing: write.createIfMissing,
      fieldsOnCreate: defined(write.fieldsOnCreate),
      version,
      shared: write.contest !== undefined,
      once: write.once,
      key: write.key,
      at: write.at,
      cause: {
        consumer: this.#consumer.name,
        eventId: event.eventId,
        occurredAt: event.occurredAt,
        receivedAt: event.receivedAt,
      },
    }
    this.#append({ topic: object.topic.name, key: keyOfWrite(value), value: this.#codec.encode(object.topic, value) })
    this.writesByTarget.set(write.target, (this.writesByTarget.get(write.target) ?? 0) + 1)
  }

  #declared<Kind>(matches: (destination: Destination) => boolean, name: string): Kind {
    const destination = this.#consumer.writes.find(matches)
    if (destination) return destination as Kind
    throw new TributaryError(
      'UNDECLARED_OUTPUT',
      `${this.#consumer.name} asked for ${name}, which its \`writes\` does not list. Add it there.`,
      { errorClass: 'rejected' },
    )
  }
}

/** A record of the consumer that its topic would not take. */
export const tooLarge = (consumer: string, topic: string, size: number): TributaryError =>
  new TributaryError(
    'RECORD_TOO_LARGE',
    `${consumer} made a record of ${size} bytes for ${topic}, which takes ${largestRecordBytes} at most. Make the value smaller, then retry the dead letter.`,
    { errorClass: 'rejected' },
  )

const defined = (fields: object): SinkWrite['fields'] =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
