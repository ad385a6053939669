import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromiumFile } from '../chromium.ts'
import { missingOn, pictures } from './pictures.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** A page without its content is smaller, and a larger one is slow to read on the web. */
const size = { least: 30_000, most: 200_000 }
const signature = '89504e470d0a1a0a'

/** Width and height in pixels. Throws when it is no PNG. */
const measured = (png: Buffer): readonly number[] => {
  assert.equal(png.subarray(0, 8).toString('hex'), signature, 'it is a PNG')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

const assertPicture = (folder: string, { file, height }: (typeof pictures)[number]): void => {
  const png = readFileSync(join(folder, file))
  assert.deepEqual(measured(png), [1280, height], file)
  assert.ok(png.length > size.least && png.length < size.most, `${file} has ${png.length} bytes`)
}

const programInto = async (folder: string): Promise<void> => {
  const program = spawn(process.execPath, ['bin/pictures.mjs', folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  for (const stream of [program.stdout, program.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  const [code] = (await once(program, 'close')) as [number | null]
  assert.equal(code, 0, printed.join(''))
}

const temporaryFolder = (context: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-pictures-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('npm run pictures', () => {
  const skip = chromiumFile() === undefined && 'needs Chromium on the PATH, or its file in CHROMIUM'

  it('makes every picture of README.md anew, each showing what it is about', { skip }, async context => {
    const folder = temporaryFolder(context)
    await programInto(folder)
    assert.deepEqual(readdirSync(folder).sort(), pictures.map(({ file }) => file).sort())
    for (const picture of pictures) assertPicture(folder, picture)
  })

  it('made those in docs/', () => {
    for (const picture of pictures) assertPicture(join(root, 'docs'), picture)
  })

  it('misses words that a page does not show', () => {
    assert.deepEqual(missingOn('Contacts\n  200\tlast status', ['Contacts 200', 'attending', 'last status']), [
      'attending',
    ])
  })
})
