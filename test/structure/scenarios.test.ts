import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { guardsOf, withoutGuard } from '../runner/guards.ts'
import { filesUnder } from './repository.ts'

const AREAS = ['kafka', 'schemas', 'join', 'webhooks', 'sinks', 'extra', 'long']
const LAST = 40

const scenarios = filesUnder(
  ...AREAS.flatMap(area => [`test/scenarios/${area}/*.test.ts`, `test/scenarios/${area}/*.chaos.ts`]),
).map(file => ({ file, source: readFileSync(file, 'utf8') }))
const idsOf = (source: string): readonly string[] => [...source.matchAll(/\bid: '([^']+)'/g)].map(([, id = '']) => id)

describe('scenarios', () => {
  it('are there for each failure of scenarios.md', () => {
    const numbers = new Set(scenarios.flatMap(({ source }) => idsOf(source)).filter(id => /^\d+$/.test(id)))
    assert.deepEqual(
      [...numbers].map(Number).sort((a, b) => a - b),
      Array.from({ length: LAST }, (_, index) => index + 1),
    )
  })

  it('are each told in docs/reliability.md', () => {
    const silent = scenarios.filter(({ source }) => !/\bscenario\(/.test(source))
    assert.deepEqual(
      silent.map(({ file }) => file),
      [],
    )
  })

  it('name the guard that they are about, as it stands in our code', () => {
    for (const { file, source } of scenarios) {
      const guards = guardsOf(source)
      assert.ok(guards.length > 0, `${file} begins with a comment that names its guard`)
      for (const guard of guards) assert.notEqual(withoutGuard('.', guard), '', file)
    }
  })
})

describe('the comment that names a guard', () => {
  const comment = (...lines: readonly string[]): string =>
    `/*\n${lines.map(line => ` * ${line}\n`).join('')} */\nimport 'x'\n`

  it('tells what is taken out of which file, and what takes its place', () =>
    assert.deepEqual(
      guardsOf(comment('Why.', 'Guard: a.ts', '-   if (late) stop()', '+ stop()', '- go()', 'Guard: b.ts', '- c', '+')),
      [
        { file: 'a.ts', from: 'if (late) stop()', to: 'stop()' },
        { file: 'a.ts', from: 'go()', to: '' },
        { file: 'b.ts', from: 'c', to: '' },
      ],
    ))

  it('is the first thing in the file', () =>
    assert.deepEqual(guardsOf(`import 'x'\n${comment('Guard: a.ts', '- x')}`), []))

  it('must fit the file once', () =>
    assert.throws(() => withoutGuard('.', { file: 'package.json', from: '"', to: '' }), /once; it is there \d+ times/))
})
