import type { Clock } from '../runtime/clock.ts'

/** Spreads what is told in chunks, so that it is no more than `rate` a second, without catching up after a pause. */
export class ChunkPace {
  readonly #clock: Clock
  readonly #rate: number
  #nextAt = Number.NEGATIVE_INFINITY

  /** @param rate records a second; 0 for no limit */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock
    this.#rate = rate
  }

  /** Resolves when the next chunk may be told, or the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    const waitMs = this.#nextAt - this.#clock.now()
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal)
  }

  /** So many were told just now. */
  told(records: number): void {
    if (this.#rate > 0) this.#nextAt = this.#clock.now() + (records * 1_000) / this.#rate
  }
}
