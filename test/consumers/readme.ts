import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Consumer } from '../../topology/define.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The walk-through "Add a consumer" of README.md: what the reader types, and what the reader's file then holds. */
export const walkThrough = (): { readonly command: readonly string[]; readonly source: string } => {
  const section = /^## Add a consumer\n([\s\S]*?)^## /m.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? ''
  const blockOf = (language: string): string => {
    const block = new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'm').exec(section)?.[1]
    if (block === undefined)
      throw new Error(`Expected a block of ${language} in README.md, "Add a consumer", came none.`)
    return block.replace(/^ {3}/gm, '')
  }
  const command = blockOf('sh').trim().split(' ')
  return { command: command.slice(command.indexOf('tributary') + 1), source: blockOf('ts') }
}

/** A folder in which a consumer's file finds the repository's own modules where it expects them. */
export const folderFor = (source: string): { readonly file: string; load(): Promise<Consumer>; remove(): void } => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-readme-'))
  const file = join(folder, 'services', 'consumers', 'company-website.ts')
  mkdirSync(join(folder, 'services', 'consumers'), { recursive: true })
  for (const path of ['topology', 'services/sinks', 'package.json']) {
    symlinkSync(join(root, path), join(folder, path))
  }
  writeFileSync(file, source)
  return {
    file,
    load: async () => ((await import(pathToFileURL(file).href)) as { default: Consumer }).default,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
