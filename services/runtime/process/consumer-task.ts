import { parked } from '../../../topology/topics.ts'
import { isErasedKey } from '../../identity/erasure.ts'
import { personIdOf } from '../../identity/rows.ts'
import type { StoredRecord, Task, TaskContext } from '../../kafka/kafka.ts'
import type { ConsumerRuntime } from './consumer-runtime.ts'
import { Intake } from './intake.ts'
import { Parking } from './parking.ts'
import { RowStore } from './row-store.ts'
import { RowUpkeep } from './row-upkeep.ts'
import { Step } from './step.ts'

/** Records of one transaction at most: larger ones only delay what waits behind them. */
const recordsPerStep = 500
/** How often parked events are looked through for those whose time is over, at most, and rows for those that nothing asks for. */
const lookPauseMs = 10_000

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
  readonly #intake: Intake
  /** Aliases whose parked events may go on now. */
  readonly #appeared = new Set<string>()
  readonly #stopListening: () => void
  #last: Promise<void> = Promise.resolve()
  #mending = false

  constructor(runtime: ConsumerRuntime, context: TaskContext) {
    const { clock, codec, directory, tables } = runtime.surroundings
    const { partition } = context
    this.#runtime = runtime
    this.#context = context
    this.#parking = new Parking(runtime.consumer.name, partition, tables.partition(parked.name, partition))
    if (runtime.table) {
      this.#rows = new RowStore(runtime.table, tables.partition(runtime.table.name, partition), codec, clock)
      this.#upkeep = new RowUpkeep(runtime.consumer, this.#rows, codec, directory)
    }
    this.#intake = new Intake(runtime, { parking: this.#parking, rows: this.#rows, upkeep: this.#upkeep })
    this.#stopListening = directory.onChange(key => this.#onIdentity(key))
    this.#mendSoon()
    void this.#lookNowAndThen()
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
      for (const record of chunk) this.#intake.take(step, record)
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

  async #releaseFree(): Promise<void> {
    const step = this.#newStep()
    this.#intake.releaseFreeInto(step)
    await this.#commit(step)
  }

  /** Handles what waited for those who appeared. A transaction takes about as many events as one of the input, since a whole crowd may appear at once. */
  async #releaseAppeared(): Promise<void> {
    const aliases: string[] = []
    const originals: StoredRecord[] = []
    for (const alias of this.#appeared) {
      this.#appeared.delete(alias)
      if (!this.#mayGoOn(alias)) continue
      const waiting = this.#intake.aliasesOf(alias).flatMap(each => this.#parking.of(each))
      aliases.push(alias)
      originals.push(...waiting.map(({ original }) => original))
      if (originals.length >= recordsPerStep) break
    }
    if (this.#appeared.size > 0) this.#inBackground(() => this.#releaseAppeared())
    if (aliases.length === 0) return
    await this.#prepare(originals)
    const step = this.#newStep()
    for (const alias of aliases) this.#intake.releaseInto(step, alias)
    await this.#commit(step)
  }

  #mayGoOn(alias: string): boolean {
    if (!this.#parking.has(alias)) return false
    return this.#intake.find(alias).status !== 'missing' || this.#holdsForgotten(alias)
  }

  /** Whether events wait that came before the alias's erasure was lifted. */
  #holdsForgotten(alias: string): boolean {
    return this.#parking
      .of(alias)
      .some(({ original }) => this.#intake.find(alias, original.timestamp).status === 'erased')
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
    this.#intake.releaseFreeInto(step)
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

  async #lookNowAndThen(): Promise<void> {
    const { clock, parkLimitMs } = this.#runtime.surroundings
    const { signal } = this.#context
    while (!signal.aborted) {
      await clock.sleep(Math.min(lookPauseMs, parkLimitMs), signal)
      if (!signal.aborted && this.#parking.size > 0) this.#inBackground(() => this.#expire())
      // When no more comes, no step does it.
      this.#inBackground(async () => this.#rows?.letGo())
    }
  }

  /** Piece by piece, so that events do not wait for all of it. */
  async #mendWhatWasMissed(): Promise<void> {
    for (const alias of this.#parking.aliases()) this.#releaseSoon(alias)
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
      const lookup = this.#intake.find(key)
      if (lookup.status === 'known' && this.#parking.size > 0)
        for (const alias of lookup.person.aliases) this.#releaseSoon(alias)
      const person = personIdOf(key) ?? ''
      if (this.#upkeep?.isDisplaced(person)) this.#inBackground(() => this.#settle(person))
    }
  }

  #releaseSoon(alias: string): void {
    if (!this.#parking.has(alias)) return
    if (this.#appeared.size === 0) this.#inBackground(() => this.#releaseAppeared())
    this.#appeared.add(alias)
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
    for (const alias of step.parkedAliases) if (this.#intake.find(alias).status !== 'missing') this.#releaseSoon(alias)
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
