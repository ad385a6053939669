import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeKey } from '../serving.ts'
import { assertStory, startToday, story } from './story.ts'

const VERSION = '2.4.0'
/** Kept over runs, as what the embedded platform fetches. */
const FOLDER = resolve('.tributary', `segment-analytics-python-${VERSION}`)
const PYTHON = join(FOLDER, 'bin', 'python')
const PATIENCE_MS = 120_000

const run = promisify(execFile)

/** Makes a Python with the SDK; why there is none otherwise. */
const missingSdk = async (): Promise<string | false> => {
  if (existsSync(join(FOLDER, 'complete'))) return false
  try {
    await run('python3', ['-m', 'venv', '--clear', FOLDER], { timeout: PATIENCE_MS })
    await run(PYTHON, ['-m', 'pip', 'install', '-q', `segment-analytics-python==${VERSION}`], { timeout: PATIENCE_MS })
    await run(PYTHON, [
      '-c',
      `import segment.analytics; open(${JSON.stringify(join(FOLDER, 'complete'))}, 'w').close()`,
    ])
    return false
  } catch (error) {
    rmSync(FOLDER, { recursive: true, force: true })
    return `there is no Python 3 here that can install the SDK: ${(error as Error).message.split('\n')[0]}`
  }
}

const skip = await missingSdk()

describe('S5 a Python program that sends with the real SDK', () => {
  it('segment-analytics-python, pointed here as the README says', { skip }, async () => {
    const serving = await startToday()
    try {
      const telling = run(PYTHON, [fileURLToPath(new URL('story.py', import.meta.url))], { timeout: PATIENCE_MS })
      telling.child.stdin?.end(JSON.stringify({ story, writeKey, host: serving.url }))
      assert.deepEqual(await telling, { stdout: '', stderr: '' })
      await assertStory(serving, { page: true })
    } finally {
      await serving.close()
    }
  })
})
