import type { Clock } from '../runtime/clock.ts'

/** Most writes of one send. */
const mostAtOnce = 500
const turnsPerSecond = 10

/** Gives out turns so that no more than `rate` writes a second are sent, evenly, without catching up after a pause. */
export class Pace {
  readonly #clock: Clock
  readonly #rate: number
  readonly #signal: AbortSignal
  #nextAt = Number.NEGATIVE_INFINITY

  /** @param rate writes a second; 0 for no limit */
  constructor(clock: Clock, rate: number, signal: AbortSignal) {
    this.#clock = clock
    this.#rate = rate
    this.#signal = signal
  }

  /** Resolves when the next writes may be sent, with how many; 0 when the signal ended the waiting. */
  async turn(): Promise<number> {
    if (this.#rate === 0) return mostAtOnce
    const waitMs = this.#nextAt - this.#clock.now()
    if (waitMs > 0) await this.#clock.sleep(waitMs, this.#signal)
    if (this.#signal.aborted) return 0
    const most = Math.min(mostAtOnce, Math.max(1, Math.floor(this.#rate / turnsPerSecond)))
    this.#nextAt = Math.max(this.#nextAt, this.#clock.now()) + (most * 1_000) / this.#rate
    return most
  }
}
