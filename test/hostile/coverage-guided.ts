import { Coverage } from './fuzzing/coverage.ts'
import { mutated } from './fuzzing/mutations.ts'
import { seededRandom } from './fuzzing/random.ts'
import type { Target } from './targets/target.ts'

/**
 * A coverage-guided fuzzer: inputs that make code run which never ran before are kept and changed further.
 *
 * A library would be better, but none works on this code. @jazzer.js/core 4.0.0 comes with a native part for glibc 2.38 and later only, and instruments modules
 * of the format `module`, not TypeScript that Node strips itself (`module-typescript`); jsfuzz 1.0.15 instruments what `require` loads, and these are ES modules.
 * V8 counts blocks by itself, whatever the module's format, so the loop is short.
 */
export interface FuzzingOptions {
  readonly target: Target
  readonly seed: number
  /** Inputs kept by earlier runs. */
  readonly corpus: readonly Buffer[]
  /** Whether to stop, asked between batches. */
  readonly isOver: () => boolean
  /** Called before each execution: whoever watches can tell which input does not end. */
  readonly onInput: (input: Buffer) => void
  readonly onFinding: (finding: Finding) => void
  readonly onProgress: (progress: Progress) => void
}

export interface Finding {
  /** The error and where it was thrown, without what changes from input to input. */
  readonly symptom: string
  readonly stack: string
  readonly input: Buffer
}

export interface Progress {
  readonly executions: number
  readonly corpus: number
  readonly blocks: number
}

export interface Fuzzed extends Progress {
  /** The smallest inputs that reach all that was reached. */
  readonly kept: readonly Buffer[]
}

/** V8's counters take milliseconds to read, so they are read for so many inputs at once, and one by one only when they grew. */
const batchInputs = 64

export const fuzz = async (options: FuzzingOptions): Promise<Fuzzed> => {
  const { target, isOver, onProgress } = options
  const coverage = new Coverage(url => target.covers.some(part => url.includes(part)))
  const random = seededRandom(options.seed)
  const run = runner(options)
  const corpus: Buffer[] = []
  let executions = 0
  const progress = (): Progress => ({ executions, corpus: corpus.length, blocks: coverage.blocks })
  const runAll = async (inputs: readonly Buffer[]): Promise<void> => {
    for (const input of inputs) await run(input)
    executions += inputs.length
  }
  /** Halves what made the counters grow until it is alone. */
  const keepThoseThatGrow = async (inputs: readonly Buffer[]): Promise<void> => {
    await runAll(inputs)
    const [only] = inputs
    if (!only || !coverage.hasGrown({ keep: inputs.length === 1 })) return
    if (inputs.length === 1) corpus.push(only)
    else for (const half of halves(inputs)) await keepThoseThatGrow(half)
  }
  await keepThoseThatGrow([...target.seeds, ...options.corpus])
  if (corpus.length === 0) corpus.push(...target.seeds)
  while (!isOver()) {
    const batch = Array.from({ length: batchInputs }, () => mutated(random, { corpus, dictionary: target.dictionary }))
    await keepThoseThatGrow(batch)
    onProgress(progress())
  }
  const reached = progress()
  const kept = await smallest(corpus, run, coverage)
  coverage.close()
  return { ...reached, kept }
}

const halves = <Item>(items: readonly Item[]): readonly (readonly Item[])[] => {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

/** Those that still add something when the smaller ones have run before. */
const smallest = async (
  corpus: readonly Buffer[],
  run: (input: Buffer) => Promise<void>,
  coverage: Coverage,
): Promise<readonly Buffer[]> => {
  coverage.forget()
  const kept: Buffer[] = []
  for (const input of corpus.toSorted((a, b) => a.length - b.length)) {
    await run(input)
    if (coverage.hasGrown()) kept.push(input)
  }
  return kept
}

/** Runs the target on an input; each symptom is told once. */
const runner = ({ target, onInput, onFinding }: FuzzingOptions): ((input: Buffer) => Promise<void>) => {
  const told = new Set<string>()
  return async input => {
    onInput(input)
    try {
      const running = target.run(input)
      if (running) await running
    } catch (error) {
      const { stack = String(error) } = error as Error
      const symptom = symptomOf(stack)
      if (told.has(symptom)) return
      told.add(symptom)
      onFinding({ symptom, stack, input })
    }
  }
}

const symptomOf = (stack: string): string => {
  const lines = stack.split('\n')
  const place = lines.find(line => line.includes('/services/'))?.replace(/^.*\/services\//, 'services/') ?? ''
  return `${(lines[0] ?? '').slice(0, 160)} ${place.replace(/\)$/, '')}`.replace(/\d{2,}/g, '#')
}
