import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeKey } from '../serving.ts'
import { fetched, run } from './fetched.ts'
import { assertStory, startToday, story } from './story.ts'

const SDK = 'segment-analytics-python'
const VERSION = '2.4.0'

const pythonOf = (folder: string): string => join(folder, 'bin', 'python')
const { folder, skip } = await fetched(`${SDK}-${VERSION}`, async into => {
  await run('python3', ['-m', 'venv', into])
  await run(pythonOf(into), ['-m', 'pip', 'install', '-q', `${SDK}==${VERSION}`])
})

describe('S5 a Python program that sends with the real SDK', () => {
  it('segment-analytics-python, pointed here as the README says', { skip }, async () => {
    const serving = await startToday()
    try {
      const telling = run(pythonOf(folder), [fileURLToPath(new URL('story.py', import.meta.url))])
      telling.child.stdin?.end(JSON.stringify({ story, writeKey, host: serving.url }))
      assert.deepEqual(await telling, { stdout: '', stderr: '' })
      await assertStory(serving, { page: true })
    } finally {
      await serving.close()
    }
  })
})
