import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import { type Defect, type DefectId, defects } from './defects.ts'
import { mended } from './still-happens.ts'

const all = Object.entries(defects) as [DefectId, Defect][]

const tests = globSync('*.test.ts', { cwd: import.meta.dirname })
  .filter(name => name !== basename(import.meta.filename))
  .map(name => ({ name, content: readFileSync(join(import.meta.dirname, name), 'utf8') }))

/** Ids that a file's tests are about. */
const idsOf = (content: string, kind: 'stillHappens' | 'notInTributary'): string[] =>
  [...content.matchAll(new RegExp(`${kind}\\(\\s*'([^']+)'`, 'g'))].map(([, id = '']) => id)

describe('the table of upstream defects', () => {
  it('has one reproduction for each', () => {
    const reproduced = tests.flatMap(({ content }) => idsOf(content, 'stillHappens'))
    assert.deepEqual(reproduced.toSorted(), all.map(([id]) => id).toSorted())
  })

  it('names guards that are there', () => {
    const files = all.flatMap(([, { guards }]) => guards.map(({ file }) => file))
    assert.deepEqual(
      files.filter(file => !existsSync(join(import.meta.dirname, '../..', file))),
      [],
    )
  })

  it('leads to public addresses', () => {
    const addresses = all.flatMap(([, { upstream }]) => upstream)
    assert.deepEqual(
      addresses.filter(address => !URL.canParse(address) || !address.startsWith('https://')),
      [],
    )
  })

  it('is judged in processes that load none of what mends the packages', () => {
    const judging = tests.filter(({ content }) => idsOf(content, 'stillHappens').length > 0)
    assert.ok(judging.length > 0)
    const loadsOurs = /from '(?:\.\.\/)+(?:services|contracts|kafka)|import\('(?:\.\.\/)+services/
    assert.deepEqual(
      judging.filter(({ content }) => loadsOurs.test(content)).map(({ name }) => name),
      [],
    )
  })

  it('tells a mended defect in words, with the guard that can go', () => {
    assert.equal(
      mended(defects['assigner-splits'], '3.0.0'),
      'kafkajs 3.0.0 no longer gives partition n of two topics to different members: the guard in services/kafka/groups/assigner.ts ' +
        '(keeps partition n of all topics together) can go',
    )
    assert.match(mended(defects['crc-unchecked'], '3.0.0'), /: nothing of ours stands in for it$/)
  })
})
