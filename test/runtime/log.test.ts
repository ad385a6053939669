import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { test } from 'node:test'

/** Each write to it fails for want of room (ENOSPC). */
const FULL = '/dev/full'
const skip = existsSync(FULL) ? false : `this machine has no ${FULL}`

test('a log line that finds no room on the disk does not end what logs it', { skip }, async context => {
  const full = openSync(FULL, 'w')
  context.after(() => closeSync(full))
  const log = new URL('../../services/runtime/log.ts', import.meta.url)
  const program = `
    import { createLogger } from ${JSON.stringify(log.href)}
    const logger = createLogger({ level: 'warn' })
    for (const count of [1, 2, 3]) logger.warn({ count }, 'a line')
    process.stdout.write('it goes on')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', full] })
  let printed = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  assert.deepEqual({ code, printed }, { code: 0, printed: 'it goes on' })
})
