import type { Records, SinkWrite } from '../schemas/generated.ts'
import type { RecordName } from '../schemas/records.ts'
import type { AppendableObject, KeyedObject, SettableObject, SinkObject, Write } from './sink-objects.ts'

export type {
  AppendableObject,
  ImpersonalObject,
  KeyedObject,
  SettableObject,
  SinkObject,
  Write,
} from './sink-objects.ts'
export { appendable, impersonal, keyed, settable } from './sink-objects.ts'

/**
 * The vocabulary of the topology. Everything here is a value that connects to nothing; the runner, the test driver, the diagram,
 * the topic plan and the reference are derived from it.
 */

/** A value of a field in a CRM; null clears it. */
export type FieldValue = null | boolean | number | string

interface TopicFacts {
  /** Topic name without TOPIC_PREFIX; public (interfaces.md). */
  readonly name: string
  readonly purpose: string
  readonly owner: string
  /** What the key is, in words. */
  readonly key: string
  /** `shared`: the one count of all source and internal streams, so that partition n of each belongs to one task. */
  readonly partitions: 'shared' | 'one'
}

/** How long records of a stream are kept at least. */
export interface Retention {
  readonly days: number
  readonly reason: string
  /** How often a segment is closed, when that matters: whole segments are removed, and one that is still written to never is. Absent: the broker's default. */
  readonly rollHours?: number
}

interface StreamFacts<Name extends RecordName> extends TopicFacts {
  readonly record: Name
  readonly retention: Retention
  /** How a value finds its key: a person's id (the field `person` holds an alias), or a function of the value. */
  readonly keyedBy: 'person' | ((value: Records[Name]) => string)
  readonly aliasKeyed?: boolean
}

/** A stream without the type of its values. */
export interface StreamTopic extends TopicFacts {
  readonly kind: 'stream'
  readonly record: RecordName
  readonly retention: Retention
  readonly keyedBy: 'person' | ((value: never) => string)
  /** Whether its keys are aliases, so that a null value (a tombstone) forgets that person. */
  readonly aliasKeyed?: boolean
}

/** An append-only topic (cleanup.policy=delete): it can be read, never joined. */
export interface Stream<Value> extends StreamTopic {
  readonly keyedBy: 'person' | ((value: Value) => string)
  /** Asks for one record on this stream. */
  emit(value: Value): Emission<Value>
}

/** A compacted topic (cleanup.policy=compact), the latest row per key: it can be joined, never read as events. It is caught up before the first event. */
export interface Table<Row> extends TopicFacts {
  readonly kind: 'table'
  readonly record: RecordName
  readonly compaction: { readonly reason: string }
  /** Holds the type; never set. */
  readonly row?: Row
}

/** A topic of foreign bytes with headers, not of Avro: parked events and dead letters. */
export interface RawTopic extends TopicFacts {
  readonly kind: 'raw'
  readonly cleanup: 'compact' | { readonly days: number }
  readonly reason: string
}

export type Topic = StreamTopic | Table<unknown> | RawTopic

export const stream = <Name extends RecordName>(facts: StreamFacts<Name>): Stream<Records[Name]> => ({
  kind: 'stream',
  ...facts,
  emit: value => ({ kind: 'emission', stream: facts.name, value }),
})

export const table = <Name extends RecordName>(
  facts: TopicFacts & { readonly record: Name; readonly compaction: { readonly reason: string } },
): Table<Records[Name]> => ({ kind: 'table', ...facts })

export const rawTopic = (facts: Omit<RawTopic, 'kind'>): RawTopic => ({ kind: 'raw', ...facts })

/** A record for an internal stream. */
export interface Emission<Value> {
  readonly kind: 'emission'
  readonly stream: string
  readonly value: Value
}

/** Something a consumer may ask for: a sink's object or an internal stream. */
export type Destination = SinkObject<string> | StreamTopic
/** What asks for it. */
export type OutputOf<D> =
  D extends SettableObject<infer Target, infer Fields>
    ? Write<Target, Fields>
    : D extends KeyedObject<infer Target, infer Fields> | AppendableObject<infer Target, infer Fields>
      ? Write<Target, Fields>
      : D extends Stream<infer Value>
        ? Emission<Value>
        : never

/** A person as handlers see them: the survivor of merges. */
export interface Person {
  readonly id: string
  /** Every alias, earliest claimed first. */
  readonly aliases: readonly string[]
  /** E-mail addresses, the earliest claimed first. */
  readonly emails: readonly string[]
  readonly attributes: Readonly<Record<string, FieldValue>>
}

/**
 * What happens to an event whose person is not known. `create`: claim the alias and park. `park`: wait for a claim, then dead letter after PARK_LIMIT.
 * `skip`: drop and count. `dead-letter`: at once. An erased person's event is dropped and counted whatever this says.
 */
export type IfMissing = 'create' | 'park' | 'skip' | 'dead-letter'

/** Fields of an event that hold an alias; a nullable one is handled with `person: null` when the event names nobody. */
type AliasField<Event> = { [F in keyof Event]-?: Event[F] extends string | null ? F : never }[keyof Event] & string
type JoinedPerson<Event, By extends keyof Event> = null extends Event[By] ? Person | null : Person

