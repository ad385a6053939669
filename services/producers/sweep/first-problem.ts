interface Reading<Problem extends Error> {
  readonly isProblem: (error: unknown) => error is Problem
  /** Whether the rest would meet the same problem and is left out; none does when absent. */
  readonly meetsAll?: (problem: Problem) => boolean
  /** What is thrown once this is aborted is no problem. */
  readonly ended: AbortSignal
}

/**
 * Reads one part after the other: one that cannot be read, for want of a right to it, keeps no other from being read. Gives the first problem of any; rejects with what is
 * no problem.
 */
export const firstProblemOf = async <Problem extends Error>(
  parts: Iterable<() => Promise<Problem | undefined>>,
  { isProblem, meetsAll = () => false, ended }: Reading<Problem>,
): Promise<Problem | undefined> => {
  let first: Problem | undefined
  for (const read of parts) {
    try {
      const problem = await read()
      first ??= problem
    } catch (error) {
      if (ended.aborted) return undefined
      if (!isProblem(error)) throw error
      first ??= error
      if (meetsAll(error)) break
    }
  }
  return first
}
