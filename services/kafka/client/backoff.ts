/** Pauses that grow with repeated failures, each between nothing and a doubling ceiling ("full jitter"), so that many do not come back at once. */
export class Backoff {
  private readonly first: number
  private readonly most: number
  private readonly random: () => number
  private attempts = 0

  /** @param first ceiling of the first pause in ms  @param most ceiling of every pause in ms */
  constructor(first: number, most: number, random: () => number = Math.random) {
    this.first = first
    this.most = most
    this.random = random
  }

  /** The next pause in ms. */
  next(): number {
    const ceiling = Math.min(this.most, this.first * 2 ** this.attempts)
    this.attempts = Math.min(this.attempts + 1, 30)
    return Math.ceil(this.random() * ceiling)
  }

  reset(): void {
    this.attempts = 0
  }
}
