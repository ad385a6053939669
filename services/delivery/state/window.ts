/** The place of a taken record in its partition. */
export interface Mark {
  /** Input topic. */
  readonly input: string
  readonly offset: number
  committed: boolean
  /** Whether it waits for something that may take long, so that its place is another's. */
  resting: boolean
}

/**
 * Bounds what a sink holds of one input, and knows how far it was read: the offset after the highest record before which all are committed.
 * A finished record gives its place free although an earlier one is not finished, and so does one that rests; only the mark stays. The number of marks and of
 * those that rest is bounded too.
 */
export class Window {
  readonly #input: string
  readonly #most: number
  readonly #mostMarks: number
  readonly #mostResting: number
  #marks: Mark[] = []
  #head = 0
  #held = 0
  #resting = 0

  /** @param most writes held at once  @param mostMarks marks kept behind one that takes long  @param mostResting writes held besides */
  constructor(input: string, most: number, mostMarks = most * 50, mostResting = most * 5) {
    this.#input = input
    this.#most = most
    this.#mostMarks = mostMarks
    this.#mostResting = mostResting
  }

  /** Writes taken and not committed. */
  get held(): number {
    return this.#held
  }

  get hasRoom(): boolean {
    const working = this.#held - Math.min(this.#resting, this.#mostResting)
    return working < this.#most && this.#marks.length - this.#head < this.#mostMarks
  }

  take(offset: number): Mark {
    const mark = { input: this.#input, offset, committed: false, resting: false }
    this.#marks.push(mark)
    this.#held += 1
    return mark
  }

  /** The record waits for something that may take long. */
  rest(mark: Mark): void {
    if (mark.resting || mark.committed) return
    mark.resting = true
    this.#resting += 1
  }

  /** The record goes on. */
  wake(mark: Mark): void {
    if (!mark.resting) return
    mark.resting = false
    this.#resting -= 1
  }

  /** The offset to commit together with these marks; undefined when it does not move. */
  offsetWith(marks: ReadonlySet<Mark>): number | undefined {
    let index = this.#head
    for (; index < this.#marks.length; index++) {
      const mark = this.#marks[index]
      if (!mark || !(mark.committed || marks.has(mark))) break
    }
    if (index === this.#head) return undefined
    const last = this.#marks[index - 1]
    return last && last.offset + 1
  }

  commit(marks: readonly Mark[]): void {
    for (const mark of marks) {
      this.wake(mark)
      mark.committed = true
    }
    this.#held -= marks.length
    while (this.#marks[this.#head]?.committed) this.#head += 1
    if (this.#head > this.#marks.length / 2) {
      this.#marks = this.#marks.slice(this.#head)
      this.#head = 0
    }
  }
}
