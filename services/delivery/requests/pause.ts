import type { Clock } from '../../runtime/clock.ts'

/** How a request ended, as far as the health of the destination goes. */
export type CallOutcome =
  /** The vendor did its work, whatever it said of single inputs. */
  | { readonly kind: 'well' }
  /** No answer, or one that says "later" for all. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** Nothing will succeed until a person acts. */
  | { readonly kind: 'needs-person'; readonly code: string; readonly message: string }

export interface PauseReason {
  readonly code: string
  readonly message: string
}

export interface PauseSettings {
  /** Failed requests in a row that open the breaker. */
  readonly failuresToOpen: number
  readonly firstPauseMs: number
  /** Pauses double up to this. */
  readonly longestPauseMs: number
}

/** A request under way. */
export interface Admission {
  end(outcome: CallOutcome): void
  /** The request was given up: it says nothing of the vendor. */
  abandon(): void
}

/**
 * Decides whether requests may be made. It opens (pauses) when requests fail in a row or a person is needed, and then lets one request through at growing
 * intervals; the first that goes well ends the pause. Nothing is given up meanwhile: time in a pause does not count for any record.
 */
export class Pause {
  readonly #clock: Clock
  readonly #settings: PauseSettings
  readonly #onChange: (reason: PauseReason | undefined) => void
  #failures = 0
  #reason: PauseReason | undefined
  #pauses = 0
  #probeAt = 0
  #probing = false
  #pausedSince = 0
  #pausedMs = 0

  constructor(clock: Clock, settings: PauseSettings, onChange: (reason: PauseReason | undefined) => void) {
    this.#clock = clock
    this.#settings = settings
    this.#onChange = onChange
  }

  /** Why requests are held back; undefined when they are not. */
  get reason(): PauseReason | undefined {
    return this.#reason
  }

  /** Milliseconds until a request may be made; Infinity while a probe is under way. */
  waitMs(): number {
    if (!this.#reason) return 0
    return this.#probing ? Number.POSITIVE_INFINITY : Math.max(0, this.#probeAt - this.#clock.now())
  }

  /** Call it when `waitMs` is 0 and a request is made. During a pause that request is the probe. */
  admit(): Admission {
    const probe = this.#reason !== undefined
    if (probe) this.#probing = true
    return {
      end: outcome => this.#ended(outcome, probe),
      abandon: () => {
        if (probe) this.#probing = false
      },
    }
  }

  /** Pauses without a request, for a reason that a person must look at. */
  hold(reason: PauseReason): void {
    this.#pause(reason)
  }

  /** Milliseconds since the start in which requests were allowed: the clock by which records are given up. */
  activeMs(): number {
    const now = this.#clock.now()
    return now - this.#pausedMs - (this.#reason ? now - this.#pausedSince : 0)
  }

  #ended(outcome: CallOutcome, probe: boolean): void {
    if (probe) this.#probing = false
    if (outcome.kind === 'well') {
      this.#failures = 0
      if (probe) this.#resume()
      return
    }
    this.#failures += 1
    const mustPause = outcome.kind === 'needs-person' || this.#failures >= this.#settings.failuresToOpen
    // A request that was under way when the pause began says nothing new.
    if (probe || (mustPause && !this.#reason)) this.#pause({ code: outcome.code, message: outcome.message })
  }

  #pause(reason: PauseReason): void {
    const now = this.#clock.now()
    if (!this.#reason) this.#pausedSince = now
    const changed = this.#reason?.code !== reason.code
    const { firstPauseMs, longestPauseMs } = this.#settings
    this.#reason = reason
    this.#probeAt = now + Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses)
    this.#pauses = Math.min(this.#pauses + 1, 30)
    if (changed) this.#onChange(reason)
  }

  #resume(): void {
    this.#pausedMs += this.#clock.now() - this.#pausedSince
    this.#reason = undefined
    this.#pauses = 0
    this.#onChange(undefined)
  }
}
