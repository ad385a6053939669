import type { FieldValue, Person } from '../../topology/define.ts'

/**
 * The seam between the delivery engine and a vendor. Implementations pass test/contracts/destination.contract.ts.
 * An implementation makes requests and says what the answers mean; the engine decides when to ask, in which order, and what to do next.
 * Codes are stable and upper case; messages never carry a person's data, since they reach logs and dead letters.
 */
export interface Destination {
  /** The vendor's name in writes, aliases and delivered keys, for example `hubspot`. A record's alias is `<name>:<object>:<record>`. */
  readonly name: string
  /** What can be written, by the object's name in writes. */
  readonly objects: Readonly<Record<string, DestinationObject>>
  /** Most persons of one look-up. */
  readonly lookUpSize: number
  /** Most look-ups and sends under way at the same time. */
  readonly concurrency: number
  /** Milliseconds until the vendor's limit allows another request; the engine gathers a batch until then. */
  waitMs(): number
  /** Makes the vendor ready for the writes (missing properties); called before the first request and again when it failed. */
  prepare(signal: AbortSignal): Promise<Prepared>
  /**
   * Finds the records of persons who have none known: of the objects in their order (contact before lead), then the oldest. Results in the order of the persons.
   * Never throws for what a vendor may answer.
   */
  resolve(objects: readonly string[], persons: readonly Person[], signal: AbortSignal): Promise<readonly Resolution[]>
}

export type DestinationObject = RecordObject | DependentObject | StandaloneObject

/** An object of which a person has one record: a contact. It takes SET without a key. */
export interface RecordObject {
  readonly kind: 'record'
  /** Most inputs of one send. */
  readonly batchSize: number
  /**
   * Sets fields. Either every input has a record or none has; no two have the same record or person. Results in the order of the inputs: one bad
   * input never fails another. Never throws for what a vendor may answer.
   */
  send(inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]>
  /** What the records hold now, for a dry run: values as `send` would write them. Results in the order of the ids. */
  read(ids: readonly string[], fields: readonly string[], signal: AbortSignal): Promise<readonly ReadResult[]>
}

/** An object with a key of its own. */
interface KeyedFacts {
  readonly batchSize: number
  /**
   * Of an appended one: whether the vendor itself drops a repetition, for longer than any topic of ours keeps a write. Then no row is kept for what was made, of which
   * there may be millions; only what was made lately is not sent again.
   */
  readonly dropsRepeats?: boolean
  /**
   * What of a write's fields the vendor takes as far as is known without asking it: names and values as they will be sent. The engine compares, sends and remembers
   * only these. Pure but for the clock and what was learned of the vendor meanwhile; all of them when absent.
   */
  fit?(fields: Readonly<Record<string, FieldValue>>, at: number | null): Fitted
  /** Of an append: how long it is remembered that it was delivered, because afterwards `fit` or the vendor refuses it for its age. For good when absent. */
  readonly rememberedForMs?: number
}

export interface Fitted {
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Codes of what was changed or left out, for the receipt and the metrics. */
  readonly adjustments: readonly string[]
  /** Code that says why none of it can be sent: the write is SKIPPED. */
  readonly refusal?: string
}

/**
 * An object that belongs to a person's record and has a key of its own. `keyed` takes SET with a key, again and again (a task); `appended` takes APPEND, once per
 * once key (a custom event), and never changes.
 */
export interface DependentObject extends KeyedFacts {
  readonly kind: 'keyed' | 'appended'
  /** Objects of which one record of the person must be known, in the order of preference. */
  readonly of: readonly string[]
  /** How long a write waits for that record to appear, because another write makes it; 0 when nobody does. Afterwards it is SKIPPED. */
  readonly waitForRecordMs: number
  /** Makes or changes them. No two inputs have the same key. Results as of `send`. A repeated input must not make a second one. */
  put(inputs: readonly PutInput[], signal: AbortSignal): Promise<readonly PutResult[]>
  /** What those with these keys hold now; absent when the vendor offers no way to ask. Results in the order of the targets. */
  read?(targets: readonly PutTarget[], fields: readonly string[], signal: AbortSignal): Promise<readonly ReadResult[]>
}

/**
 * An object that belongs to no record and that its key alone names, so nothing is looked up for it: a visitor, an account, an event. Its writes are about a person, or
 * about nobody.
 */
export interface StandaloneObject extends KeyedFacts {
  readonly kind: 'keyed' | 'appended'
  readonly of: null
  /**
   * Whether a write says all that a thing is made of which people change once it is made. The first of a key goes without those behind it: what it finds was made by an attempt that was
   * not heard of. To what is there it says what it changes only (`news`).
   */
  isWhole?(write: Pick<StandaloneInput, 'key' | 'fields'>): boolean
  /** Makes or changes them. No two inputs have the same key. Results as of `send`. */
  put(inputs: readonly StandaloneInput[], signal: AbortSignal): Promise<readonly StandaloneResult[]>
  /** What those with these keys hold now; absent when the vendor offers no way to ask. Results in the order of the keys. */
  read?(keys: readonly string[], fields: readonly string[], signal: AbortSignal): Promise<readonly ReadResult[]>
}

