/** Lets only so many works run at a time; the others wait in the order in which they came. */
export interface Turns {
  /** The work's result; null when too many wait already. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result | null>
}

/** @param waiting more than these are turned away: a receiver that does not answer must not fill the memory */
export const createTurns = (atATime: number, waiting = Number.POSITIVE_INFINITY): Turns => {
  const queue: (() => void)[] = []
  let running = 0
  return {
    inTurn: async work => {
      if (queue.length >= waiting) return null
      running += 1
      if (running > atATime) await new Promise<void>(resolve => queue.push(resolve))
      try {
        return await work()
      } finally {
        running -= 1
        queue.shift()?.()
      }
    },
  }
}
