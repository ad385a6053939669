import type { Identity, IdentityClaim } from '../../schemas/generated.ts'
import { identities, identityClaims } from '../../topology/topics.ts'
import type { Kafka, OutgoingRecord, StoredRecord, Task, TaskContext } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import { deadLetter } from '../runtime/dead-letters.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { DeadLetterCeiling } from '../runtime/process/dead-letter-ceiling.ts'
import type { Tables } from '../runtime/process/tables.ts'
import { type Erasures, erasureClaim } from './erasure.ts'
import { resolve } from './resolver.ts'
import type { ResolverTable } from './resolver-table.ts'

/** Consumer group, and the service's name in metrics, logs and dead letters. */
export const resolverName = 'identity-resolver'

export interface ResolverOptions {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly erasureSecret: string
  /** More refused claims within a minute stop the resolver instead of draining the topic into dead letters. */
  readonly deadLettersPerMinute: number
  readonly onFatal: (error: Error) => void
}

/** What the tasks of one process share. */
export interface ResolverSurroundings {
  readonly options: ResolverOptions
  readonly tables: Tables
  readonly table: ResolverTable
  readonly erasures: Erasures
  readonly ceiling: DeadLetterCeiling
  /** Ends the resolver, for a reason that a person must look at. */
  stop(reason: TributaryError): void
}

/** Claims of one transaction at most: more only delay what waits behind them. */
const claimsPerStep = 500

interface Refusal {
  readonly record: StoredRecord
  readonly error: TributaryError
}

/**
 * Turns claims into rows, a batch a transaction. It builds on the rows of the topic alone: after each transaction it waits until they have
 * come back, so a commit that failed, or that another instance made meanwhile, needs no care.
 */
export class ResolverTask implements Task {
  readonly #surroundings: ResolverSurroundings
  readonly #context: TaskContext
  readonly #asked = new Set<string>()
  #asking: Promise<unknown> = Promise.resolve()

  /** The table must be caught up. */
  static async open(surroundings: ResolverSurroundings, context: TaskContext): Promise<ResolverTask> {
    const task = new ResolverTask(surroundings, context)
    task.#askToForget(await surroundings.table.gaps())
    // What was removed during that look.
    task.forgetRemoved()
    task.#showCounts()
    return task
  }

  private constructor(surroundings: ResolverSurroundings, context: TaskContext) {
    this.#surroundings = surroundings
    this.#context = context
  }

  async process(records: readonly StoredRecord[]): Promise<void> {
    for (let from = 0; from < records.length && !this.#context.signal.aborted; from += claimsPerStep) {
      await this.#take(records.slice(from, from + claimsPerStep))
    }
  }

  async close(): Promise<void> {
    await this.#asking
  }

  /** Asks for the erasure of those whose rows somebody removed by hand. */
  forgetRemoved(): void {
    this.#askToForget(this.#surroundings.table.removed())
  }

  async #take(records: readonly StoredRecord[]): Promise<void> {
    const { options, tables, table, erasures } = this.#surroundings
    await options.codec.prepare(records.map(record => record.value))
    const refusals: Refusal[] = []
    const taken = records.flatMap(record => {
      const claim = this.#decode(record, refusals)
      return claim ? [{ record, claim }] : []
    })
    const { rows, refused } = resolve(
      table,
      taken.map(({ claim }) => claim),
      erasures,
    )
    for (const [index, error] of refused) {
      const record = taken[index]?.record
      if (record) refusals.push({ record, error })
    }
    await this.#commit(records, rows, refusals)
    this.#count(taken.map(({ claim }) => claim))
    if (rows.size > 0) await tables.caughtUp(identities.name)
    this.#showCounts()
  }

  /** A null record under an alias is an erasure of who is behind it. */
  #decode(record: StoredRecord, refusals: Refusal[]): IdentityClaim | undefined {
    const { options, erasures, table } = this.#surroundings
    const { key, value, timestamp } = record
    if (value === null && key !== null) {
      const alias = key.toString()
      return erasureClaim(table.aliasesBehind(alias), alias, timestamp, erasures)
    }
    try {
      return options.codec.decode(identityClaims, value ?? Buffer.alloc(0))
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      refusals.push({ record, error })
      return undefined
    }
  }

  async #commit(
    records: readonly StoredRecord[],
    rows: ReadonlyMap<string, Identity | null>,
    refusals: readonly Refusal[],
  ): Promise<void> {
    const last = records.at(-1)
    if (!last) return
    this.#allow(refusals.length)
    await this.#context.commit({
      records: [
        ...[...rows].map(([key, row]) => this.#outgoing(key, row)),
        ...refusals.map(refusal => this.#setAside(refusal)),
      ],
      offsets: new Map([[last.topic, last.offset + 1]]),
    })
    const { metrics, logger } = this.#surroundings.options
    metrics.increment('tributary_transactions_total', { group: resolverName, outcome: 'committed' })
    for (const { record, error } of refusals) {
      const { topic, partition, offset } = record
      metrics.increment('tributary_dead_letters_total', { service: resolverName, code: error.code })
      logger.warn(
        { service: resolverName, topic, partition, offset, code: error.code, error },
        'an identity claim was set aside',
      )
    }
  }

  #allow(deadLetters: number): void {
    try {
      this.#surroundings.ceiling.take(deadLetters)
    } catch (error) {
      if (error instanceof TributaryError) this.#surroundings.stop(error)
      throw error
    }
  }

  #outgoing(key: string, row: Identity | null): OutgoingRecord {
    const value = row && this.#surroundings.options.codec.encode(identities, row)
    return { topic: identities.name, partition: 0, key, value }
  }

  #setAside({ record, error }: Refusal): OutgoingRecord {
    const at = this.#surroundings.options.clock.now()
    return deadLetter(record, { code: error.code, message: error.message, service: resolverName, at })
  }

  #askToForget(removed: ReadonlyMap<string, readonly string[]>): void {
    const { options, erasures } = this.#surroundings
    for (const key of this.#asked) if (!removed.has(key)) this.#asked.delete(key)
    const asked = [...removed].filter(([key]) => !this.#asked.has(key))
    if (asked.length === 0 || this.#context.signal.aborted) return
    for (const [key] of asked) this.#asked.add(key)
    const claims = asked.map(([key, aliases]) => erasureClaim(aliases, key, options.clock.now(), erasures))
    const records = claims.map(claim => ({
      topic: identityClaims.name,
      partition: 0,
      key: claim.aliases[0] ?? claim.id,
      value: options.codec.encode(identityClaims, claim),
    }))
    const asking = this.#context.commit({ records, offsets: new Map() }).catch(error => this.#context.fail(error))
    this.#asking = Promise.all([this.#asking, asking])
  }

  #count(claims: readonly IdentityClaim[]): void {
    for (const { kind } of claims) this.#surroundings.options.metrics.increment('tributary_claims_total', { kind })
  }

  #showCounts(): void {
    for (const [kind, count] of Object.entries(this.#surroundings.table.counts())) {
      this.#surroundings.options.metrics.set('tributary_identities', { kind: kind.toLowerCase() }, count)
    }
  }
}
