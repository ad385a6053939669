import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adviceFor, advices, refusedByVendor } from '../../services/dead-letters/advice.ts'
import { contentOf, filesUnder } from '../structure/repository.ts'

/** Codes of our own errors of class `rejected`, and those under which a record is set aside directly. */
const codesIn = (source: string): readonly string[] => [
  ...[...source.matchAll(/new TributaryError\(\s*'([A-Z_]+)',(?:(?!new TributaryError)[\s\S])*?\n?\s*\)\n/g)].flatMap(
    ([error, code = '']) => (error.includes("errorClass: 'rejected'") ? [code] : []),
  ),
  ...[...source.matchAll(/(?:setAside|reject)\((?:[^()]|\n)*?'([A-Z_]{5,})'/g)].map(([, code = '']) => code),
  ...[...source.matchAll(/#rejectEach\([^)]*code: '([A-Z_]+)'/g)].map(([, code = '']) => code),
]

const folders = 'services/{runtime,delivery,identity,producers,kafka}/**/*.ts'
/** Of a destination for tests, which refuses what it is told to. */
const notOurs = 'services/delivery/memory.ts'

describe('the advice', () => {
  it('K7 is there for every code under which Tributary sets records aside', () => {
    const used = new Set(filesUnder(folders).flatMap(path => (path === notOurs ? [] : codesIn(contentOf(path)))))
    assert.ok(used.size >= 12, `found only ${[...used].join(', ')}`)
    assert.deepEqual(
      [...used].filter(code => !Object.hasOwn(advices, code)),
      [],
    )
  })

  it('K7 finds a code that is set aside or rejected, and leaves retryable ones', () => {
    const source = `
      this.setAside(step, record, 'KEY_GONE', 'text')
      throw new TributaryError('BAD_VALUE', 'text', { errorClass: 'rejected' })
      throw new TributaryError(
        'TOO_BUSY',
        'text',
        { errorClass: 'retryable' },
      )
    `
    assert.deepEqual(codesIn(source).toSorted(), ['BAD_VALUE', 'KEY_GONE'])
  })

  it("K7 of a write under a vendor's code says that the vendor refused it", () => {
    assert.equal(adviceFor({ code: 'INVALID_EMAIL', writeId: 'a:b:0' }), refusedByVendor)
    assert.equal(adviceFor({ code: 'HANDLER_FAILED', writeId: null }), advices.HANDLER_FAILED)
    assert.match(adviceFor({ code: 'toString', writeId: null }).meaning, /another program/)
  })
})
