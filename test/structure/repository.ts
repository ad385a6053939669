import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const foreign = new Set(['node_modules', '.git', '.tributary'])

/** Paths of the repository's files from its root, sorted, without what is installed or generated at run time. */
export const filesUnder = (...patterns: readonly string[]): readonly string[] =>
  globSync([...patterns], { cwd: root, exclude: path => foreign.has(path.split('/').at(-1) ?? '') })
    .map(path => path.replaceAll('\\', '/'))
    .sort()

export const contentOf = (path: string): string => readFileSync(root + path, 'utf8')

/** The last part of a path without its ending. */
export const baseName = (path: string): string =>
  (path.split('/').at(-1) ?? '').replace(/\.(test\.ts|avsc|json|ts)$/, '')

/** What is in one list and not in the other, each as a sentence. */
export const mismatches = (
  found: { readonly what: string; readonly names: Iterable<string> },
  expected: { readonly what: string; readonly names: Iterable<string> },
): readonly string[] => {
  const [left, right] = [new Set(found.names), new Set(expected.names)]
  return [
    ...[...left].filter(name => !right.has(name)).map(name => `${found.what} ${name} has no ${expected.what}`),
    ...[...right].filter(name => !left.has(name)).map(name => `${expected.what} ${name} has no ${found.what}`),
  ]
}
