import { type Profiler, Session } from 'node:inspector'

/**
 * Which of the code has run, from V8's own counters of blocks. They name ranges of characters, and a block that ran as often as the one around it is not named at
 * all: so what ran is painted, character by character.
 */
export class Coverage {
  readonly #session = new Session()
  readonly #isOfInterest: (url: string) => boolean
  #painted = new Map<string, Uint8Array>()
  #named = new Map<string, Set<number>>()

  /** @param isOfInterest which scripts count, by their URL */
  constructor(isOfInterest: (url: string) => boolean) {
    this.#isOfInterest = isOfInterest
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Blocks that have run, of all that V8 ever told apart by their counts. */
  get blocks(): number {
    let blocks = 0
    for (const [url, starts] of this.#named)
      for (const start of starts) if (this.#painted.get(url)?.[start] === 1) blocks += 1
    return blocks
  }

  /** Whether something ran since the last call that never ran before. It counts as known from then on, unless `keep` is false. */
  hasGrown({ keep = true }: { readonly keep?: boolean } = {}): boolean {
    let grown = false
    for (const script of this.#ranges()) {
      const ran = paint(script.functions)
      const known = this.#known(script.url, ran.length)
      for (let at = 0; at < ran.length; at++) {
        if (ran[at] !== 1 || known[at] === 1) continue
        grown = true
        if (!keep) break
        known[at] = 1
      }
      if (keep) this.#note(script)
    }
    return grown
  }

  /** Nothing counts as known any more. */
  forget(): void {
    this.#ranges()
    this.#painted = new Map()
    this.#named = new Map()
  }

  close(): void {
    this.#session.disconnect()
  }

  #ranges(): readonly Profiler.ScriptCoverage[] {
    let scripts: readonly Profiler.ScriptCoverage[] = []
    // The session is of this very thread, so it answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error
      scripts = answer.result.filter(({ url }) => this.#isOfInterest(url))
    })
    return scripts
  }

  #known(url: string, length: number): Uint8Array {
    const known = this.#painted.get(url)
    if (known && known.length >= length) return known
    const longer = new Uint8Array(length)
    if (known) longer.set(known)
    this.#painted.set(url, longer)
    return longer
  }

  #note({ url, functions }: Profiler.ScriptCoverage): void {
    const starts = this.#named.get(url) ?? new Set()
    this.#named.set(url, starts)
    for (const { ranges } of functions) for (const { startOffset } of ranges) starts.add(startOffset)
  }
}

/** Functions come from the outermost in, and so do the ranges of each: the innermost decides. */
const paint = (functions: readonly Profiler.FunctionCoverage[]): Uint8Array => {
  const length = functions.reduce((most, { ranges }) => Math.max(most, ranges[0]?.endOffset ?? 0), 0)
  const ran = new Uint8Array(length)
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  return ran
}