export interface Joins<Event, By extends AliasField<Event>> {
  readonly table: Table<Records['identity']>
  /** The event's field that holds an alias. */
  readonly by: By
  readonly ifMissing: IfMissing
  /** What must be known of a person before an event of theirs is handled: while it is false they count as missing. Nothing when absent. */
  readonly needs?: (person: Person) => boolean
  /** What becomes of an event that waited for PARK_LIMIT in vain. `skip`: drop and count; for where many never appear. A dead letter when absent. */
  readonly afterParkLimit?: 'dead-letter' | 'skip'
}

/** A row without what the runtime keeps: `revision` counts its changes. */
export type RowOf<Row> = Omit<Row, 'revision'>

/** One row per person; the input must be keyed by person. */
export interface PersonRow<Row, Output> {
  readonly table: Table<Row>
  /** The row of two that turned out to be one person: commutative, associative, and `merge(a, a)` equals `a`. */
  merge(a: RowOf<Row>, b: RowOf<Row>): RowOf<Row>
  /** What to ask for when a row changed without an event, after a merge. */
  restate(input: { readonly row: RowOf<Row>; readonly person: Person }): readonly Output[]
}

/** Many rows per input key, all of them given to the handler. */
export interface RowFamily<Row> {
  readonly table: Table<Row>
  /** The input key that a row key belongs to. */
  inputKeyOf(rowKey: string): string
  /** Aliases of the person whom the row is about, so that an erasure finds it; none for rows about nobody. */
  aliasesOf(row: RowOf<Row>): readonly string[]
  /** When the row's person was first heard of (milliseconds since the epoch), so that a row from before an erasure does not outlive its `--lift`. */
  readonly heardOfAt?: (row: RowOf<Row>) => number | null
}

interface Switchable {
  /** Whether its mapping switches it on; always when absent. While it is off it is not started, and once it is on it takes all that its input still holds. */
  readonly isOn?: () => boolean
}

interface ConsumerFacts<Event, By extends AliasField<Event>, Destinations extends readonly Destination[]>
  extends Switchable {
  /** Chosen by hand: file name and consumer group. Renaming it replays or skips. */
  readonly name: string
  readonly reads: Stream<Event>
  /** Which events it is about; the others are dropped and counted before the join, so that none of them waits for its person. All when absent. */
  readonly concerns?: (event: NoInfer<Event>) => boolean
  readonly joins: Joins<NoInfer<Event>, By>
  /**
   * Whether an event that names nobody makes final what its key tells: then it waits until no event of its key is parked, for an append that came too early
   * cannot be taken back. None when absent.
   */
  readonly waitsForParked?: (event: NoInfer<Event>) => boolean
  /** Only these may be asked for. */
  readonly writes: Destinations
}

/** A consumer of events that name nobody, such as what is known of accounts: it joins nothing and may ask only for what is about nobody. */
interface ImpersonalFacts<Event, Destinations extends readonly ImpersonalDestination[]> extends Switchable {
  readonly name: string
  readonly reads: Stream<Event>
  /** As of a consumer that joins. */
  readonly concerns?: (event: NoInfer<Event>) => boolean
  readonly joins: null
  readonly writes: Destinations
  readonly keepsPerPerson?: undefined
}

interface ImpersonalHandler<Event, Destinations extends readonly ImpersonalDestination[]> {
  readonly keepsPerKey?: undefined
  /** Pure: no clock, random or network. */
  handle(input: { readonly event: Event }): { readonly writes: Outputs<Destinations> }
}

interface ImpersonalRowHandler<Event, Destinations extends readonly ImpersonalDestination[], Row> {
  readonly keepsPerKey: RowFamily<Row>
  /** Pure. All rows of the event's key come in, the changed ones go out; null removes one. */
  handle(input: { readonly event: Event; readonly rows: ReadonlyMap<string, Row> }): {
    readonly rows: ReadonlyMap<string, RowOf<Row> | null>
    readonly writes: Outputs<Destinations>
  }
}

type ImpersonalDestination = (SinkObject<string> & { readonly isImpersonal: true }) | StreamTopic

type Outputs<Destinations extends readonly Destination[]> = readonly OutputOf<Destinations[number]>[]

interface StatelessHandler<Event, By extends AliasField<Event>, Destinations extends readonly Destination[]> {
  readonly keepsPerPerson?: undefined
  readonly keepsPerKey?: undefined
  /** Pure: no clock, random or network. */
  handle(input: { readonly event: Event; readonly person: JoinedPerson<Event, By> }): {
    readonly writes: Outputs<Destinations>
  }
}

interface PersonRowHandler<Event, By extends AliasField<Event>, Destinations extends readonly Destination[], Row> {
  readonly keepsPerPerson: PersonRow<Row, OutputOf<Destinations[number]>>
  readonly keepsPerKey?: undefined
  /** Pure. The row comes in, the new row goes out. */
  handle(input: {
    readonly event: Event
    readonly person: JoinedPerson<Event, By>
    readonly row: RowOf<Row> | undefined
  }): { readonly row: RowOf<Row>; readonly writes: Outputs<Destinations> }
}

