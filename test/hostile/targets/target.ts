/** Something that takes bytes of others, as a fuzzer sees it. */
export interface Target {
  /** Inputs to begin with, valid ones. */
  readonly seeds: readonly Buffer[]
  /** Words that the code under test knows. */
  readonly dictionary: readonly string[]
  /** Which scripts are under test, by a part of their path. */
  readonly covers: readonly string[]
  /** Throws, or rejects, when the input did harm: an error that has no class, an answer that breaks a law. */
  run(input: Buffer): void | Promise<void>
}

/** Whether what was thrown is a defect: `isStated` says which errors the code under test is documented to throw. */
export const unless = (isStated: (error: unknown) => boolean, act: () => void): void => {
  try {
    act()
  } catch (error) {
    if (!isStated(error)) throw error
  }
}
