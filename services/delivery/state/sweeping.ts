/** Rows are looked at for so long before other work of the process gets its turn. */
const turnMs = 10
const rowsBetweenLooks = 64

/** Looks at every key, with turns for others between. Ends when the signal aborts. */
export const sweep = async (
  keys: Iterable<string>,
  look: (key: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  let turnEnds = performance.now() + turnMs
  let looks = 0
  for (const key of keys) {
    look(key)
    looks += 1
    if (looks % rowsBetweenLooks !== 0 || performance.now() < turnEnds) continue
    await new Promise(setImmediate)
    if (signal.aborted) return
    turnEnds = performance.now() + turnMs
  }
}
