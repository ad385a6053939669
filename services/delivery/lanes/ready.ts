import type { Request } from './aim.ts'
import type { Lane } from './lanes.ts'

/** What a lane needs next; batches are of one kind. */
export type Stage = Request['kind']

export interface ReadyQueue {
  readonly stage: Stage
  /** The object of the lanes; look-ups for several objects share a queue when they look for the same. */
  readonly objects: readonly string[]
  /** Whether the writes come from what happens now, not from a replay. */
  readonly live: boolean
  readonly lanes: Set<Lane>
  /** When the first of them came. */
  since: number
}

/** Lanes whose next request may be made, by what it is, in the order in which they came. */
export class Ready {
  readonly #queues = new Map<string, ReadyQueue>()
  readonly #placed = new Map<Lane, ReadyQueue>()
  #live = 0

  add(lane: Lane, request: Request, now: number): void {
    const stage = request.kind
    this.#put(lane, stage, request.kind === 'look-up' ? request.objects : [lane.object], now)
  }

  /** The lane has got a live write: it goes with the live ones. */
  hurry(lane: Lane, now: number): void {
    const queue = this.#placed.get(lane)
    if (queue && !queue.live) this.#put(lane, queue.stage, queue.objects, now)
  }

  remove(lane: Lane): void {
    const queue = this.#placed.get(lane)
    if (!queue) return
    queue.lanes.delete(lane)
    this.#placed.delete(lane)
    if (queue.live) this.#live -= 1
  }

  has(lane: Lane): boolean {
    return this.#placed.has(lane)
  }

  get size(): number {
    return this.#placed.size
  }

  /** Whether live writes wait for their request. */
  get hasLive(): boolean {
    return this.#live > 0
  }

  /** The queue to take a batch from: a full one, or the one that waited longest when it waited as long as `lingerOf` says. Live ones go first. */
  next(
    now: number,
    fullOf: (queue: ReadyQueue) => number,
    lingerOf: (queue: ReadyQueue) => number,
  ): ReadyQueue | undefined {
    let best: ReadyQueue | undefined
    for (const queue of this.#queues.values()) {
      if (queue.lanes.size === 0) continue
      if (queue.lanes.size < fullOf(queue) && now - queue.since < lingerOf(queue)) continue
      if (!best || isBefore(queue, best)) best = queue
    }
    return best
  }

  /** When the earliest queue has waited long enough; Infinity without any. */
  nextAt(lingerOf: (queue: ReadyQueue) => number): number {
    let at = Number.POSITIVE_INFINITY
    for (const queue of this.#queues.values())
      if (queue.lanes.size > 0) at = Math.min(at, queue.since + lingerOf(queue))
    return at
  }

  #put(lane: Lane, stage: Stage, objects: readonly string[], now: number): void {
    const { live } = lane
    const key = `${stage} ${objects.join()} ${live}`
    const queue = this.#queues.get(key) ?? { stage, objects, live, lanes: new Set<Lane>(), since: now }
    this.#queues.set(key, queue)
    if (this.#placed.get(lane) === queue) return
    this.remove(lane)
    if (queue.lanes.size === 0) queue.since = now
    queue.lanes.add(lane)
    this.#placed.set(lane, queue)
    if (live) this.#live += 1
  }
}

const isBefore = (a: ReadyQueue, b: ReadyQueue): boolean => (a.live === b.live ? a.since < b.since : a.live)
