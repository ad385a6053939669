import type { Person } from '../../../topology/define.ts'
import { moves, parked } from '../../../topology/topics.ts'
import type { Lookup } from '../../identity/directory.ts'
import type { StoredRecord } from '../../kafka/kafka.ts'
import { bytesOf } from '../../kafka/record-size.ts'
import { TributaryError } from '../errors.ts'
import type { ConsumerRuntime } from './consumer-runtime.ts'
import { handleEvent } from './handle-event.ts'
import { behindOthersOf, type Parking } from './parking.ts'
import type { RowStore } from './row-store.ts'
import type { RowUpkeep } from './row-upkeep.ts'
import { type EventFacts, type Step, tooLarge } from './step.ts'

/** What a task of a consumer holds of its partition. */
export interface Holdings {
  readonly parking: Parking
  /** Undefined when the consumer keeps none, as is their upkeep. */
  readonly rows: RowStore | undefined
  readonly upkeep: RowUpkeep | undefined
}

/** What becomes of one record: it is joined with its person, then handled, parked, dropped, set aside or sent on. All of it goes into a step; nothing waits here. */
export class Intake {
  readonly #runtime: ConsumerRuntime
  readonly #parking: Parking
  readonly #rows: RowStore | undefined
  readonly #upkeep: RowUpkeep | undefined

  constructor(runtime: ConsumerRuntime, { parking, rows, upkeep }: Holdings) {
    this.#runtime = runtime
    this.#parking = parking
    this.#rows = rows
    this.#upkeep = upkeep
  }

  /** Takes a record of the input; its schema and its rows are loaded. */
  take(step: Step, record: StoredRecord): void {
    if (record.topic === moves.name) {
      this.#receive(step, record)
      return
    }
    const event = this.#runtime.decode(step, record)
    if (!event || !this.#runtime.concerns(event)) return
    const alias = this.#runtime.aliasOf(record, event)
    if (alias === null) {
      if (this.#mustWait(event, record)) this.#park(step, record, event, behindOthersOf(record.key))
      else this.#handle(step, record, event, null)
      return
    }
    const lookup = this.find(alias, event.occurredAt)
    const mustWait = this.#parking.has(alias) && this.find(alias).status === 'missing'
    if (mustWait && lookup.status === 'missing') this.#park(step, record, event, alias)
    else {
      if (!mustWait) this.releaseInto(step, alias)
      this.#join(step, record, event, alias, lookup)
    }
  }

  /** A row that a merge sent here; what is none is set aside. */
  #receive(step: Step, record: StoredRecord): void {
    try {
      this.#upkeep?.receive(step, record)
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      this.#runtime.setAsideFor(step, record, error)
    }
  }

  #mustWait(event: EventFacts, { key }: StoredRecord): boolean {
    return this.#runtime.consumer.waitsForParked?.(event) === true && this.#parking.holdsKey(key)
  }

  #join(step: Step, record: StoredRecord, event: EventFacts, alias: string, lookup: Lookup): void {
    if (lookup.status === 'erased') this.#runtime.count('erased')
    else if (lookup.status === 'missing') this.#missing(step, record, event, alias)
    else if (this.#belongsElsewhere(record, lookup.person)) this.#redirect(step, record, lookup.person)
    else this.#handle(step, record, event, lookup.person)
  }

  #missing(step: Step, record: StoredRecord, event: EventFacts, alias: string): void {
    const { joins, keepsPerPerson } = this.#runtime.consumer
    const ifMissing = joins?.ifMissing ?? 'skip'
    if (ifMissing === 'skip') this.#runtime.count('skipped')
    else if (ifMissing === 'dead-letter') {
      this.#runtime.setAside(step, record, 'PERSON_UNKNOWN', 'The event names a person of whom no identity is known.')
    } else {
      // A person id cannot be claimed: it was minted by the resolver, and the row is only on its way here.
      if (ifMissing === 'create' && !keepsPerPerson) step.claim(this.#runtime.claimFor(event, alias))
      this.#park(step, record, event, alias)
    }
  }

  #park(step: Step, record: StoredRecord, event: EventFacts, alias: string): void {
    if (!this.#parking.takes(record, alias)) {
      this.#runtime.setAsideFor(step, record, tooLarge(this.#runtime.consumer.name, parked.name, bytesOf(record)))
      return
    }
    const parkedRecord = this.#parking.park(record, event.eventId, alias, this.#runtime.surroundings.clock.now())
    if (!parkedRecord) return
    step.records.push(parkedRecord)
    step.parkedAliases.add(alias)
    this.#runtime.count('parked')
  }

  /** A merge may have moved the person's row to another partition since the event was keyed. */
  #belongsElsewhere(record: StoredRecord, person: Person): boolean {
    return this.#runtime.consumer.keepsPerPerson !== undefined && person.id !== record.key?.toString()
  }

  #redirect(step: Step, record: StoredRecord, person: Person): void {
    step.records.push({ topic: record.topic, key: person.id, value: record.value, headers: record.headers })
    this.#runtime.count('redirected')
  }

  #handle(step: Step, record: StoredRecord, event: EventFacts, person: Person | null): void {
    this.#upkeep?.meet(step, record.key?.toString() ?? '')
    handleEvent(this.#runtime, step, { record, event, person, rows: this.#rows })
  }

  /** Handles what waited for the alias, or for another one of its person, in offset order: who was told of first is handled first. */
  releaseInto(step: Step, alias: string): void {
    if (this.#parking.isEmpty) return
    for (const { key, original, alias: awaited } of this.#parking.take(this.aliasesOf(alias))) {
      step.records.push(this.#parking.tombstone(key))
      const event = this.#runtime.decode(step, original)
      if (event && this.#runtime.concerns(event))
        this.#join(step, original, event, awaited, this.find(awaited, event.occurredAt))
      this.#runtime.count('released')
    }
    this.releaseFreeInto(step)
  }

  /** The alias with the others of its person. */
  aliasesOf(alias: string): readonly string[] {
    const lookup = this.find(alias)
    return lookup.status === 'known' ? [alias, ...lookup.person.aliases] : [alias]
  }

  /** Handles what waited behind others of its key, when the last of them is gone. */
  releaseFreeInto(step: Step): void {
    for (const { key, original } of this.#parking.takeFree()) {
      step.records.push(this.#parking.tombstone(key))
      const event = this.#runtime.decode(step, original)
      if (event && this.#runtime.concerns(event)) this.#handle(step, original, event, null)
      this.#runtime.count('released')
    }
  }

  /** @param happenedAt milliseconds since the epoch: an alias that was erased later is erased for what happened before */
  find(alias: string, happenedAt?: number): Lookup {
    return this.#runtime.find(alias, happenedAt)
  }
}
