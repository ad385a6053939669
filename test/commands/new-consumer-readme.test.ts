import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { walkThrough } from '../consumers/readme.ts'
import { copyRepository, type RepositoryCopy } from './new-consumer.ts'

const { command, source } = walkThrough()
const file = 'services/consumers/company-website.ts'
const test = 'test/consumers/company-website.test.ts'

const withoutHandler = (text: string): string => text.replace(/^ {2}handle: [\s\S]*?,\n(?=\}\))/m, '')

let copy: RepositoryCopy
before(() => {
  copy = copyRepository()
})
after(() => copy.remove())

describe('the walk-through "Add a consumer" in README.md, step by step', () => {
  it('K6 its command writes all but the handler', () => {
    const { status, stderr } = copy.tributary(...command)
    assert.equal(status, 0, stderr)
    assert.equal(withoutHandler(copy.read(file)), withoutHandler(source))
    assert.equal(copy.run('node', '--test', test).status, 1, 'the new test fails before the handler is written')
  })

  it('K6 its file compiles, is formatted, and the test that failed passes', () => {
    copy.write(file, source)
    const checks = [
      ['tsc', '--noEmit'],
      ['biome', 'check', '--vcs-enabled=false', file],
      ['node', '--test', test],
    ] as const
    for (const [program, ...args] of checks) {
      const { status, stdout, stderr } = copy.run(program, ...args)
      assert.equal(status, 0, `${program}: ${stdout}${stderr}`)
    }
  })
})
