import type { Clock } from '../../../runtime/clock.ts'
import { allowanceWindowMs } from '../../../sinks/salesforce/limits.ts'
import type { Usage } from '../rest/reader.ts'
import { burstOfRequests, shareOfRequests } from './limits.ts'

/** How often what events name may be read, for the sake of the org's allowance. */
export class ReadingPace {
  readonly #clock: Pick<Clock, 'now'>
  #left = burstOfRequests
  #at: number

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    this.#at = clock.now()
  }

  /** Milliseconds until a request may be made; 0 when nobody knows how many there are. */
  waitMs(usage: Usage | undefined): number {
    if (!usage) return 0
    const perMs = (usage.limit * shareOfRequests) / allowanceWindowMs
    const now = this.#clock.now()
    this.#left = Math.min(burstOfRequests, this.#left + Math.max(0, now - this.#at) * perMs)
    this.#at = now
    return this.#left >= 1 ? 0 : Math.ceil((1 - this.#left) / perMs)
  }

  take(requests: number): void {
    this.#left -= requests
  }
}
