import { retryAfterMs } from '../../services/producers/sweep/running.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import type { ManualClock } from '../clock.ts'

export interface OneSweep {
  /** The clock of a process that sweeps once: what sleeps for less than a minute goes on at once. */
  readonly clock: Clock
  /** Resolves when the process sleeps as it does after a sweep that ended as expected. */
  readonly done: Promise<void>
  readonly fail: (error: Error) => void
}

/** It sleeps until the next sweep when it is done, and less long when it ended early. */
export const oneSweep = (
  clock: ManualClock,
  { everyMs, fails }: { readonly everyMs: number; readonly fails: boolean },
): OneSweep => {
  const { promise: done, resolve, reject: fail } = Promise.withResolvers<void>()
  const ended = (isAsExpected: boolean, how: string): void =>
    isAsExpected ? resolve() : fail(new Error(`The sweep ended ${how}`))
  const sleep: Clock['sleep'] = (ms, signal) => {
    if (ms === everyMs) ended(!fails, 'well')
    else if (ms === retryAfterMs) ended(fails, 'early')
    else if (ms < 60_000) {
      clock.advance(ms)
      return Promise.resolve()
    }
    return clock.sleep(ms, signal)
  }
  return { clock: { now: clock.now, sleep }, done, fail }
}
