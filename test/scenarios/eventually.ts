import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const PAUSE_MS = 100

/** Tries until it does not throw and gives what it returned; when time is up, throws what it threw last, so that a failure shows what was there instead. */
export const eventually = async <Result>(
  attempt: () => Result | Promise<Result>,
  patienceMs = PATIENCE_MS,
): Promise<Result> => {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
    }
    await delay(PAUSE_MS)
  }
}