interface RowFamilyHandler<Event, By extends AliasField<Event>, Destinations extends readonly Destination[], Row> {
  readonly keepsPerKey: RowFamily<Row>
  readonly keepsPerPerson?: undefined
  /** Pure. All rows of the event's key come in, the changed ones go out; null removes one. */
  handle(input: {
    readonly event: Event
    readonly person: JoinedPerson<Event, By>
    readonly rows: ReadonlyMap<string, Row>
  }): { readonly rows: ReadonlyMap<string, RowOf<Row> | null>; readonly writes: Outputs<Destinations> }
}

/** A consumer without its types, as the runtime drives it. Made only by `consumer`, which checked them. */
export interface Consumer {
  readonly kind: 'consumer'
  readonly name: string
  readonly reads: StreamTopic
  isOn?(): boolean
  concerns?(event: unknown): boolean
  /** Null when its events name nobody. */
  readonly joins: (Omit<Joins<never, never>, 'by'> & { readonly by: string }) | null
  waitsForParked?(event: unknown): boolean
  readonly writes: readonly Destination[]
  readonly keepsPerPerson?: PersonRow<unknown, unknown>
  readonly keepsPerKey?: RowFamily<unknown>
  handle(input: {
    readonly event: unknown
    readonly person: Person | null
    readonly row?: unknown
    readonly rows?: ReadonlyMap<string, unknown>
  }): {
    readonly row?: unknown
    readonly rows?: ReadonlyMap<string, unknown>
    readonly writes: readonly (Write<string, unknown> | Emission<unknown>)[]
  }
}

/** A consumer that keeps one row per person. */
export function consumer<Event, By extends AliasField<Event>, const Destinations extends readonly Destination[], Row>(
  facts: ConsumerFacts<Event, By, Destinations> & PersonRowHandler<Event, By, Destinations, Row>,
): Consumer
/** A consumer that keeps many rows per input key. */
export function consumer<Event, By extends AliasField<Event>, const Destinations extends readonly Destination[], Row>(
  facts: ConsumerFacts<Event, By, Destinations> & RowFamilyHandler<Event, By, Destinations, Row>,
): Consumer
/** A consumer of events that name nobody, which keeps many rows per input key. */
export function consumer<Event, const Destinations extends readonly ImpersonalDestination[], Row>(
  facts: ImpersonalFacts<Event, Destinations> & ImpersonalRowHandler<Event, Destinations, Row>,
): Consumer
/** A consumer of events that name nobody, which keeps nothing. */
export function consumer<Event, const Destinations extends readonly ImpersonalDestination[]>(
  facts: ImpersonalFacts<Event, Destinations> & ImpersonalHandler<Event, Destinations>,
): Consumer
/** A consumer that keeps nothing. */
export function consumer<Event, By extends AliasField<Event>, const Destinations extends readonly Destination[]>(
  facts: ConsumerFacts<Event, By, Destinations> & StatelessHandler<Event, By, Destinations>,
): Consumer
export function consumer(facts: object): Consumer {
  return { kind: 'consumer', ...facts } as Consumer
}

/** A service that turns a vendor's events into records. */
export interface Producer {
  readonly kind: 'producer'
  readonly name: string
  readonly vendor: string
  /** What it follows, as a consumer group of its name, to know what to ask the vendor for. */
  readonly reads?: StreamTopic
  /** What each of its processes reads whole at its start, and goes on reading, to know what the others did. */
  readonly follows?: StreamTopic
  /** State of its own. Whichever of its processes has the table's partition is the one that works. */
  readonly keeps?: Table<unknown>
  readonly writes: readonly StreamTopic[]
  readonly purpose: string
}
export const producer = (facts: Omit<Producer, 'kind'>): Producer => ({ kind: 'producer', ...facts })

/** The service that turns claims into identities; one instance is active. */
export interface Resolver {
  readonly kind: 'resolver'
  readonly name: string
  readonly reads: Stream<Records['identity-claim']>
  readonly writes: Table<Records['identity']>
}
export const resolver = (facts: Omit<Resolver, 'kind'>): Resolver => ({ kind: 'resolver', ...facts })

/** A service that delivers writes to one destination; one instance per account is active. */
export interface Sink {
  readonly kind: 'sink'
  readonly name: string
  readonly destination: string
  readonly reads: Stream<SinkWrite>
  /** Writes of a replay, read when no live ones wait. */
  readonly replays: Stream<SinkWrite>
  readonly objects: readonly SinkObject<string>[]
  /** What it keeps besides the delivered state. */
  readonly keeps?: Table<unknown>
}
export const sink = (facts: Omit<Sink, 'kind'>): Sink => ({ kind: 'sink', ...facts })

export interface Topology {
  readonly topics: readonly Topic[]
  readonly producers: readonly Producer[]
  readonly resolver: Resolver
  readonly consumers: readonly Consumer[]
  readonly sinks: readonly Sink[]
}
