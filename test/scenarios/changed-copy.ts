import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { atEnd } from './at-end.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const NEEDED = ['package.json', 'schemas', 'services', 'topology']

/** A change of one file, as a developer makes it: this text, which is there once, becomes that one. */
export interface Change {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Gives the folder of a copy of the program in which one file was changed; it is removed after the test. */
export const changedCopy = (context: TestContext, { file, from, to }: Change): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-changed-'))
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }))
  for (const name of NEEDED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const source = readFileSync(join(folder, file), 'utf8')
  assert.equal(source.split(from).length, 2, `${file} has ${from} once`)
  writeFileSync(join(folder, file), source.replace(from, to))
  return folder
}
