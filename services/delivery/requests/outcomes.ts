import type { Outcome, Receipt } from '../../../schemas/generated.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { StoredRecord } from '../../kafka/kafka.ts'
import type { Clock } from '../../runtime/clock.ts'
import { deadLetter } from '../../runtime/dead-letters.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { DeadLetterCeiling } from '../../runtime/process/dead-letter-ceiling.ts'
import type { Answer } from '../destination.ts'
import type { Entry, Lane } from '../lanes/lanes.ts'
import type { Effects } from '../lanes/records.ts'
import type { DeliverySettings } from '../settings.ts'
import type { Committer } from '../state/committer.ts'
import type { DeliveredChange, DeliveredState } from '../state/delivered.ts'
import type { Mark } from '../state/window.ts'
import type { PauseReason } from './pause.ts'

export interface Conclusion {
  readonly outcome: Outcome
  readonly record?: string | null
  readonly answer?: Answer
  readonly code?: string
  /** Codes of what the destination changed or left out. */
  readonly adjustments?: readonly string[]
}

/** What is wrong with a write, without its values. */
export interface Fault {
  readonly code: string
  readonly message: string
  readonly answer?: Answer
}

/** Turns what became of a write into what is committed and counted for it. */
export class Outcomes {
  readonly #sink: string
  readonly #committer: Committer
  readonly #directory: IdentityDirectory
  readonly #delivered: DeliveredState
  readonly #metrics: Metrics
  readonly #clock: Clock
  readonly #ceiling: DeadLetterCeiling
  /** Dead letters above the ceiling: they wait until a person had a look. */
  #above: (() => void)[] = []
  /** When a vendor last accepted something, in milliseconds since the epoch. */
  lastDeliveredAt: number | null = null

  constructor(parts: {
    readonly sink: string
    readonly committer: Committer
    readonly directory: IdentityDirectory
    readonly delivered: DeliveredState
    readonly metrics: Metrics
    readonly clock: Clock
    readonly settings: DeliverySettings
  }) {
    this.#sink = parts.sink
    this.#committer = parts.committer
    this.#directory = parts.directory
    this.#delivered = parts.delivered
    this.#metrics = parts.metrics
    this.#clock = parts.clock
    this.#ceiling = new DeadLetterCeiling(parts.sink, parts.settings.deadLettersPerMinute, parts.clock)
  }

  /** The write is done; `lane` gives what else is to be committed. */
  finish(entry: Entry, conclusion: Conclusion, lane?: Lane): void {
    const receipt = this.#receipt(entry, conclusion)
    const effects = this.#combined(lane?.effects.splice(0) ?? [])
    this.#committer.add({ mark: entry.mark, receipt, deadLetter: null, ...effects })
    this.#count(entry, receipt)
  }

  /** These writes of the lane are done in the same way, without a request. */
  finishAll(lane: Lane, entries: readonly Entry[], conclusion: Conclusion): void {
    const finished = [...entries]
    for (const entry of finished) this.finish(entry, conclusion, lane)
    lane.remove(finished)
  }

  /** Commits what a lane learned although no write of it is there to go with. */
  keep(lane: Lane): void {
    const effects = lane.effects.splice(0)
    if (effects.length === 0) return
    this.#committer.add({ mark: null, receipt: null, deadLetter: null, ...this.#combined(effects) })
  }

  /** Nothing remains of somebody who was erased since it was learned. */
  #combined(effects: readonly Effects[]): Effects {
    const isErased = ({ row }: DeliveredChange): boolean =>
      row !== null && row.person !== null && this.#directory.find(`person:${row.person}`).status === 'erased'
    const rows = effects.flatMap(one => one.rows)
    return {
      rows: rows.map(change => (isErased(change) ? this.#delivered.set(change.key, null) : change)),
      claims: effects.flatMap(one => one.claims),
    }
  }

  /** The write cannot be delivered: dead letter and receipt. Gives the reason to pause when the ceiling is reached; the write then waits here. */
  reject(entry: Entry, fault: Fault): PauseReason | undefined {
    return this.#belowCeiling(() => {
      const { code, answer } = fault
      const receipt = this.#receipt(entry, { outcome: 'REJECTED', code, ...(answer ? { answer } : {}) })
      const letter = deadLetter(entry.original, {
        code,
        message: fault.message,
        service: this.#sink,
        at: receipt.at,
        attempts: entry.attempts,
        writeId: entry.write.id,
      })
      this.#committer.add({ mark: entry.mark, receipt, deadLetter: letter, rows: [], claims: [] })
      this.#metrics.increment('tributary_dead_letters_total', { service: this.#sink, code })
      this.#count(entry, receipt)
    })
  }

  /** The record is no write at all: dead letter without receipt. */
  rejectBytes(mark: Mark, original: StoredRecord, { code, message }: Fault): PauseReason | undefined {
    return this.#belowCeiling(() => {
      const letter = deadLetter(original, { code, message, service: this.#sink, at: this.#clock.now() })
      this.#committer.add({ mark, receipt: null, deadLetter: letter, rows: [], claims: [] })
      this.#metrics.increment('tributary_dead_letters_total', { service: this.#sink, code })
    })
  }

  /** A record without content: nothing is to be done for it. */
  ignore(mark: Mark): void {
    this.#committer.add({ mark, receipt: null, deadLetter: null, rows: [], claims: [] })
  }

  /** Whether dead letters wait for the ceiling. */
  get held(): boolean {
    return this.#above.length > 0
  }

  /** Tries again what the ceiling held back; gives the reason when it still does. */
  release(): PauseReason | undefined {
    let reason: PauseReason | undefined
    for (const commit of this.#above.splice(0)) reason = this.#belowCeiling(commit) ?? reason
    return reason
  }

  #belowCeiling(commit: () => void): PauseReason | undefined {
    try {
      this.#ceiling.take(1)
    } catch (error) {
      if (!(error instanceof TributaryError)) throw error
      this.#above.push(commit)
      return { code: error.code, message: error.message }
    }
    commit()
    return undefined
  }

  /** Of what is about nobody the key is the record. */
  #receipt({ write, attempts, adjustments }: Entry, conclusion: Conclusion): Receipt {
    const { outcome, record = null, answer, code, adjustments: ofAnswer = [] } = conclusion
    return {
      writeId: write.id,
      destination: write.destination,
      object: write.object,
      person: write.person,
      record: write.person === null ? write.key : record,
      outcome,
      status: answer?.status ?? null,
      code: code ?? null,
      adjustments: [...adjustments, ...ofAnswer],
      attempts,
      correlationId: answer?.correlationId ?? null,
      occurredAt: write.cause.occurredAt,
      receivedAt: write.cause.receivedAt,
      at: this.#clock.now(),
    }
  }

  #count({ write }: Entry, { outcome, adjustments, at }: Receipt): void {
    this.#metrics.increment('tributary_deliveries_total', { sink: this.#sink, outcome })
    for (const code of adjustments) this.#metrics.increment('tributary_adjustments_total', { sink: this.#sink, code })
    if (outcome !== 'APPLIED' && outcome !== 'CREATED') return
    this.lastDeliveredAt = at
    this.#metrics.observe(
      'tributary_freshness_seconds',
      { sink: this.#sink },
      Math.max(0, at - write.cause.receivedAt) / 1000,
    )
  }
}
