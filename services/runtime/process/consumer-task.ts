import type { Person } from '../../../topology/define.ts'
import { moves, parked } from '../../../topology/topics.ts'
import type { Lookup } from '../../identity/directory.ts'
import { isErasedKey } from '../../identity/erasure.ts'
import { personIdOf } from '../../identity/rows.ts'
import type { StoredRecord, Task, TaskContext } from '../../kafka/kafka.ts'
import { bytesOf } from '../../kafka/record-size.ts'
import { TributaryError } from '../errors.ts'
import type { ConsumerRuntime } from './consumer-runtime.ts'
import { handleEvent } from './handle-event.ts'
import { behindOthersOf, Parking } from './parking.ts'
import { RowStore } from './row-store.ts'
import { RowUpkeep } from './row-upkeep.ts'
import { type EventFacts, Step, tooLarge } from './step.ts'

/** Records of one transaction at most: larger ones only delay what waits behind them. */
const recordsPerStep = 500
/** How often parked events are looked through for those whose time is over, at most. */
const expiryPauseMs = 10_000

/**
 * One partition of one consumer: joins, parks, handles and keeps rows, and commits it all with the input offset in one transaction (design.md, Transaction T).
 * The tables must be caught up before it is made.
 */
export class ConsumerTask implements Task {
  readonly #runtime: ConsumerRuntime
  readonly #context: TaskContext
  readonly #parking: Parking
  readonly #rows: RowStore | undefined
  readonly #upkeep: RowUpkeep | undefined
  readonly #stopListening: () => void
  #last: Promise<void> = Promise.resolve()
  #mending = false

  constructor(runtime: ConsumerRuntime, context: TaskContext) {
    const { codec, directory, tables } = runtime.surroundings
    const { partition } = context
    this.#runtime = runtime
    this.#context = context
    this.#parking = new Parking(runtime.consumer.name, partition, tables.partition(parked.name, partition))
    if (runtime.table) {
      this.#rows = new RowStore(runtime.table, tables.partition(runtime.table.name, partition), codec)
      this.#upkeep = new RowUpkeep(runtime.consumer, this.#rows, codec, directory)
    }
    this.#stopListening = directory.onChange(key => this.#onIdentity(key))
    this.#mendSoon()
    void this.#expireNowAndThen()
  }

  process(records: readonly StoredRecord[]): Promise<void> {
    return this.#exclusively(() => this.#takeAll(records))
  }

  async close(): Promise<void> {
    this.#stopListening()
    await this.#last.catch(() => undefined)
    this.#runtime.setParked(this.#context.partition, 0)
  }

