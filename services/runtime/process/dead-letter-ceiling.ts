import type { Clock } from '../clock.ts'
import { TributaryError } from '../errors.ts'

const minuteMs = 60_000

/** Stops a service that sets too much aside: a wrong deployment must not drain a topic into dead letters. */
export class DeadLetterCeiling {
  readonly #service: string
  readonly #perMinute: number
  readonly #clock: Clock
  #times: number[] = []

  constructor(service: string, perMinute: number, clock: Clock) {
    this.#service = service
    this.#perMinute = perMinute
    this.#clock = clock
  }

  /** Throws `DEAD_LETTER_CEILING` (needs a person) when `count` more would exceed the ceiling; then nothing may be committed. */
  take(count: number): void {
    if (count === 0) return
    const now = this.#clock.now()
    this.#times = this.#times.filter(time => time > now - minuteMs)
    if (this.#times.length + count > this.#perMinute) {
      throw new TributaryError(
        'DEAD_LETTER_CEILING',
        `${this.#service} would set aside more than ${this.#perMinute} records within a minute, so it stopped before them. Look at the newest dead letters, mend the cause and start it again; DEAD_LETTER_CEILING changes the ceiling.`,
      )
    }
    for (let i = 0; i < count; i++) this.#times.push(now)
  }
}
