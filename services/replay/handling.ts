import { isDeepStrictEqual } from 'node:util'
import type { Consumer, Person, Stream } from '../../topology/define.ts'
import { identities } from '../../topology/topics.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import type { OutgoingRecord, StoredRecord } from '../kafka/kafka.ts'
import { partitionFor } from '../kafka/publishing/partitioner.ts'
import type { Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import { knownEnough } from '../runtime/process/known-enough.ts'
import type { RevisedRow } from '../runtime/process/row-store.ts'
import { bare } from '../runtime/process/row-upkeep.ts'
import { type EventFacts, Step } from '../runtime/process/step.ts'
import type { Tables } from '../runtime/process/tables.ts'
import { PresentRows } from './present-rows.ts'
import type { EventOutcome } from './tally.ts'

export interface HandlingParts {
  readonly codec: Codec
  readonly directory: IdentityDirectory
  /** With the state of every consumer that is replayed. */
  readonly tables: Tables
  /** Partitions of the consumer's input. */
  readonly partitions: number
}

/** What one event comes to. */
export type Handled =
  | { readonly outcome: 'handled'; readonly records: readonly OutgoingRecord[] }
  | { readonly outcome: Exclude<EventOutcome, 'handled' | 'failed' | 'filtered'> }
  | { readonly outcome: 'failed'; readonly code: string; readonly message: string }

/** Whose event it is; null where it names nobody. */
export type Whose = Person | null | 'missing' | 'erased'

type Outputs = Parameters<Step['outputs']>[0]

/**
 * Gives events to a consumer's handler again. Every event meets the rows as they are now: they hold it already, and handling an event twice changes no
 * row (a law of consumers), so what comes out is what is true now, with the versions that live writes have. Nothing is stored. An event that
 * the rows do not hold asks for nothing that rests on rows which nobody has: where the consumer can restate a present row, that is taken, else the event is passed over.
 */
export class Handling {
  readonly consumer: Consumer
  readonly #parts: HandlingParts
  readonly #rows: PresentRows

  constructor(consumer: Consumer, parts: HandlingParts) {
    this.consumer = consumer
    this.#parts = parts
    this.#rows = new PresentRows(parts.tables, parts.codec)
  }

  /** Whose event a record holds, as the directory says now. Throws as `Codec.decode` does. */
  async whose(record: StoredRecord): Promise<Whose> {
    return record.value === null ? null : this.#whose(record, await this.#decode(record, record.value))
  }

  /** Rejects only for what is no fault of the event, such as a registry that is away. */
  async handle(record: StoredRecord): Promise<Handled> {
    try {
      return await this.#handle(record)
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'retryable') return failed(this.consumer, error)
    }
    // Something written a moment ago is only on its way here.
    await this.#parts.tables.caughtUp(identities.name)
    try {
      return await this.#handle(record)
    } catch (error) {
      if (error instanceof TributaryError && error.code === 'REGISTRY_UNAVAILABLE') throw error
      return failed(this.consumer, error)
    }
  }

  async #handle(record: StoredRecord): Promise<Handled> {
    if (record.value === null) return { outcome: 'empty' }
    const event = await this.#decode(record, record.value)
    if (this.consumer.concerns?.(event) === false) return { outcome: 'not-concerned' }
    const person = this.#whose(record, event)
    if (person === 'missing' || person === 'erased') return { outcome: person }
    const place = this.#placeOf(record, person)
    const { keepsPerPerson, keepsPerKey } = this.consumer
    const table = (keepsPerPerson ?? keepsPerKey)?.table
    const rows = table && this.#rows.load(table, place.partition, place.group)
    if (rows) await rows
    return this.#outputs(event, person, place)
  }

  async #decode(record: StoredRecord, value: Buffer): Promise<EventFacts> {
    const schema = this.#parts.codec.prepare([value])
    if (schema) await schema
    if (record.key === null && (this.consumer.keepsPerPerson || this.consumer.keepsPerKey)) {
      const message = 'The record has no key, so it belongs to no state row.'
      throw new TributaryError('KEY_MISSING', message, { errorClass: 'rejected' })
    }
    return this.#parts.codec.decode(this.consumer.reads as Stream<EventFacts>, value)
  }

  /** As live: the person that keys the input where rows are kept per person, else whom the declared field names. */
  #whose(record: StoredRecord, event: EventFacts): Whose {
    const alias = this.consumer.keepsPerPerson
      ? `person:${record.key?.toString()}`
      : this.consumer.joins && (event as unknown as Record<string, string | null>)[this.consumer.joins.by]
    if (alias === null || alias === undefined) return null
    const lookup = knownEnough(this.consumer, this.#parts.directory.find(alias, event.occurredAt))
    return lookup.status === 'known' ? lookup.person : lookup.status
  }

  /** Where the rows of an event lie: those of a person who was merged since lie with the survivor. */
  #placeOf(record: StoredRecord, person: Person | null): { partition: number; group: string } {
    const key = record.key?.toString() ?? ''
    if (!this.consumer.keepsPerPerson || person === null || person.id === key) {
      return { partition: record.partition, group: key }
    }
    return { partition: partitionFor(person.id, this.#parts.partitions), group: person.id }
  }

  #outputs(event: EventFacts, person: Person | null, place: { partition: number; group: string }): Handled {
    const { codec, directory } = this.#parts
    const { keepsPerPerson, keepsPerKey } = this.consumer
    const step = new Step(this.consumer, codec, directory, place.partition)
    if (keepsPerPerson) {
      const row = this.#rows.group(keepsPerPerson.table, place.partition, place.group).get(place.group)
      const outputs = this.#ofPersonRow(event, person, row)
      if (!outputs) return { outcome: 'ahead' }
      step.outputs(outputs, event, person, row)
    } else if (keepsPerKey) {
      const rows = this.#rows.group(keepsPerKey.table, place.partition, place.group)
      const result = this.consumer.handle({ event, person, rows })
      if ([...(result.rows ?? [])].some(([key, row]) => !isPresent(row, rows.get(key)))) return { outcome: 'ahead' }
      step.outputs(result.writes, event, person, undefined)
    } else {
      step.outputs(this.consumer.handle({ event, person }).writes, event, person, undefined)
    }
    return { outcome: 'handled', records: step.records }
  }

  /** Undefined when there is nothing that could be asked for. */
  #ofPersonRow(event: EventFacts, person: Person | null, row: RevisedRow | undefined): Outputs | undefined {
    const { keepsPerPerson } = this.consumer
    const result = this.consumer.handle({ event, person, row: row && bare(row) })
    if (isPresent(result.row, row)) return result.writes
    if (!row || !person) return undefined
    return keepsPerPerson?.restate({ row: bare(row), person }) as Outputs
  }
}

/** Whether a row that a handler gave back is what is there; null removes one. */
const isPresent = (given: unknown, present: RevisedRow | undefined): boolean =>
  given === null || present === undefined
    ? given === null && present === undefined
    : isDeepStrictEqual({ ...(given as object), revision: present.revision }, present)

const failed = (consumer: Consumer, error: unknown): Handled => {
  if (error instanceof TributaryError) return { outcome: 'failed', code: error.code, message: error.message }
  const name = error instanceof Error ? error.name : typeof error
  return { outcome: 'failed', code: 'HANDLER_FAILED', message: `The handler of ${consumer.name} threw ${name}.` }
}
