import { fenced } from '../client/failures.ts'
import type { Appended, Step, StoredRecord, Task, TaskContext } from '../kafka.ts'

/** The sole right to commit for a partition number, from fencing its former owner until someone else fences this one. */
export interface Hold {
  /** By input topic: where reading begins. */
  readonly positions: ReadonlyMap<string, number>
  /** Whether surely nobody else has the partition yet. */
  isSure(): boolean
  /** One call at a time. After a rejection the hold is of no more use. */
  commit(step: Step): Promise<readonly Appended[]>
  release(): Promise<void>
}

/** Records of one input topic on their way to the task. */
export interface Inlet {
  /** Asks for no more until it is resumed. */
  pause(): void
  resume(): void
  close(): void
}

interface Batch {
  readonly topic: string
  readonly records: readonly StoredRecord[]
}

/**
 * One opening of a task: hands it records one batch at a time, serialises its commits, and ends at the first failure. At most one batch per
 * input topic waits behind the one in hand; then that topic is not read.
 */
export class Tenure implements TaskContext {
  readonly partition: number
  readonly positions: ReadonlyMap<string, number>
  readonly signal: AbortSignal
  /** Resolves at the first failure, with its cause, or when the partition is lost. */
  readonly ended: Promise<unknown>
  /** Whether something was committed, so that the next failure is not a repetition. */
  hasCommitted = false
  private readonly group: string
  private readonly hold: Hold
  private readonly controller = new AbortController()
  /** By input topic. */
  private readonly inlets = new Map<string, Inlet>()
  private readonly paused = new Set<string>()
  /** By input topic: the offset after the last record delivered, and after all that was stepped over behind it. */
  private readonly ends = new Map<string, { readonly record: number; readonly read: number }>()
  private readonly waiting: Batch[] = []
  private end: (cause: unknown) => void = () => undefined
  private task: Task | undefined
  private commits: Promise<unknown> = Promise.resolve()
  private commitsUnderWay = 0
  private processing: Promise<void> | undefined
  private draining = false

  constructor(group: string, partition: number, hold: Hold) {
    this.group = group
    this.partition = partition
    this.hold = hold
    this.positions = hold.positions
    this.signal = this.controller.signal
    this.ended = new Promise(resolve => {
      this.end = resolve
    })
  }

  /** Begins to read, unless the partition was lost while the task was opened. `openInlet` begins to read a topic at its position. */
  start(task: Task, openInlet: (topic: string, position: number) => Inlet): void {
    this.task = task
    if (this.signal.aborted) return
    for (const [topic, position] of this.positions) {
      const inlet = openInlet(topic, position)
      this.inlets.set(topic, inlet)
      if (this.paused.has(topic)) inlet.pause()
    }
  }

  /** True while records wait that the task takes, or a call of the task or a commit is pending. */
  get isBusy(): boolean {
    const waits = this.waiting.some(({ topic }) => !this.paused.has(topic))
    return this.processing !== undefined || waits || this.commitsUnderWay > 0
  }

  /** @param next the offset after the records and what was stepped over behind them: control records, holes */
  deliver(topic: string, records: readonly StoredRecord[], next: number): void {
    if (this.signal.aborted || this.draining) return
    const last = records.at(-1)
    const record = last ? last.offset + 1 : (this.ends.get(topic)?.record ?? this.positions.get(topic) ?? next)
    this.ends.set(topic, { record, read: next })
    if (!last) return
    this.waiting.push({ topic, records })
    this.inlets.get(topic)?.pause()
    this.process()
  }

  pause(topic: string): void {
    this.paused.add(topic)
    this.inlets.get(topic)?.pause()
  }

  resume(topic: string): void {
    if (!this.paused.delete(topic) || this.signal.aborted || this.draining) return
    if (!this.waiting.some(batch => batch.topic === topic)) this.inlets.get(topic)?.resume()
    this.process()
  }

  commit(step: Step): Promise<readonly Appended[]> {
    if (step.records.length === 0 && step.offsets.size === 0) return Promise.resolve([])
    this.commitsUnderWay++
    const result = this.commits.then(() => this.commitOnce(step))
    this.commits = result.catch(() => undefined)
    return result
  }

  mayAct(): boolean {
    return !this.signal.aborted && this.hold.isSure()
  }

  fail(error: unknown): void {
    if (this.signal.aborted) return
    this.controller.abort()
    this.end(error)
  }

  /** Gives the partition up: another member has it, or the process cannot go on. */
  abort(): void {
    this.fail(undefined)
  }

  /** Lets the task finish what it was given, or give it up after a failure, and waits for it. */
  async close(): Promise<void> {
    this.draining = true
    for (const inlet of this.inlets.values()) inlet.close()
    this.waiting.length = 0
    await this.processing
    await this.task?.close().catch(error => this.fail(error))
    await this.commits
    this.controller.abort()
    await this.hold.release()
  }

  private async commitOnce(step: Step): Promise<readonly Appended[]> {
    try {
      if (this.signal.aborted) throw fenced(this.group, this.partition)
      const appended = await this.hold.commit({ ...step, offsets: this.asRead(step.offsets) })
      this.hasCommitted = true
      return appended
    } catch (error) {
      this.fail(error)
      throw error
    } finally {
      this.commitsUnderWay--
    }
  }

  /**
   * An offset after the last record counts what was stepped over behind it as read: committed before the end of a transaction, the group would be out of range
   * once retention has removed all that it had read.
   */
  private asRead(offsets: Step['offsets']): Step['offsets'] {
    return new Map(
      [...offsets].map(([topic, offset]) => {
        const end = this.ends.get(topic)
        return [topic, end?.record === offset ? end.read : offset]
      }),
    )
  }

  private process(): void {
    if (!this.task || this.processing) return
    const first = this.nextBatch()
    if (first) this.processing = this.processWaiting(this.task, first)
  }

  private async processWaiting(task: Task, first: Batch): Promise<void> {
    try {
      for (let batch: Batch | undefined = first; batch && !this.signal.aborted; batch = this.nextBatch()) {
        this.inlets.get(batch.topic)?.resume()
        await task.process(batch.records)
      }
    } catch (error) {
      this.fail(error)
    } finally {
      this.processing = undefined
    }
  }

  /** The earliest batch of a topic that is not paused. */
  private nextBatch(): Batch | undefined {
    const index = this.waiting.findIndex(({ topic }) => !this.paused.has(topic))
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0]
  }
}
