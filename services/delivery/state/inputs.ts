import { type Mark, Window } from './window.ts'

/** The topics that a sink takes its writes from, each with a window of its own. */
export class Inputs {
  readonly #windows: ReadonlyMap<string, Window>

  /** @param sizes by topic: most writes held at once */
  constructor(sizes: Readonly<Record<string, number>>) {
    this.#windows = new Map(Object.entries(sizes).map(([topic, most]) => [topic, new Window(topic, most)]))
  }

  /** Writes taken and not committed, of all topics. */
  get held(): number {
    return this.#all.reduce((sum, { held }) => sum + held, 0)
  }

  of(topic: string): Window {
    const window = this.#windows.get(topic)
    if (!window) throw new RangeError(`Expected a topic that the sink reads, came ${topic}.`)
    return window
  }

  rest(mark: Mark): void {
    this.of(mark.input).rest(mark)
  }

  wake(mark: Mark): void {
    this.of(mark.input).wake(mark)
  }

  /** By topic: the offset to commit together with these marks, where it moves. */
  offsetsWith(marks: readonly Mark[]): ReadonlyMap<string, number> {
    const together = new Set(marks)
    const offsets = new Map<string, number>()
    for (const [topic, window] of this.#windows) {
      const offset = window.offsetWith(together)
      if (offset !== undefined) offsets.set(topic, offset)
    }
    return offsets
  }

  commit(marks: readonly Mark[]): void {
    for (const [topic, window] of this.#windows) window.commit(marks.filter(({ input }) => input === topic))
  }

  get #all(): readonly Window[] {
    return [...this.#windows.values()]
  }
}
