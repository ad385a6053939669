import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, test } from 'node:test'
import { outputOf, runs, until } from './until.ts'

const HAND_OVER = new URL('../../bin/hand-over.mjs', import.meta.url).href
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

test('the program runs on Node 24 with its arguments, and its exit code is passed on', async () => {
  const { parent, output } = await handOver(['lag', '--json'])
  assert.match(output(), /^\d+ v24\.\S+ lag --json\n/)
  parent.kill('SIGINT')
  assert.deepEqual(await once(parent, 'exit'), [3, null])
})

test('SIGTERM reaches the program, which ends in its own way', async () => {
  const { parent, output } = await handOver([])
  parent.kill('SIGTERM')
  assert.deepEqual(await once(parent, 'exit'), [0, null])
  assert.match(output(), /SIGTERM/)
})

test('kill -9 of the parent ends the program as SIGTERM would', async () => {
  const { parent, output } = await handOver([])
  const pid = Number.parseInt(output(), 10)
  parent.kill('SIGKILL')
  await until('the program has ended', () => !runs(pid))
  assert.match(output(), /SIGTERM/)
})

test('under npm the program ends when npm is gone, with the shell in between or without', async () => {
  const shell = spawn('sh', ['-c', `"${process.execPath}" --input-type=module -e "${script([])}"; exit`], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(shell)
  const output = outputOf(shell)
  await until('the program is up', () => output().includes('\n'))
  shell.kill('SIGKILL')
  const pid = Number.parseInt(output(), 10)
  await until('the program has ended', () => !runs(pid))
})

function script(args: string[]): string {
  return `import('${HAND_OVER}').then(({ handOver }) => handOver('test/platform/fixtures/child.ts', ${JSON.stringify(args).replaceAll('"', "'")}))`
}

async function handOver(args: string[]): Promise<{ parent: ChildProcess; output: () => string }> {
  const { npm_lifecycle_event: _, ...env } = process.env
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script(args)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(parent)
  const output = outputOf(parent)
  await until('the program is up', () => output().includes('\n'))
  return { parent, output }
}
