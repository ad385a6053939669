import assert from 'node:assert/strict'
import { it } from 'node:test'
import { copyRepository } from './new-consumer.ts'

it('K6 the structure of the repository holds with new consumers in it, of our streams and of open ones', () => {
  const copy = copyRepository()
  try {
    for (const [consumer, stream] of [
      ['company-website', 'webinars'],
      ['track-count', 'tracks'],
    ] as const) {
      const { status, stderr } = copy.tributary('new', 'consumer', consumer, '--reads', stream)
      assert.equal(status, 0, stderr)
    }
    for (const name of ['map', 'tests', 'source']) {
      const run = copy.run('node', '--test', `test/structure/${name}.test.ts`)
      assert.equal(run.status, 0, run.stdout)
    }
  } finally {
    copy.remove()
  }
})
