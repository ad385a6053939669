import type { Clock } from '../services/runtime/clock.ts'

/** A clock that stands still until it is moved; sleepers wake when it has passed their time. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

export const manualClock = (start = Date.UTC(2026, 9, 14, 12)): ManualClock => {
  let now = start
  const sleepers = new Set<{ until: number; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise<void>(resolve => {
        if (signal?.aborted) {
          resolve()
          return
        }
        const sleeper = { until: now + ms, wake: () => {} }
        sleeper.wake = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', sleeper.wake)
          resolve()
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      }),
    advance: ms => {
      now += ms
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake()
    },
  }
}

/** It goes on at once after what sleeps for less than a minute, as pauses do; longer is how long an answer may take. */
export const passing = (clock: ManualClock): Clock => ({
  now: clock.now,
  sleep: (ms, signal) => {
    if (ms >= 60_000) return clock.sleep(ms, signal)
    clock.advance(ms)
    return new Promise(resolve => setImmediate(resolve))
  },
})
