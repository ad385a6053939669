import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { letterOf, placeOf } from '../../services/dead-letters/letter.ts'
import { deadLetter, type Original, type Reason } from '../../services/runtime/dead-letters.ts'

const reason: Required<Reason> = {
  code: 'HANDLER_FAILED',
  message: 'The handler threw.',
  service: 'last-track',
  at: 1_791_968_670_990,
  attempts: 3,
  writeId: 'last-track:track:7:0',
}
const original: Original = {
  topic: 'tracks',
  partition: 2,
  offset: 41,
  key: Buffer.from('email:ada@example.com'),
  value: Buffer.from([0, 255, 7]),
  headers: { traceparent: Buffer.from('00-1'), 'error.foreign': Buffer.from('kept') },
}

const stored = (given: Original, because: Reason) => {
  const { key, value, headers = {} } = deadLetter(given, because)
  assert.ok(key === null || Buffer.isBuffer(key))
  const bytes = Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, Buffer.from(each)]))
  return { topic: 'dead-letters', partition: 2, offset: 17, timestamp: 1_791_968_671_000, key, value, headers: bytes }
}

describe('a letter', () => {
  it('K7 gives back the original and the reason that were set aside', () => {
    const { original: back, ...rest } = letterOf(stored(original, reason))
    assert.deepEqual(back, original)
    assert.deepEqual(rest, { id: '2-17', timestamp: 1_791_968_671_000, ...reason })
  })

  it('K7 of a webhook came from no partition', () => {
    const webhook: Original = { topic: 'webhooks/zoom/default', key: null, value: Buffer.from('{}'), headers: {} }
    const { attempts: _, writeId: __, ...withoutWrite } = reason
    const { original: back, attempts, writeId } = letterOf(stored(webhook, withoutWrite))
    assert.deepEqual(back, { ...webhook, partition: null, offset: null })
    assert.deepEqual([attempts, writeId], [null, null])
  })

  it('K7 of another program is read as far as it goes', () => {
    const headers = { 'error.at': Buffer.from('yesterday'), 'error.partition': Buffer.from('-1') }
    const letter = letterOf({ ...stored(original, reason), headers })
    assert.deepEqual([letter.code, letter.at, letter.original.topic], ['', letter.timestamp, ''])
    assert.equal(letter.original.partition, null)
  })
})

describe('the place of an id', () => {
  const table: readonly (readonly [string, ReturnType<typeof placeOf>])[] = [
    ['0-0', { partition: 0, offset: 0 }],
    ['3-900719925474', { partition: 3, offset: 900719925474 }],
    ['', undefined],
    ['3', undefined],
    ['3-', undefined],
    ['-3', undefined],
    ['03-1', undefined],
    ['3-1 ', undefined],
    ['3-1-2', undefined],
    ['a-b', undefined],
    ['1-1e3', undefined],
  ]
  for (const [id, place] of table) {
    it(`${JSON.stringify(id)} is ${place ? 'read' : 'none'}`, () => assert.deepEqual(placeOf(id), place))
  }
})
