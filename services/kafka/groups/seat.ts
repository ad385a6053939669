import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/log.ts'
import { Backoff } from '../client/backoff.ts'
import { isOfType } from '../client/failures.ts'
import type { GroupOptions } from '../kafka.ts'
import type { CursorOptions } from '../reading/cursor.ts'
import { type Hold, type Inlet, Tenure } from './tenure.ts'

/** What an implementation of the seam does for a seat. */
export interface SeatOptions {
  readonly group: string
  readonly partition: number
  readonly open: GroupOptions['open']
  /** Fences the former owner, then reads the committed offsets. Rejects when that cannot be done now. */
  readonly acquire: (signal: AbortSignal) => Promise<Hold>
  /** Begins to read an input topic. */
  readonly openInlet: (topic: string, position: number, deliver: CursorOptions['deliver']) => Inlet
  readonly clock: Clock
  readonly logger: Logger
  /** After another member took the partition over: how long until this one has learned of it, in ms. */
  readonly takenOverPauseMs: number
  readonly random?: () => number
}

const firstPauseMs = 200
const longestPauseMs = 10_000

/** A partition number that belongs to this member: opens its task, and opens it anew after each failure, until the partition is given up. */
export class Seat {
  readonly partition: number
  private readonly options: SeatOptions
  private readonly backoff: Backoff
  private readonly leaving = new AbortController()
  private readonly finished: Promise<void>
  private tenure: Tenure | undefined
  private hasOpened = false
  private isResting = false
  /** In a row, without a commit between them. The first is mended at once. */
  private failures = 0
  private hasFinished = false

  /** @param after what has to end before the task is opened: the former seat of this partition */
  constructor(options: SeatOptions, after: Promise<void> = Promise.resolve()) {
    this.options = options
    this.partition = options.partition
    this.backoff = new Backoff(firstPauseMs, longestPauseMs, options.random)
    this.finished = after.then(() => this.sit())
  }

  get isOpen(): boolean {
    return this.hasOpened
  }

  /** Neither delivering, processing nor committing. A pause after a failure counts as idle. */
  get isIdle(): boolean {
    return this.isResting || this.hasFinished || (this.hasOpened && this.tenure?.isBusy === false)
  }

  /** Finishes what was taken and gives the partition up. */
  drain(): Promise<void> {
    this.leaving.abort()
    return this.finished
  }

  /** Gives the partition up without another commit. Resolves when the task is closed. */
  revoke(): Promise<void> {
    this.leaving.abort()
    this.tenure?.abort()
    return this.finished
  }

  private async sit(): Promise<void> {
    while (!this.leaving.signal.aborted) await this.serveAndRest()
    this.hasFinished = true
  }

  /** A call of its own for each tenure: a failure that a variable of the loop held would stay until the next, and its stack holds the tenure, with all the rows of its task. */
  private async serveAndRest(): Promise<void> {
    const failure = await this.serve().catch(error => error as unknown)
    if (!this.leaving.signal.aborted) await this.rest(failure)
  }

  /** Holds the partition until a failure, which it resolves with, or until it is given up. */
  private async serve(): Promise<unknown> {
    const { group, partition, acquire, open } = this.options
    const hold = await acquire(this.leaving.signal)
    const tenure = new Tenure(group, partition, hold)
    this.tenure = tenure
    try {
      if (this.leaving.signal.aborted) return undefined
      tenure.start(await open(tenure), (topic, position) => this.openInlet(tenure, topic, position))
      this.hasOpened = true
      return await this.endOf(tenure)
    } finally {
      this.hasOpened = false
      await tenure.close()
      if (tenure.hasCommitted) this.calmDown()
    }
  }

  /**
   * Resolves with the failure that ends the tenure, or when this seat is left. What waits for the leaving is taken back afterwards: a seat may never be left, and what
   * waits keeps the tenure, with all the rows of its task.
   */
  private async endOf(tenure: Tenure): Promise<unknown> {
    const { signal } = this.leaving
    const { promise: left, resolve } = Promise.withResolvers<undefined>()
    const leave = (): void => resolve(undefined)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    const failure = await Promise.race([tenure.ended, left])
    signal.removeEventListener('abort', leave)
    return failure
  }

  private openInlet(tenure: Tenure, topic: string, position: number): Inlet {
    return this.options.openInlet(topic, position, (records, next) => tenure.deliver(topic, records, next))
  }

  private calmDown(): void {
    this.failures = 0
    this.backoff.reset()
  }

  private async rest(failure: unknown): Promise<void> {
    const { group, partition, clock, logger, takenOverPauseMs } = this.options
    const takenOver = isOfType(failure, 'INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED') ? takenOverPauseMs : 0
    const ms = takenOver + (this.failures++ === 0 ? 0 : this.backoff.next())
    logger.warn(
      { group, partition, ms, error: failure },
      'A task has failed; it is opened anew at the committed offsets',
    )
    if (ms === 0) return
    this.isResting = true
    await clock.sleep(ms, this.leaving.signal)
    this.isResting = false
  }
}
