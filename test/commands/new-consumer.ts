import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const copied = [
  'bench',
  'bin',
  'docs',
  'schemas',
  'services',
  'test',
  'topology',
  'biome.json',
  'package.json',
  'tsconfig.json',
]

/** A copy of the repository's sources, with the packages of the original. */
export interface RepositoryCopy {
  /** Runs the program `tributary`. */
  tributary(...args: readonly string[]): SpawnSyncReturns<string>
  /** Runs a program of node_modules/.bin. */
  run(program: string, ...args: readonly string[]): SpawnSyncReturns<string>
  exists(path: string): boolean
  read(path: string): string
  write(path: string, content: string): void
  remove(): void
}

export const copyRepository = (): RepositoryCopy => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-copy-'))
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // A test run inside a test run would report to the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const start = (command: string, args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(command, args, { cwd: folder, encoding: 'utf8', env })
  return {
    tributary: (...args) => start(process.execPath, ['services/commands/main.ts', ...args]),
    run: (program, ...args) => start(join('node_modules', '.bin', program), args),
    exists: path => existsSync(join(folder, path)),
    read: path => readFileSync(join(folder, path), 'utf8'),
    write: (path, content) => writeFileSync(join(folder, path), content),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
