import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detached, detachedBytes } from '../../services/kafka/detached.ts'

const fetched = Buffer.from('..key.value.header.')
const part = (text: string): Buffer => fetched.subarray(fetched.indexOf(text), fetched.indexOf(text) + text.length)
const facts = { topic: 'webinars', partition: 1, offset: 7, timestamp: 5 }

test('a detached record holds the same in memory of its own', () => {
  const record = {
    ...facts,
    key: part('key'),
    value: part('value'),
    headers: { a: part('header'), b: Buffer.alloc(0) },
  }
  const copy = detached(record)
  assert.deepEqual(copy, record)
  fetched.fill('x')
  assert.deepEqual([copy.key, copy.value, copy.headers['a']].map(String), ['key', 'value', 'header'])
})

test('a detached tombstone without key stays one', () => {
  const record = { ...facts, key: null, value: null, headers: {} }
  assert.deepEqual(detached(record), record)
})

test('what is detached keeps no more memory than its bytes, however small it is', () => {
  const [key, value] = [Buffer.from('key'), Buffer.from('value')]
  const copy = detached({ ...facts, key, value, headers: { a: key } })
  assert.equal(copy.value?.buffer.byteLength, 'keyvaluekey'.length)
  assert.equal(detachedBytes(value).buffer.byteLength, 'value'.length)
  assert.deepEqual(detachedBytes(value), value)
})
