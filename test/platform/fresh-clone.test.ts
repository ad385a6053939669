import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { outputOf } from './until.ts'

const BIN = fileURLToPath(new URL('../../bin', import.meta.url))
const LOCK_FILE = JSON.stringify({
  packages: { '': {}, 'node_modules/thing': { version: '1.0.0', integrity: 'sha512-x' } },
})
/** Does what npm ci does to a clone, as far as the set-up can see; counts its calls; takes a while. */
const NPM =
  'echo "$*" >>calls; /bin/sleep 0.3; /bin/mkdir -p node_modules; /bin/cp package-lock.json node_modules/.package-lock.json'

const workplace = mkdtempSync(join(tmpdir(), 'tributary-clone-'))
const clone = join(workplace, 'clone')
const programs = join(workplace, 'programs')

beforeEach(() => {
  for (const folder of [clone, programs]) rmSync(folder, { recursive: true, force: true })
  cpSync(BIN, join(clone, 'bin'), { recursive: true })
  mkdirSync(join(clone, 'services/commands'), { recursive: true })
  writeFileSync(join(clone, 'services/commands/main.ts'), 'process.stdout.write(process.argv.slice(2).join())')
  writeFileSync(join(clone, 'package-lock.json'), LOCK_FILE)
  mkdirSync(programs)
})
after(() => rmSync(workplace, { recursive: true, force: true }))

test('start names everything that is missing at once, how to get each, and what else would do', async () => {
  const { code, output } = await tributary(['start'])
  assert.equal(code, 1)
  for (const part of [
    /npm \(no npm/,
    /Java 17 .*apt install openjdk-17/,
    /Maven .*apt install maven/,
    /KAFKA_BROKERS/,
    /docker compose up/,
  ])
    assert.match(output, part)
})

test('a Java that is too old is named with its version', async () => {
  installProgram('java', `echo 'openjdk version "11.0.2" 2019-01-15' >&2`)
  const { code, output } = await tributary(['start'])
  assert.equal(code, 1)
  assert.match(output, /Java 17 or newer \(found Java 11\)/)
})

test('with a Kafka of one’s own neither Java nor Maven is asked for', async () => {
  installProgram('npm', NPM)
  const { code, output } = await tributary(['start'], {
    KAFKA_BROKERS: 'kafka:9092',
    SCHEMA_REGISTRY_URL: 'http://registry',
  })
  assert.deepEqual({ code, output }, { code: 0, output: 'start' })
})

test('two processes that begin at once install the packages once, and a later one not again', async () => {
  installProgram('npm', NPM)
  const both = await Promise.all([tributary(['lag']), tributary(['doctor'])])
  const later = await tributary(['erase', 'user:42'])
  assert.deepEqual(
    [...both, later].map(({ output }) => output),
    ['lag', 'doctor', 'erase,user:42'],
  )
  assert.deepEqual(npmCalls(), ['ci --no-audit --no-fund --loglevel=error'])
})

test('a changed package-lock.json installs again', async () => {
  installProgram('npm', NPM)
  await tributary(['lag'])
  writeFileSync(join(clone, 'package-lock.json'), LOCK_FILE.replace('1.0.0', '1.0.1'))
  await tributary(['lag'])
  assert.equal(npmCalls().length, 2)
})

test('a failed installation tells what npm said', async () => {
  installProgram('npm', 'echo "npm error network down" >&2; exit 7')
  const { code, output } = await tributary(['lag'])
  assert.equal(code, 1)
  assert.match(output, /could not be installed \(npm ci, exit code 7\)[\s\S]*network down/)
})

test('a lock left by a killed installation is no hindrance', async () => {
  installProgram('npm', NPM)
  mkdirSync(join(clone, '.tributary'))
  writeFileSync(join(clone, '.tributary/install.lock'), '999999999')
  assert.equal((await tributary(['lag'])).output, 'lag')
})

function installProgram(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

function npmCalls(): string[] {
  return readFileSync(join(clone, 'calls'), 'utf8').trim().split('\n')
}

/** Runs the clone's program on a machine that has nothing but the programs installed by the test. */
async function tributary(args: string[], env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const options = { cwd: clone, env: { PATH: programs, ...env } }
  const child = spawn(process.execPath, [join(clone, 'bin/tributary.mjs'), ...args], options)
  const output = outputOf(child)
  const [code] = await once(child, 'close')
  return { code, output: output() }
}
