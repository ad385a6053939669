import type { Clock } from '../../runtime/clock.ts'

/** Of a session, how much a member counts on: the rest is for what it began just before, and for clocks that differ. */
const share = 0.7

/**
 * For how long a member surely has its partitions. The coordinator gives them to another when it has heard nothing for a session, whether or not this one can learn of it:
 * it may be frozen, or cut off. Kafka then takes nothing more from it, but a vendor would.
 */
export class Lease {
  private readonly clock: Clock
  private readonly lengthMs: number
  private answeredAt: number
  private heardAt: number

  /** Begins when the member is about to ask for admission. */
  constructor(clock: Clock, sessionTimeoutMs: number) {
    this.clock = clock
    this.lengthMs = sessionTimeoutMs * share
    this.answeredAt = clock.now()
    this.heardAt = this.answeredAt
  }

  /**
   * The coordinator has answered. When it heard this member is not told: not before its last answer, since one request follows the other. An answer that lay unread while
   * the process was frozen so renews nothing.
   */
  answered(): void {
    this.heardAt = this.answeredAt
    this.answeredAt = this.clock.now()
  }

  get isOver(): boolean {
    const age = this.clock.now() - this.heardAt
    return age < 0 || age >= this.lengthMs
  }
}
