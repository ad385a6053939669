import type { Kafka, StoredRecord, Task, TaskContext } from '../../kafka/kafka.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { TributaryError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/log.ts'
import { Marks, type MarksOptions } from './marks.ts'

/** When a sweep ended early, it is begun again after so long, or at its next time if that is sooner. */
export const retryAfterMs = 300_000

/** What reads a vendor once. */
export interface Sweeper {
  /** Resolves to what ended it early, for which it is begun again soon; undefined when it read all. Rejects for good. */
  sweep(): Promise<TributaryError | undefined>
  /** What it does now, when that takes long, or what it does not do. */
  progress?(): string | undefined
  /** Waits for the next sweep in place of a sleep, and may do something meanwhile. Ends sooner when it is to sweep at once, and when it has ended. Rejects for good. */
  rest?(ms: number): Promise<void>
  /** Ends what it has open. */
  close?(): Promise<void>
}

/** What a sweep works in. */
export interface Under<OwnMarks> {
  /** Its transactions. */
  readonly context: TaskContext
  /** How far it has come. */
  readonly marks: OwnMarks
  /** Aborts when the partition is another's or the process ends: what is being read is given up. */
  readonly ended: AbortSignal
}

/** Where and how often a sweep runs. */
export interface Sweeping {
  readonly kafka: Kafka
  readonly everyMs: number
  readonly onFatal: (error: Error) => void
}

export interface SweepOptions<Kind extends string, Name extends string> extends Sweeping {
  /** Name of the producer in the topology, and its consumer group. */
  readonly name: string
  readonly vendor: string
  /** They lie in one partition: whoever has it sweeps. */
  readonly marks: MarksOptions<Kind>
  readonly codec: Codec
  readonly clock: Clock
  readonly logger: Logger
  readonly begin: (under: Under<Marks<Kind, Name>>) => Sweeper
}

export interface SweepStatus {
  readonly state: 'running' | 'standby'
  /** What does not work at the moment, as code and text, or what it does that takes long. It is tried again. */
  readonly reason?: string
}

export interface RunningSweep {
  status(): SweepStatus
  /** Gives up what is being read of the vendor and leaves the group. */
  close(): Promise<void>
}

/** Reads a vendor now and then for what no webhook told. Any number of processes may run it: one of them is active. */
export const startSweep = async <Kind extends string, Name extends string>(
  options: SweepOptions<Kind, Name>,
): Promise<RunningSweep> => {
  const open = new Set<SweepTask<Kind, Name>>()
  const membership = await options.kafka.join({
    group: options.name,
    topics: [options.marks.table.name],
    open: context => {
      const task: SweepTask<Kind, Name> = new SweepTask(options, context, () => open.delete(task))
      open.add(task)
      return Promise.resolve(task)
    },
    onFatal: options.onFatal,
  })
  return {
    status: () => {
      const reason = [...open].map(task => task.reason).find(text => text !== undefined)
      return { state: open.size > 0 ? 'running' : 'standby', ...(reason === undefined ? {} : { reason }) }
    },
    close: () => membership.leave(),
  }
}

/** One sweep after the other, for as long as the partition of the marks is ours. What is told and how far it has come are committed together, so it goes on after a crash. */
class SweepTask<Kind extends string, Name extends string> implements Task {
  readonly #options: SweepOptions<Kind, Name>
  readonly #context: TaskContext
  readonly #onClose: () => void
  readonly #ending = new AbortController()
  readonly #ended: AbortSignal
  readonly #work: Promise<void>
  #sweeper: Sweeper | undefined
  #problem: TributaryError | undefined

  constructor(options: SweepOptions<Kind, Name>, context: TaskContext, onClose: () => void) {
    this.#options = options
    this.#context = context
    this.#onClose = onClose
    this.#ended = AbortSignal.any([context.signal, this.#ending.signal])
    this.#work = this.#sweepNowAndThen().catch(error => {
      if (!context.signal.aborted) context.fail(error)
    })
  }

  get reason(): string | undefined {
    return this.#problem ? `${this.#problem.code}: ${this.#problem.message}` : this.#sweeper?.progress?.()
  }

  /** Its own marks come back; they were read at the start, or written here. */
  async process(records: readonly StoredRecord[]): Promise<void> {
    const last = records.at(-1)
    if (!last) return
    await this.#context.commit({ records: [], offsets: new Map([[last.topic, last.offset + 1]]) })
  }

  /** Gives up what is being read of the vendor: it is read again. A transaction under way is finished. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#work
    this.#onClose()
  }

  async #sweepNowAndThen(): Promise<void> {
    const { begin, clock, everyMs, vendor, logger } = this.#options
    const marks = await Marks.read<Kind, Name>(this.#options.marks, this.#options, this.#ended)
    const sweeper = begin({ context: this.#context, marks, ended: this.#ended })
    this.#sweeper = sweeper
    try {
      while (!this.#ended.aborted) {
        const problem = await sweeper.sweep()
        if (this.#ended.aborted) return
        // One that lasts is told once: it may be met every second.
        if (problem && problem.code !== this.#problem?.code)
          logger.warn({ vendor, error: problem }, 'A sweep ended early; it is begun again')
        this.#problem = problem
        const pauseMs = problem ? Math.min(everyMs, retryAfterMs) : everyMs
        await (sweeper.rest ? sweeper.rest(pauseMs) : clock.sleep(pauseMs, this.#ended))
      }
    } finally {
      await sweeper.close?.()
    }
  }
}
