import { webinars } from '../../../../topology/topics.ts'
import type { Kafka, StoredRecord, Task, TaskContext } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { decodedIfReadable } from '../../../runtime/decoded-if-readable.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { isZoomError, type ZoomError } from '../rest/problems.ts'
import { readKnown } from './known.ts'
import { type ReportsAccount, readRun } from './reading.ts'
import { settled, type Told } from './records.ts'
import { type Waiting, type WaitingRun, WaitingRuns } from './runs.ts'
import { tell } from './telling.ts'

export interface ReportsParts {
  readonly kafka: Pick<Kafka, 'read' | 'topics' | 'lag'>
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** By name; one that is not configured any more counts as one without credentials. */
  readonly accounts: ReadonlyMap<string, ReportsAccount>
  /** When a run waits for its report. */
  readonly waiting: Waiting
  /** What does not work, for the status, by what it is about; undefined when it works again. */
  readonly onProblem: (about: string, problem: ZoomError | undefined) => void
}

/** A look at a report may take so long beyond the end of the wait: there is at least one, however late we learned of the end. */
const lastLookMs = 120_000
/** Nothing is due for so long at most: then it looks again. */
const longestSleepMs = 3_600_000

/**
 * One partition of `webinars`: runs that ended are settled one after the other, each when its report is there or was waited for in vain. All state is in the
 * topic: the committed offset is that of the first ENDED without its SETTLED, and ids are of Zoom's own, so a repetition tells the same.
 */
export class ReportsTask implements Task {
  readonly #parts: ReportsParts
  readonly #context: TaskContext
  readonly #runs: WaitingRuns
  readonly #ending = new AbortController()
  readonly #ended: AbortSignal
  readonly #work: Promise<void>
  #wake = new AbortController()
  #committed: number

  constructor(parts: ReportsParts, context: TaskContext) {
    this.#parts = parts
    this.#context = context
    this.#committed = context.positions.get(webinars.name) ?? 0
    this.#runs = new WaitingRuns(this.#committed, parts.waiting)
    this.#ended = AbortSignal.any([context.signal, this.#ending.signal])
    this.#work = this.#settleRuns().catch(error => this.#fail(error))
  }

  /** Runs that wait for their report. */
  get waiting(): number {
    return this.#runs.size
  }

  async process(records: readonly StoredRecord[]): Promise<void> {
    const { codec, clock } = this.#parts
    const waiting = codec.prepare(records.map(({ value }) => value))
    if (waiting) await waiting
    for (const record of records) {
      this.#runs.read(record.offset + 1)
      const event = decodedIfReadable(codec, webinars, record.value)
      if (event) this.#runs.observe(event, record.offset, clock.now())
    }
    this.#showWaiting()
    this.#wake.abort()
    await this.#commitOffset()
  }

  /** Gives up what is being read at Zoom: it is read again from the committed offset. A transaction under way is finished. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#work
    this.#parts.metrics.set('tributary_zoom_runs_waiting', { partition: String(this.#context.partition) }, 0)
  }

  async #commitOffset(): Promise<void> {
    const offset = this.#takeOffset()
    if (offset !== undefined) await this.#context.commit({ records: [], offsets: new Map([[webinars.name, offset]]) })
  }

  /** The offset to commit now; undefined when it has not moved. Commits follow in the order in which this is called. */
  #takeOffset(): number | undefined {
    const offset = this.#runs.offset()
    if (offset <= this.#committed) return undefined
    this.#committed = offset
    return offset
  }

  async #settleRuns(): Promise<void> {
    const { clock } = this.#parts
    while (!this.#ended.aborted) {
      const run = this.#runs.next()
      const inMs = run ? run.dueAt - clock.now() : longestSleepMs
      if (run && inMs <= 0) await this.#look(run)
      else await this.#sleep(inMs)
    }
  }

  async #sleep(ms: number): Promise<void> {
    this.#wake = new AbortController()
    await this.#parts.clock.sleep(Math.min(ms, longestSleepMs), AbortSignal.any([this.#ended, this.#wake.signal]))
  }

  async #look(run: WaitingRun): Promise<void> {
    const { clock, metrics } = this.#parts
    const told = await this.#read(run)
    if (this.#ended.aborted || !this.#runs.has(run)) return
    if (told) {
      await this.#settle(run, told, 'reported')
      const ended = run.facts.endTime
      if (ended !== null) metrics.observe('tributary_zoom_report_seconds', {}, (clock.now() - ended) / 1000)
    } else if (clock.now() >= run.deadline) {
      await this.#settle(run, { records: [settled(run.facts, false, clock.now())], claims: [] }, 'unreported')
    } else this.#runs.postpone(run, clock.now())
  }

  /** What the run's report tells; undefined when it is not there, or could not be read now. */
  async #read(run: WaitingRun): Promise<Told | undefined> {
    const { clock, onProblem, accounts } = this.#parts
    const account = accounts.get(run.facts.account)
    if (!account?.calls) return undefined
    const done = new AbortController()
    const late = new AbortController()
    const untilMs = Math.max(run.deadline - clock.now(), lastLookMs)
    void clock.sleep(untilMs, AbortSignal.any([done.signal, this.#ended])).then(() => late.abort())
    const signal = AbortSignal.any([this.#ended, late.signal])
    try {
      const known = () => this.#known(run, signal)
      const told = await readRun({ ...account, calls: account.calls }, run.facts, { ...this.#parts, known }, signal)
      onProblem(aboutReports(run), undefined)
      return told
    } catch (error) {
      if (!isZoomError(error)) throw error
      if (!this.#ended.aborted) this.#noteProblem(run, error)
      return undefined
    } finally {
      done.abort()
    }
  }

  async #known({ facts }: WaitingRun, signal: AbortSignal) {
    const known = await readKnown(this.#parts, new Set([facts.number]), signal, [this.#context.partition])
    return known.get(facts.number)
  }

  async #settle(run: WaitingRun, told: Told, outcome: 'reported' | 'unreported'): Promise<void> {
    const { metrics } = this.#parts
    await tell(this.#parts, this.#context, told, this.#ended, () => {
      this.#runs.settle(run)
      return this.#takeOffset()
    })
    if (this.#ended.aborted) return
    metrics.increment('tributary_zoom_runs_total', { account: run.facts.account, outcome })
    this.#showWaiting()
  }

  #noteProblem(run: WaitingRun, error: ZoomError): void {
    const { logger, onProblem } = this.#parts
    const { facts, looks } = run
    onProblem(aboutReports(run), error)
    logger.warn(
      { vendor: 'zoom', account: facts.account, attempt: looks + 1, error },
      'The report of a webinar could not be read; it is tried again',
    )
  }

  #showWaiting(): void {
    const partition = String(this.#context.partition)
    this.#parts.metrics.set('tributary_zoom_runs_waiting', { partition }, this.#runs.size)
  }

  /** A fenced task is opened anew by the runtime; anything else is for it to know of. */
  #fail(error: unknown): void {
    if (!this.#context.signal.aborted) this.#context.fail(error)
  }
}

const aboutReports = ({ facts }: WaitingRun): string => `reports ${facts.account}`
