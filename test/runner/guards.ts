import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line of ours without which a scenario fails: what is taken out of a file, and what takes its place. */
export interface Guard {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The guards that a scenario's first comment names: `Guard: <file>`, then lines `- <text>`, what is taken out of it, each perhaps with a `+ <text>` that comes in its place. */
export const guardsOf = (source: string): readonly Guard[] => {
  const [, comment = ''] = /^\/\*\n((?: \*.*\n)+)/.exec(source) ?? []
  const guards: Guard[] = []
  let file = ''
  for (const line of comment.split('\n').map(text => text.replace(/^ \* ?/, ''))) {
    const [, named] = /^Guard: (\S+)/.exec(line) ?? []
    if (named) file = named
    if (line.startsWith('- ')) guards.push({ file, from: line.slice(2).trim(), to: '' })
    const last = guards.at(-1)
    if (line.startsWith('+ ') && last) guards[guards.length - 1] = { ...last, to: line.slice(2).trim() }
  }
  return guards
}

/** The file with the guard taken out. Throws when its text is not there exactly once. */
export const withoutGuard = (folder: string, { file, from, to }: Guard): string => {
  const source = readFileSync(join(folder, file), 'utf8')
  const times = source.split(from).length - 1
  if (times !== 1) throw new Error(`Expected ${file} to hold \`${from}\` once; it is there ${times} times.`)
  return source.replace(from, () => to)
}
