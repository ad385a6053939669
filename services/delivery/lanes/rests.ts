import type { Lane } from './lanes.ts'

/** Lanes that rest, each until a time of its own. */
export class Rests {
  readonly #until = new Map<Lane, number>()
  #nextAt = Number.POSITIVE_INFINITY

  /** @param until milliseconds since the epoch */
  add(lane: Lane, until: number): void {
    this.#until.set(lane, until)
    this.#nextAt = Math.min(this.#nextAt, until)
  }

  has(lane: Lane): boolean {
    return this.#until.has(lane)
  }

  /** Gives whether it was there. */
  delete(lane: Lane): boolean {
    return this.#until.delete(lane)
  }

  /** Not later than the end of the earliest rest; Infinity without any. */
  get nextAt(): number {
    return this.#nextAt
  }

  /** The lanes whose rest is over; they stay until they are deleted. */
  due(now: number): readonly Lane[] {
    if (now < this.#nextAt) return []
    const due: Lane[] = []
    let nextAt = Number.POSITIVE_INFINITY
    for (const [lane, until] of this.#until) {
      if (until <= now) due.push(lane)
      else nextAt = Math.min(nextAt, until)
    }
    this.#nextAt = nextAt
    return due
  }
}
