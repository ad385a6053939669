import { type Clock, systemClock } from '../../services/runtime/clock.ts'

/** A clock that goes as any other, but stands still at a moment until it may go on. It is behind by all the time that it stood. */
export interface WaitingClock extends Clock {
  /** Goes on and stands still at this moment, in its own time. */
  goOnTo(time: number): void
  stands(): boolean
}

const STEP_MS = 10

export const waitingClock = (): WaitingClock => {
  let behindMs = 0
  let end = systemClock.now()
  const now = (): number => {
    behindMs = Math.max(behindMs, systemClock.now() - end)
    return systemClock.now() - behindMs
  }
  return {
    now,
    sleep: async (ms, signal) => {
      const until = now() + ms
      while (now() < until && !signal?.aborted) await systemClock.sleep(STEP_MS, signal)
    },
    goOnTo: time => {
      // What it stood until now is counted before the end moves.
      now()
      end = time
    },
    stands: () => now() >= end,
  }
}
