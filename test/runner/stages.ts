import { globSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'

/** A check of the repository: a program whose exit code tells, and what to run to mend what it finds. */
export interface Check {
  readonly name: string
  readonly command: readonly string[]
  readonly remedy: string
}

/** A group of test files that run alike. */
export interface Stage {
  readonly name: string
  /** Folder under test/; of several the innermost counts. The stage without one takes every file that no other takes. */
  readonly folder?: string
  /** How many files run at once. */
  readonly concurrency: number
  /** Most files of a process. One when not given: what starts programs, hurts brokers or asks the whole environment wants a process for itself. */
  readonly perProcess?: number
  /** What the runner shares with its files: nothing, one broker, or three that can be hurt. */
  readonly needs: 'nothing' | 'kafka' | 'cluster'
}

export const CHECKS: readonly Check[] = [
  { name: 'format and lint', command: ['node_modules/.bin/biome', 'check'], remedy: 'npx biome check --write' },
  { name: 'types', command: ['node_modules/.bin/tsc', '--noEmit'], remedy: 'npx tsc --noEmit' },
  {
    name: 'generated files',
    command: [process.execPath, 'services/commands/generate.ts', '--check'],
    remedy: 'node_modules/.bin/node services/commands/generate.ts',
  },
]

export const STAGES: readonly Stage[] = [
  { name: 'unit tests', concurrency: 2, perProcess: 10, needs: 'nothing' },
  // Defects of the client may leave a process spinning.
  { name: 'upstream tests', folder: 'upstream', concurrency: 2, needs: 'nothing' },
  { name: 'structure tests', folder: 'structure', concurrency: 2, needs: 'nothing' },
  { name: 'platform tests', folder: 'platform', concurrency: 1, needs: 'nothing' },
  { name: 'contract tests', folder: 'contracts', concurrency: 1, needs: 'kafka' },
  { name: 'scenario tests', folder: 'scenarios', concurrency: 2, needs: 'kafka' },
  { name: 'scenarios: schemas', folder: 'scenarios/schemas', concurrency: 2, needs: 'kafka' },
  { name: 'scenarios: join', folder: 'scenarios/join', concurrency: 2, needs: 'kafka' },
  { name: 'scenarios: webhooks', folder: 'scenarios/webhooks', concurrency: 1, needs: 'cluster' },
  { name: 'scenarios: sinks', folder: 'scenarios/sinks', concurrency: 2, needs: 'kafka' },
  { name: 'scenarios: Kafka', folder: 'scenarios/kafka', concurrency: 1, needs: 'cluster' },
  { name: 'scenarios: extra', folder: 'scenarios/extra', concurrency: 1, needs: 'kafka' },
  { name: 'long runs', folder: 'scenarios/long', concurrency: 1, needs: 'cluster' },
]

/** Names of test files: those that every run takes, and those that take minutes or hurt brokers for long (`npm run test:chaos`). */
export const QUICK = '**/*.test.ts'
export const CHAOS = '**/*.chaos.ts'

/**
 * The test files below each path: a folder, or one file.
 * @param patterns which files of a folder: QUICK, CHAOS or both
 * @throws Error naming a path that does not exist
 */
export function findTestFiles(paths: readonly string[], patterns: readonly string[] = [QUICK]): string[] {
  const files = paths.flatMap(path => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found) throw new Error(`There is no file or folder ${path} to run tests from.`)
    if (found.isFile()) return [resolve(path)]
    return globSync([...patterns], { cwd: path, exclude: name => name === 'node_modules' }).map(name =>
      resolve(path, name),
    )
  })
  return [...new Set(files)].sort()
}

/** The stage a file belongs to, by its folder under test/. */
export function stageOf(file: string): Stage {
  const place = relative(process.cwd(), file).split(sep).join('/')
  const named = STAGES.filter(({ folder }) => folder !== undefined && place.startsWith(`test/${folder}/`))
  const [innermost] = named.sort((a, b) => (b.folder ?? '').length - (a.folder ?? '').length)
  const rest = STAGES.find(stage => stage.folder === undefined)
  if (!rest) throw new Error('There must be a stage that takes the files of no other')
  return innermost ?? rest
}
