import type { FieldValue, Person } from '../../topology/define.ts'

/**
 * The seam between the delivery engine and a vendor. Implementations pass test/contracts/destination.contract.ts.
 * An implementation makes requests and says what the answers mean; the engine decides when to ask, in which order, and what to do next.
 * Codes are stable and upper case; messages never carry a person's data, since they reach logs and dead letters.
 */
export interface Destination {
  /** The vendor's name in writes, aliases and delivered keys, for example `hubspot`. A record's alias is `<name>:<object>:<record>`. */
  readonly name: string
  /** Objects whose fields can be set. Operations other than SET are refused until an implementation can make each happen once. */
  readonly settable: readonly string[]
  /** Most persons of one look-up and most inputs of one send. */
  readonly batchSize: number
  /** Most look-ups and sends under way at the same time. */
  readonly concurrency: number
  /** Milliseconds until the vendor's limit allows another request; the engine gathers a batch until then. */
  waitMs(): number
  /** Makes the vendor ready for the writes (missing properties); called before the first request and again when it failed. */
  prepare(signal: AbortSignal): Promise<Prepared>
  /** Finds the records of persons who have none known. Results in the order of the persons. Never throws for what a vendor may answer. */
  resolve(object: string, persons: readonly Person[], signal: AbortSignal): Promise<readonly Resolution[]>
  /**
   * Sets fields. Either every input has a record or none has; no two have the same record or person. Results in the order of the inputs: one bad
   * input never fails another. Never throws for what a vendor may answer.
   */
  send(object: string, inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]>
}

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
  readonly record: string
  /** The person's alias that led to it. */
  readonly alias: string
}

export interface Missing extends Answer {
  readonly kind: 'missing'
}

export type Resolution = Found | Missing | Problem

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
