import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { outputOf } from './until.ts'

const RUNNER = fileURLToPath(new URL('../run.ts', import.meta.url))
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-runner-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the last line counts passed tests, and all is well', async () => {
  const { code, lines } = await run({ 'a.test.ts': `test('one', () => {}); test('two', () => {})` })
  assert.deepEqual([code, lines.at(-1)], [0, '2 passed, 0 failed'])
})

test('failed and skipped tests are counted, named with their reason, and told again at the end', async () => {
  const { code, lines, output } = await run({
    'a.test.ts': `test('fine', () => {}); test('bad', () => { throw new Error('boom') }); test('odd', { skip: 'no moon' }, () => {})`,
  })
  assert.deepEqual([code, lines.at(-1)], [1, '1 passed, 1 failed, 1 skipped'])
  assert.match(output, /skipped: odd \(no moon\)/)
  assert.equal(output.split('Error: boom').length - 1, 2)
})

const BAD_FILES = {
  'a file that cannot be loaded': [`import './nowhere.ts'`, /nowhere\.ts/],
  'a file without a test': ['', /contains no test/],
  'a skip without a reason': [`test('x', { skip: true }, () => {})`, /without a reason/],
  'a file that exits before its tests are done': [`test('x', () => process.exit(0))`, /before its tests were done/],
  'a file that hangs and ignores SIGTERM': [
    `process.on('SIGTERM', () => {}); test('x', () => { for (;;); })`,
    /was killed/,
  ],
} satisfies Record<string, [string, RegExp]>

for (const [what, [source, told]] of Object.entries(BAD_FILES)) {
  test(`${what} is a failure`, async () => {
    const { code, lines, output } = await run({ 'a.test.ts': source }, { TEST_FILE_TIMEOUT_SECONDS: '2' })
    assert.deepEqual([code, lines.at(-1)], [1, '0 passed, 1 failed'])
    assert.match(output, told)
  })
}

test('an exit code of the file’s own is a failure beside its passed tests', async () => {
  const { code, lines, output } = await run({ 'a.test.ts': `test('x', () => {}); process.exitCode = 7` })
  assert.deepEqual([code, lines.at(-1)], [1, '1 passed, 1 failed'])
  assert.match(output, /passed all its tests, yet ended with exit code 7/)
})

/** So many are run a few to a process. */
const MANY = Array.from({ length: 12 }, (_, index) => [`many-${index}.test.ts`, `test('fine', () => {})`])

test('what a file does before its tests concerns no other file of its process', async () => {
  const count = `let count = 0\nbeforeEach(() => { count++ })\ntest('x', () => { if (count !== 1) throw new Error('met') })`
  const files = MANY.map(([name]) => [name, `import { beforeEach } from 'node:test'\n${count}`])
  const { code, lines } = await run(Object.fromEntries(files))
  assert.deepEqual([code, lines.at(-1)], [0, '12 passed, 0 failed'])
})

test('of several files of a process a failure names its own, and so does one without a test', async () => {
  const files = { 'bad.test.ts': `test('bad', () => { throw new Error('boom') })`, 'empty.test.ts': '' }
  const { code, lines, output } = await run({ ...files, ...Object.fromEntries(MANY) })
  assert.deepEqual([code, lines.at(-1)], [1, '12 passed, 2 failed'])
  assert.match(output, /✗ \S*bad\.test\.ts: bad/)
  assert.match(output, /✗ \S*empty\.test\.ts: \(the file itself\)/)
})

test('a file that ends the process of several fails, and with it those that were not done', async () => {
  const { code, lines, output } = await run({
    'a.test.ts': `test('x', () => process.exit(0))`,
    ...Object.fromEntries(MANY),
  })
  const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(lines.at(-1) ?? '') ?? []
  assert.deepEqual([code, Number(passed) + Number(failed)], [1, 13])
  assert.match(
    output,
    /✗ \S*a\.test\.ts: \(the file itself\)\n\s+contains no test, or exited before its tests were done/,
  )
})

test('a run without any test is a failure', async () => {
  const { code, lines } = await run({})
  assert.deepEqual([code, lines.at(-1)], [1, '0 passed, 0 failed'])
})

interface Run {
  code: number
  output: string
  lines: string[]
}

async function run(files: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  for (const [name, source] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { test } from 'node:test'\nvoid test\n${source}\n`)
  }
  const child = spawn(process.execPath, [RUNNER, folder], { env: { ...process.env, ...env } })
  const output = outputOf(child)
  const [code] = await once(child, 'close')
  return { code, output: output(), lines: output().trimEnd().split('\n') }
}
