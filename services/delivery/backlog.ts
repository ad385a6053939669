import type { StoredRecord, TaskContext } from '../kafka/kafka.ts'

/** Records of a topic that is read only as fast as they are taken: while some wait here, no more come. */
export class Backlog {
  readonly #context: Pick<TaskContext, 'pause' | 'resume'>
  readonly #topic: string
  #waiting: readonly StoredRecord[] = []
  #next = 0

  constructor(context: Pick<TaskContext, 'pause' | 'resume'>, topic: string) {
    this.#context = context
    this.#topic = topic
  }

  add(records: readonly StoredRecord[]): void {
    this.#waiting = [...this.#waiting.slice(this.#next), ...records]
    this.#next = 0
    this.#context.pause(this.#topic)
  }

  get size(): number {
    return this.#waiting.length - this.#next
  }

  take(): StoredRecord | undefined {
    const record = this.#waiting[this.#next]
    if (!record) return undefined
    this.#next += 1
    if (this.size > 0) return record
    this.#waiting = []
    this.#next = 0
    this.#context.resume(this.#topic)
    return record
  }
}
