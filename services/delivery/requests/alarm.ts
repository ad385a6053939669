import type { Clock } from '../../runtime/clock.ts'

/** Rings once at the earliest of the times it was set to. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #sleep: AbortController | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** @param at milliseconds since the epoch; Infinity sets nothing */
  set(at: number): void {
    if (at >= this.#at) return
    this.clear()
    const sleep = new AbortController()
    this.#at = at
    this.#sleep = sleep
    void this.#clock.sleep(Math.max(0, at - this.#clock.now()), sleep.signal).then(() => {
      if (sleep.signal.aborted) return
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    })
  }

  clear(): void {
    this.#sleep?.abort()
    this.#at = Number.POSITIVE_INFINITY
  }
}
