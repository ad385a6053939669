import { TributaryError } from '../errors.ts'

/** Collects mistakes, so that people learn of all at once. Each is a sentence: what was expected, what came, what to do. */
export interface Mistakes {
  add(mistake: string): void
  /** Throws one error that lists every mistake, in the order added and each once; does nothing when there is none. */
  throwIfAny(): void
}

export const collectMistakes = (code: string, subject: string): Mistakes => {
  const found = new Set<string>()
  return {
    add: mistake => {
      found.add(mistake)
    },
    throwIfAny: () => {
      if (found.size === 0) return
      const count = found.size === 1 ? '1 mistake' : `${found.size} mistakes`
      throw new TributaryError(code, [`${subject} has ${count}:`, ...found].join('\n- '))
    },
  }
}
