import type { Clock } from '../../runtime/clock.ts'

/** Longer than any transaction of ours stays open (10 s), however its producer died, and the coordinator's rounds. */
export const defaultStalledAfterMs = 25_000

/** Records of a partition that are written and that no reader sees, because a transaction before them stays open. */
export interface Stall {
  readonly topic: string
  readonly partition: number
  /** 0 when it is over. */
  readonly records: number
  /** For how long, in ms. */
  readonly ms: number
}

interface Watched {
  stable: number
  since: number
  isTold: boolean
}

/** Notices a last stable offset that stands still below the high watermark. Tells each stall once, and its end. */
export class StallWatch {
  private readonly clock: Clock
  private readonly afterMs: number
  private readonly tell: (stall: Stall) => void
  private readonly watched = new Map<string, Watched>()

  constructor(clock: Clock, afterMs: number, tell: (stall: Stall) => void) {
    this.clock = clock
    this.afterMs = afterMs
    this.tell = tell
  }

  /** What a fetch answered of a partition: the last stable offset and the high watermark. */
  see(topic: string, partition: number, stable: number, high: number): void {
    const key = `${partition}/${topic}`
    const now = this.clock.now()
    const before = this.watched.get(key)
    if (before && before.stable !== stable) {
      if (before.isTold) this.tell({ topic, partition, records: 0, ms: now - before.since })
      this.watched.delete(key)
    }
    if (high <= stable) return
    const watched = this.watched.get(key) ?? { stable, since: now, isTold: false }
    this.watched.set(key, watched)
    if (watched.isTold || now - watched.since < this.afterMs) return
    watched.isTold = true
    this.tell({ topic, partition, records: high - stable, ms: now - watched.since })
  }
}