/** A record of the vendor: object as in aliases, and its id. */
export interface RecordRef {
  readonly object: string
  readonly id: string
}

/** Which dependent object is meant. */
export interface PutTarget {
  /** Key of a keyed object, or the once key of an append. */
  readonly key: string
  /** The person's record that it belongs to. */
  readonly of: RecordRef
}

/** What is put, whomever it belongs to. */
export interface StandaloneInput {
  /** Key of a keyed object, or the once key of an append. */
  readonly key: string
  /** All fields of the writes whenever one of them is news: an upsert makes what is missing. By the vendor's field name; null clears. */
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Of an append: when it happened, in milliseconds since the epoch. */
  readonly at: number | null
  /** Whether it was delivered before. */
  readonly known: boolean
  /** Those of the fields that are to be said to a thing that is there: what a write that is whole changes, and nothing when it may be the one that made it. Absent: all. */
  readonly news?: Readonly<Record<string, FieldValue>> | undefined
  /** Whether an earlier attempt may have taken effect although no answer came. */
  readonly repeated: boolean
}

export interface PutInput extends StandaloneInput, PutTarget {
  readonly person: Person
}

/** What a record holds. */
export interface Held extends Answer {
  readonly kind: 'held'
  readonly fields: Readonly<Record<string, FieldValue>>
}

export type ReadResult = Held | Missing | Problem

/** Fields to set on one record. */
export interface SetInput {
  /** Id of the record; null makes one. */
  readonly record: string | null
  readonly person: Person
  /** By the vendor's field name; null clears. */
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Set besides `fields` only if this very input makes the record. */
  readonly fieldsOnCreate: Readonly<Record<string, FieldValue>>
  /** Whether an earlier attempt may have taken effect although no answer came. */
  readonly repeated: boolean
}

/** What is known of the answer that decided. */
export interface Answer {
  /** HTTP status; null when no request was needed. */
  readonly status: number | null
  /** The vendor's id of the answer, for its support. */
  readonly correlationId: string | null
}

/** The request may succeed later. */
export interface Retry extends Answer {
  readonly kind: 'retry'
  readonly code: string
  readonly message: string
  /** As the vendor asked; the engine waits at least so long. */
  readonly afterMs?: number
  /** The vendor is well and only slows us down: no reason to open the breaker. */
  readonly limited?: boolean
}

/** Nothing will succeed until a person (or the next day's quota) mends the cause: the sink pauses and probes. */
export interface NeedsPerson extends Answer {
  readonly kind: 'needs-person'
  readonly code: string
  readonly message: string
}

/** This input will never be accepted as it is. */
export interface Rejected extends Answer {
  readonly kind: 'rejected'
  readonly code: string
  readonly message: string
}

export type Problem = Retry | NeedsPerson | Rejected
export type Prepared = { readonly kind: 'ready' } | Retry | NeedsPerson

export interface Found extends Answer {
  readonly kind: 'found'
  readonly record: RecordRef
  /** The person's alias that led to it. */
  readonly alias: string
}

export interface Missing extends Answer {
  readonly kind: 'missing'
}

/** `skipped`: there is nothing to look the person up by, and nothing to make a record of. */
export type Resolution = Found | Missing | Skipped | Problem

export interface Accepted extends Answer {
  readonly kind: 'accepted'
  readonly record: string
  /** Whether this input made the record. */
  readonly created: boolean
  /** The person's alias that leads to the record; null when the record was known. */
  readonly alias: string | null
}

/** Nothing was done, on purpose: there is nothing to identify a record by. */
export interface Skipped extends Answer {
  readonly kind: 'skipped'
  readonly code: string
}

/** The record is no longer there: merged into another one, or deleted (`survivor` null). */
export interface Gone extends Answer {
  readonly kind: 'gone'
  readonly survivor: string | null
}

export type SendResult = Accepted | Skipped | Gone | Problem

/** The vendor took it. `record`: its id at the vendor, when there is one. `created`: whether this very input made it. */
export interface Put extends Answer {
  readonly kind: 'put'
  readonly record: string | null
  readonly created: boolean
  /** Codes of what of the input was changed or left out although it was put, beside those of `fit`. */
  readonly adjustments?: readonly string[]
}

/** The record that it belongs to is no longer there: merged or converted into another one, or deleted (`survivor` null). */
export interface Orphaned extends Answer {
  readonly kind: 'orphaned'
  readonly survivor: RecordRef | null
}

export type StandaloneResult = Put | Skipped | Problem
export type PutResult = StandaloneResult | Orphaned
