/** The place of a taken record in its partition. */
export interface Mark {
  readonly offset: number
  committed: boolean
}

/**
 * Bounds what a sink holds, and knows how far its input was read: the offset after the highest record before which all are committed.
 * A finished record gives its place free although an earlier one is not finished; only its mark stays, so the number of marks is bounded too.
 */
export class Window {
  readonly #most: number
  readonly #mostMarks: number
  #marks: Mark[] = []
  #head = 0
  #held = 0
  #waiting: (() => void)[] = []

  /** @param most writes held at once  @param mostMarks marks kept behind one that takes long */
  constructor(most: number, mostMarks = most * 50) {
    this.#most = most
    this.#mostMarks = mostMarks
  }

  /** Writes taken and not committed. */
  get held(): number {
    return this.#held
  }

  /** Resolves when there is room for one more; undefined when there is. */
  room(): Promise<void> | undefined {
    if (this.#hasRoom()) return undefined
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  take(offset: number): Mark {
    const mark = { offset, committed: false }
    this.#marks.push(mark)
    this.#held += 1
    return mark
  }

  /** The offset to commit together with these marks; undefined when it does not move. */
  offsetWith(marks: readonly Mark[]): number | undefined {
    const together = new Set(marks)
    let index = this.#head
    for (; index < this.#marks.length; index++) {
      const mark = this.#marks[index]
      if (!mark || !(mark.committed || together.has(mark))) break
    }
    if (index === this.#head) return undefined
    const last = this.#marks[index - 1]
    return last && last.offset + 1
  }

  commit(marks: readonly Mark[]): void {
    for (const mark of marks) mark.committed = true
    this.#held -= marks.length
    while (this.#marks[this.#head]?.committed) this.#head += 1
    if (this.#head > this.#marks.length / 2) {
      this.#marks = this.#marks.slice(this.#head)
      this.#head = 0
    }
    if (this.#hasRoom()) this.wakeWaiting()
  }

  /** Lets those who wait for room look again: there is some, or there is nothing to wait for any more. */
  wakeWaiting(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #hasRoom(): boolean {
    return this.#held < this.#most && this.#marks.length - this.#head < this.#mostMarks
  }
}