  async #takeAll(records: readonly StoredRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += recordsPerStep) {
      if (this.#context.signal.aborted) return
      const chunk = records.slice(from, from + recordsPerStep)
      const waiting = this.#prepare(chunk)
      if (waiting) await waiting
      const step = this.#newStep()
      for (const record of chunk) this.#take(step, record)
      const last = chunk.at(-1)
      if (last) await this.#commit(step, new Map([[last.topic, last.offset + 1]]))
    }
  }

  /** Fetches the schemas of the records and of the rows that they will meet, where they are not known yet. */
  #prepare(records: readonly StoredRecord[]): Promise<unknown> | undefined {
    const schemas = this.#runtime.surroundings.codec.prepare(records.map(record => record.value))
    const rows = this.#rows?.load(records.map(record => record.key?.toString() ?? ''))
    return schemas || rows ? Promise.all([schemas, rows]) : undefined
  }

  #take(step: Step, record: StoredRecord): void {
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
    const lookup = this.#find(alias, event.occurredAt)
    const mustWait = this.#parking.has(alias) && this.#find(alias).status === 'missing'
    if (mustWait && lookup.status === 'missing') this.#park(step, record, event, alias)
    else {
      if (!mustWait) this.#releaseInto(step, alias)
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
  #releaseInto(step: Step, alias: string): void {
    if (this.#parking.isEmpty) return
    for (const { key, original, alias: awaited } of this.#parking.take(this.#aliasesOf(alias))) {
      step.records.push(this.#parking.tombstone(key))
      const event = this.#runtime.decode(step, original)
      if (event && this.#runtime.concerns(event))
        this.#join(step, original, event, awaited, this.#find(awaited, event.occurredAt))
      this.#runtime.count('released')
    }
    this.#releaseFreeInto(step)
  }

  #aliasesOf(alias: string): readonly string[] {
    const lookup = this.#find(alias)
    return lookup.status === 'known' ? [alias, ...lookup.person.aliases] : [alias]
  }

  /** Handles what waited behind others of its key, when the last of them is gone. */
  #releaseFreeInto(step: Step): void {
    for (const { key, original } of this.#parking.takeFree()) {
      step.records.push(this.#parking.tombstone(key))
      const event = this.#runtime.decode(step, original)
      if (event && this.#runtime.concerns(event)) this.#handle(step, original, event, null)
      this.#runtime.count('released')
    }
  }

  async #releaseFree(): Promise<void> {
    const step = this.#newStep()
    this.#releaseFreeInto(step)
    await this.#commit(step)
  }

  async #release(alias: string): Promise<void> {
    if (!this.#parking.has(alias) || (this.#find(alias).status === 'missing' && !this.#holdsForgotten(alias))) return
    const waiting = this.#aliasesOf(alias).flatMap(each => this.#parking.of(each))
    await this.#prepare(waiting.map(({ original }) => original))
    const step = this.#newStep()
    this.#releaseInto(step, alias)
    await this.#commit(step)
  }

  /** Whether events wait that came before the alias's erasure was lifted. */
  #holdsForgotten(alias: string): boolean {
    return this.#parking.of(alias).some(({ original }) => this.#find(alias, original.timestamp).status === 'erased')
  }

  async #expire(): Promise<void> {
    const { clock, parkLimitMs } = this.#runtime.surroundings
    const isDropped = this.#runtime.consumer.joins?.afterParkLimit === 'skip'
    const step = this.#newStep()
    for (const { key, original } of this.#parking.takeOlderThan(clock.now() - parkLimitMs)) {
      step.records.push(this.#parking.tombstone(key))
      if (isDropped) this.#runtime.count('expired')
      else this.#expired(step, original)
    }
    this.#releaseFreeInto(step)
    await this.#commit(step)
  }

  #expired(step: Step, original: StoredRecord): void {
    this.#runtime.setAside(
      step,
      original,
      'PARK_LIMIT',
      'No identity appeared within PARK_LIMIT for the person that the event names. Make the claim, then retry the dead letter.',
    )
  }

  async #expireNowAndThen(): Promise<void> {
    const { clock, parkLimitMs } = this.#runtime.surroundings
    const { signal } = this.#context
    while (!signal.aborted) {
      await clock.sleep(Math.min(expiryPauseMs, parkLimitMs), signal)
      if (!signal.aborted && this.#parking.size > 0) this.#inBackground(() => this.#expire())
    }
  }

  /** Piece by piece, so that events do not wait for all of it. */
  async #mendWhatWasMissed(): Promise<void> {
    for (const alias of this.#parking.aliases()) await this.#exclusively(() => this.#release(alias))
    await this.#exclusively(() => this.#releaseFree())
    for (const group of this.#upkeep?.displaced() ?? []) {
      if (this.#context.signal.aborted) return
      await this.#exclusively(() => this.#settle(group))
    }
  }

  async #settle(group: string): Promise<void> {
    const waiting = this.#rows?.load([group])
    if (waiting) await waiting
    const step = this.#newStep()
    this.#upkeep?.settle(step, group)
    await this.#commit(step)
  }

  /** A person's row and those of its aliases may come in either order, so both are looked at. */
  #onIdentity(key: string): void {
    if (isErasedKey(key)) this.#mendSoon()
    else if (personIdOf(key) === undefined) this.#releaseSoon(key)
    else {
      this.#releaseSoon(key)
      const lookup = this.#find(key)
      if (lookup.status === 'known' && this.#parking.size > 0)
        for (const alias of lookup.person.aliases) this.#releaseSoon(alias)
      const person = personIdOf(key) ?? ''
      if (this.#upkeep?.isDisplaced(person)) this.#inBackground(() => this.#settle(person))
    }
  }

  #releaseSoon(alias: string): void {
    if (this.#parking.has(alias)) this.#inBackground(() => this.#release(alias))
  }

  /** One look for all that one erasure leaves. */
  #mendSoon(): void {
    if (this.#mending) return
    this.#mending = true
    this.#exclusively(() => {
      this.#mending = false
      return Promise.resolve()
    })
      .then(() => this.#mendWhatWasMissed())
      .catch(error => this.#context.fail(error))
  }

  async #commit(step: Step, offsets: ReadonlyMap<string, number> = new Map()): Promise<void> {
    if (step.isEmpty && offsets.size === 0) return
    this.#runtime.allow(step)
    const appended = await this.#context.commit({ records: step.records, offsets })
    this.#rows?.committed(appended)
    this.#runtime.committed(this.#context.partition, step, this.#parking.size)
    // An identity that appeared between the look-up and the parking was not heard of: look once more.
    for (const alias of step.parkedAliases) {
      if (this.#find(alias).status !== 'missing') this.#inBackground(() => this.#release(alias))
    }
  }

  #find(alias: string, happenedAt?: number): Lookup {
    return this.#runtime.find(alias, happenedAt)
  }

  #newStep(): Step {
    const { codec, directory } = this.#runtime.surroundings
    return new Step(this.#runtime.consumer, codec, directory, this.#context.partition)
  }

  /** One piece of work at a time; each sees the rows as the one before left them. After a failure they are not to be trusted: nothing more is done. */
  #exclusively(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work)
    this.#last.catch(() => undefined)
    return this.#last
  }

  #inBackground(work: () => Promise<void>): void {
    this.#exclusively(async () => {
      if (!this.#context.signal.aborted) await work()
    }).catch(error => this.#context.fail(error))
  }
}
