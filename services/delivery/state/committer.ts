import type { IdentityClaim, Receipt } from '../../../schemas/generated.ts'
import { identityClaims, keyOfReceipt, receipts } from '../../../topology/topics.ts'
import type { OutgoingRecord, TaskContext } from '../../kafka/kafka.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { DeliverySettings } from '../settings.ts'
import { type DeliveredChange, type DeliveredState, deliveredRecord } from './delivered.ts'
import type { Inputs } from './inputs.ts'
import type { Mark } from './window.ts'

/** A write whose outcome is known, with all that is committed for it. */
export interface Finished {
  /** Null for what no write asked for: rows of an erased person. */
  readonly mark: Mark | null
  readonly receipt: Receipt | null
  readonly deadLetter: OutgoingRecord | null
  readonly rows: readonly DeliveredChange[]
  readonly claims: readonly IdentityClaim[]
}

export interface CommitterParts {
  readonly context: TaskContext
  readonly codec: Codec
  readonly clock: Clock
  readonly inputs: Inputs
  readonly delivered: DeliveredState
  readonly settings: DeliverySettings
  readonly onCommitted: () => void
}

/**
 * Commits what is finished, one transaction at a time: receipts, dead letters, delivered rows, claims, and each input's offset as far as everything before it is
 * finished. What is finished beyond a write that takes long is committed too, without the offset: after a crash the delivered rows make its redo a no-op.
 */
export class Committer {
  readonly #parts: CommitterParts
  #finished: Finished[] = []
  #running: Promise<void> | undefined
  #hurry = new AbortController()
  #flushing = false
  #failed = false
  #lastAt = Number.NEGATIVE_INFINITY

  constructor(parts: CommitterParts) {
    this.#parts = parts
  }

  add(finished: Finished): void {
    if (this.#failed) return
    this.#finished.push(finished)
    if (this.#finished.length >= this.#parts.settings.commit.most) this.#hurry.abort()
    this.#running ??= this.#run()
  }

  /** Resolves when everything added was committed, or nothing may be committed any more. */
  async flush(): Promise<void> {
    this.#flushing = true
    this.#hurry.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { context, clock, settings } = this.#parts
    try {
      while (this.#finished.length > 0) {
        await this.#pace(clock, settings.commit)
        if (context.signal.aborted) return
        await this.#commit(this.#finished.splice(0, settings.commit.most))
      }
    } catch (error) {
      // A fenced task is opened anew by the runtime; anything else is for it to know of.
      this.#failed = true
      this.#finished = []
      if (!context.signal.aborted) context.fail(error)
    } finally {
      this.#running = undefined
    }
  }

  async #pace(clock: Clock, { everyMs, most }: DeliverySettings['commit']): Promise<void> {
    const waitMs = this.#lastAt + everyMs - clock.now()
    if (this.#flushing || waitMs <= 0 || this.#finished.length >= most) return await Promise.resolve()
    this.#hurry = new AbortController()
    await clock.sleep(waitMs, this.#hurry.signal)
  }

  async #commit(finished: readonly Finished[]): Promise<void> {
    const { context, inputs, delivered, clock } = this.#parts
    const marks = finished.flatMap(({ mark }) => mark ?? [])
    const rows = latestPerKey(finished.flatMap(one => one.rows))
    const records = this.#records(finished, rows)
    const appended = await context.commit({ records, offsets: inputs.offsetsWith(marks) })
    this.#lastAt = clock.now()
    delivered.committed(rows, appended)
    inputs.commit(marks)
    this.#parts.onCommitted()
  }

  /** Delivered rows come first, so that their places in the answer are those of `rows`. */
  #records(finished: readonly Finished[], rows: readonly DeliveredChange[]): OutgoingRecord[] {
    const { codec } = this.#parts
    const records = rows.map(row => deliveredRecord(codec, row))
    for (const { receipt, deadLetter, claims } of finished) {
      if (receipt)
        records.push({ topic: receipts.name, key: keyOfReceipt(receipt), value: codec.encode(receipts, receipt) })
      if (deadLetter) records.push(deadLetter)
      for (const claim of claims)
        records.push({
          topic: identityClaims.name,
          key: claim.aliases[0] ?? claim.id,
          value: codec.encode(identityClaims, claim),
        })
    }
    return records
  }
}

const latestPerKey = (changes: readonly DeliveredChange[]): DeliveredChange[] => [
  ...new Map(changes.map(change => [change.key, change])).values(),
]
