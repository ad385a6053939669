import assert from 'node:assert/strict'
import { it } from 'node:test'
import { copyRepository } from './new-consumer.ts'

it('K6 the structure of the repository holds with a new consumer in it', () => {
  const copy = copyRepository()
  try {
    const { status, stderr } = copy.tributary('new', 'consumer', 'company-website', '--reads', 'webinars')
    assert.equal(status, 0, stderr)
    for (const name of ['map', 'tests', 'source']) {
      const run = copy.run('node', '--test', `test/structure/${name}.test.ts`)
      assert.equal(run.status, 0, run.stdout)
    }
  } finally {
    copy.remove()
  }
})
