/** Whether the call appended its records, or found them appended already. */
export type Acknowledgement = 'appended' | 'repeated'

export interface AcknowledgedOnce {
  /**
   * Runs `append` unless an earlier call with this id was acknowledged lately. Calls with the id of one in flight share its outcome, a rejection too.
   * An id is remembered only after its append resolved, so a failed one can be sent again.
   */
  once(id: string, append: () => Promise<unknown>): Promise<Acknowledgement>
  /** Appends that have not been acknowledged yet. */
  inFlight(): number
}

/**
 * Remembers the last ids that were acknowledged, so that repeats are cheap. Correctness does not rest on it: it forgets at a restart and knows nothing
 * of other processes, and consumers handle the same event twice without effect.
 * @param capacity ids to remember
 */
export const createAcknowledgedOnce = (capacity: number): AcknowledgedOnce => {
  const acknowledged = new Set<string>()
  const pending = new Map<string, Promise<unknown>>()
  const remember = (id: string): void => {
    acknowledged.delete(id)
    acknowledged.add(id)
    if (acknowledged.size <= capacity) return
    const [oldest] = acknowledged
    if (oldest !== undefined) acknowledged.delete(oldest)
  }
  return {
    once: async (id, append) => {
      if (acknowledged.has(id)) {
        remember(id)
        return 'repeated'
      }
      const running = pending.get(id)
      if (running) {
        await running
        return 'repeated'
      }
      const appending = append()
      pending.set(id, appending)
      try {
        await appending
        remember(id)
        return 'appended'
      } finally {
        pending.delete(id)
      }
    },
    inFlight: () => pending.size,
  }
}
