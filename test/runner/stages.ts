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
  /** Folder under test/; the stage without one takes every file that no other takes. */
  readonly folder?: string
  /** How many files run at once. */
  readonly concurrency: number
  /** Whether the Kafka that the runner shares must be there. */
  readonly needsKafka: boolean
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
  { name: 'unit tests', concurrency: 2, needsKafka: false },
  { name: 'structure tests', folder: 'structure', concurrency: 2, needsKafka: false },
  { name: 'platform tests', folder: 'platform', concurrency: 1, needsKafka: false },
  { name: 'contract tests', folder: 'contracts', concurrency: 1, needsKafka: true },
  { name: 'scenario tests', folder: 'scenarios', concurrency: 1, needsKafka: true },
]

/**
 * The test files below each path: a folder, or one file.
 * @throws Error naming a path that does not exist
 */
export function findTestFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap(path => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found) throw new Error(`There is no file or folder ${path} to run tests from.`)
    if (found.isFile()) return [resolve(path)]
    return globSync('**/*.test.ts', { cwd: path, exclude: name => name === 'node_modules' }).map(name =>
      resolve(path, name),
    )
  })
  return [...new Set(files)].sort()
}

/** The stage a file belongs to, by its folder under test/. */
export function stageOf(file: string): Stage {
  const [top, folder] = relative(process.cwd(), file).split(sep)
  const named = top === 'test' ? STAGES.find(stage => stage.folder !== undefined && stage.folder === folder) : undefined
  const rest = STAGES.find(stage => stage.folder === undefined)
  if (!rest) throw new Error('There must be a stage that takes the files of no other')
  return named ?? rest
}
