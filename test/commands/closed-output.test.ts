import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('a command whose output nobody reads to its end, as with head, ends well', async () => {
  const command = ['services/commands/main.ts', 'topology', 'describe', '--json']
  const program = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const printed: string[] = []
  program.stderr.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  program.stdout.destroy()
  const [code] = (await once(program, 'close')) as [number | null]
  assert.equal(code, 0, printed.join(''))
})
