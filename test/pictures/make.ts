import { mkdirSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { chromiumFile } from '../chromium.ts'
import { makePictures } from './pictures.ts'

/** `npm run pictures [folder]`: makes every picture of README.md in the folder, docs/ unless it is given. */
const executable = chromiumFile()
if (executable === undefined) {
  process.stderr.write('The pictures are made in Chromium: put it on the PATH, or its file into CHROMIUM.\n')
  process.exit(1)
}
const folder = resolve(process.argv[2] ?? 'docs')
mkdirSync(folder, { recursive: true })
for await (const file of makePictures(folder, executable)) process.stdout.write(`wrote ${relative('', file)}\n`)
