import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { Consumer, Stream, Table } from '../../../topology/define.ts'
import { parseAlias } from '../../identity/aliases.ts'
import type { IdentityDirectory, Lookup } from '../../identity/directory.ts'
import { aliasesToErase } from '../../identity/erasure.ts'
import type { Kafka, StoredRecord } from '../../kafka/kafka.ts'
import type { Clock } from '../clock.ts'
import type { Codec } from '../codec.ts'
import { TributaryError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { DeadLetterCeiling } from './dead-letter-ceiling.ts'
import { knownEnough } from './known-enough.ts'
import type { EventFacts, Step } from './step.ts'
import type { Tables } from './tables.ts'

/** What all consumers of a process share. */
export interface ConsumerSurroundings {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly tables: Tables
  readonly directory: IdentityDirectory
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** How long an event waits for its person, in milliseconds. */
  readonly parkLimitMs: number
  readonly deadLettersPerMinute: number
}

type EventOutcome =
  | 'handled'
  | 'parked'
  | 'released'
  | 'skipped'
  | 'not-concerned'
  | 'expired'
  | 'erased'
  | 'redirected'
  | 'dead-letter'

/** What the tasks of one consumer share. */
export class ConsumerRuntime {
  readonly consumer: Consumer
  readonly surroundings: ConsumerSurroundings
  readonly table: Table<unknown> | undefined
  readonly #ceiling: DeadLetterCeiling
  readonly #stop: (reason: unknown) => void
  readonly #parkedByPartition = new Map<number, number>()

  /** @param stop ends the whole consumer, for a reason that a person must look at */
  constructor(consumer: Consumer, surroundings: ConsumerSurroundings, stop: (reason: unknown) => void) {
    this.consumer = consumer
    this.surroundings = surroundings
    this.#stop = stop
    this.#ceiling = new DeadLetterCeiling(consumer.name, surroundings.deadLettersPerMinute, surroundings.clock)
    this.table = (consumer.keepsPerPerson ?? consumer.keepsPerKey)?.table
  }

  /** The event of a record; undefined when it was set aside or was an erasure, which is then in the step. */
  decode(step: Step, record: StoredRecord): EventFacts | undefined {
    if (record.value === null) {
      this.#takeTombstone(step, record)
      return undefined
    }
    if (record.key === null && this.table) {
      this.setAside(
        step,
        record,
        'KEY_MISSING',
        'The record has no key, so it belongs to no state row. Send it again with the key that the topic asks for.',
      )
      return undefined
    }
    try {
      return this.surroundings.codec.decode(this.consumer.reads as Stream<EventFacts>, record.value)
    } catch (error) {
      if (error instanceof TributaryError && error.errorClass !== 'rejected') throw error
      this.setAsideFor(step, record, error)
      return undefined
    }
  }

  /** Whether the consumer is about the event; counts those that it is not about. */
  concerns(event: EventFacts): boolean {
    const concerned = this.consumer.concerns?.(event) ?? true
    if (!concerned) this.count('not-concerned')
    return concerned
  }

  /** What the directory says of an alias. Of whom not enough is known for this consumer counts as missing. */
  find(alias: string, happenedAt?: number): Lookup {
    return knownEnough(this.consumer, this.surroundings.directory.find(alias, happenedAt))
  }

  /** The alias an event is joined by: the person that keys the input where rows are kept per person, else what the declared field holds. */
  aliasOf(record: StoredRecord, event: EventFacts): string | null {
    if (this.consumer.keepsPerPerson) return `person:${record.key?.toString()}`
    const { joins } = this.consumer
    return joins && ((event as unknown as Record<string, string | null>)[joins.by] ?? null)
  }

  /** The claim that makes a person of an alias nobody has claimed yet. */
  claimFor(event: EventFacts, alias: string): IdentityClaim {
    return {
      id: `${this.consumer.name}:${event.eventId}`,
      time: event.occurredAt,
      kind: 'SEEN',
      aliases: [alias],
      attributes: {},
      source: this.consumer.name,
    }
  }

  setAsideFor(step: Step, record: StoredRecord, error: unknown): void {
    if (error instanceof TributaryError) this.setAside(step, record, error.code, error.message)
    else {
      const name = error instanceof Error ? error.name : typeof error
      this.setAside(
        step,
        record,
        'HANDLER_FAILED',
        `The handler of ${this.consumer.name} threw ${name} for this event. Mend it, add the event to its test, then retry the dead letter.`,
      )
    }
  }

  setAside(step: Step, record: StoredRecord, code: string, message: string): void {
    step.deadLetter(record, { code, message, service: this.consumer.name, at: this.surroundings.clock.now() })
    this.count('dead-letter')
    this.surroundings.metrics.increment('tributary_dead_letters_total', { service: this.consumer.name, code })
  }

  count(outcome: EventOutcome): void {
    this.surroundings.metrics.increment('tributary_events_total', { consumer: this.consumer.name, outcome })
  }

  /** Throws `DEAD_LETTER_CEILING`, and stops the consumer, when the step would set too much aside. */
  allow(step: Step): void {
    try {
      this.#ceiling.take(step.deadLetters)
    } catch (error) {
      this.#stop(error)
      throw error
    }
  }

  /** Counts what a committed step did. */
  committed(partition: number, step: Step, parkedEvents: number): void {
    const { metrics } = this.surroundings
    metrics.increment('tributary_transactions_total', { group: this.consumer.name, outcome: 'committed' })
    for (const [target, count] of step.writesByTarget) {
      metrics.increment('tributary_writes_total', { consumer: this.consumer.name, target }, count)
    }
    this.setParked(partition, parkedEvents)
  }

  /** Keeps the gauge of parked events, summed over the partitions here. */
  setParked(partition: number, count: number): void {
    this.#parkedByPartition.set(partition, count)
    const total = [...this.#parkedByPartition.values()].reduce((sum, each) => sum + each, 0)
    this.surroundings.metrics.set('tributary_parked_events', { consumer: this.consumer.name }, total)
  }

  /** A null record on a stream whose keys are aliases forgets that person; any other says nothing that could be done. */
  #takeTombstone(step: Step, record: StoredRecord): void {
    const alias = this.consumer.reads.aliasKeyed ? aliasIn(record.key) : undefined
    if (alias === undefined) {
      this.setAside(
        step,
        record,
        'VALUE_MISSING',
        `A null value says nothing on ${record.topic} unless its key is an alias. To forget a person use \`tributary erase <alias>\`.`,
      )
      return
    }
    step.claim({
      id: `tombstone:${record.topic}:${alias}:${record.timestamp}`,
      time: record.timestamp,
      kind: 'ERASE',
      aliases: aliasesToErase(alias, this.surroundings.directory.find(alias)),
      attributes: {},
      source: this.consumer.name,
    })
    this.count('erased')
  }
}

const aliasIn = (key: Buffer | null): string | undefined => {
  try {
    return parseAlias(key?.toString() ?? '')
  } catch {
    return undefined
  }
}
