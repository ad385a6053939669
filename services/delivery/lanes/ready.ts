import type { Lane } from './lanes.ts'

/** What a lane needs next; batches are of one kind. */
export type Stage = 'look-up' | 'create' | 'update'

export interface ReadyQueue {
  readonly object: string
  readonly stage: Stage
  readonly lanes: Set<Lane>
  /** When the first of them came. */
  since: number
}

/** Lanes whose next request may be made, by what it is, in the order in which they came. */
export class Ready {
  readonly #queues = new Map<string, ReadyQueue>()
  readonly #placed = new Map<Lane, ReadyQueue>()

  add(lane: Lane, stage: Stage, now: number): void {
    const key = `${lane.object} ${stage}`
    const queue = this.#queues.get(key) ?? { object: lane.object, stage, lanes: new Set(), since: now }
    this.#queues.set(key, queue)
    if (this.#placed.get(lane) === queue) return
    this.remove(lane)
    if (queue.lanes.size === 0) queue.since = now
    queue.lanes.add(lane)
    this.#placed.set(lane, queue)
  }

  remove(lane: Lane): void {
    this.#placed.get(lane)?.lanes.delete(lane)
    this.#placed.delete(lane)
  }

  has(lane: Lane): boolean {
    return this.#placed.has(lane)
  }

  get size(): number {
    return this.#placed.size
  }

  /** The queue to take a batch from: a full one, or the one that waited longest when it waited `lingerMs`. */
  next(now: number, full: number, lingerMs: number): ReadyQueue | undefined {
    let best: ReadyQueue | undefined
    for (const queue of this.#queues.values()) {
      if (queue.lanes.size === 0) continue
      if (queue.lanes.size < full && now - queue.since < lingerMs) continue
      if (!best || queue.since < best.since) best = queue
    }
    return best
  }

  /** When the earliest queue has waited long enough; Infinity without any. */
  nextAt(lingerMs: number): number {
    let at = Number.POSITIVE_INFINITY
    for (const queue of this.#queues.values()) if (queue.lanes.size > 0) at = Math.min(at, queue.since + lingerMs)
    return at
  }
}
