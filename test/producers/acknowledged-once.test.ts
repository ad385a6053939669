import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createAcknowledgedOnce } from '../../services/producers/acknowledged-once.ts'

const done = () => Promise.resolve()

it('an id is appended once', async () => {
  const { once } = createAcknowledgedOnce(10)
  assert.equal(await once('a', done), 'appended')
  assert.equal(await once('a', () => assert.fail('appended again')), 'repeated')
})

it('an id whose append failed can be appended again', async () => {
  const { once, inFlight } = createAcknowledgedOnce(10)
  await assert.rejects(once('a', () => Promise.reject(new Error('down'))))
  assert.equal(inFlight(), 0)
  assert.equal(await once('a', done), 'appended')
})

it('calls at the same time share one append and its outcome', async () => {
  const { once, inFlight } = createAcknowledgedOnce(10)
  let fail = (_: Error) => {}
  const appending = new Promise<void>((_, reject) => {
    fail = reject
  })
  const first = once('a', () => appending)
  const second = once('a', () => assert.fail('appended twice'))
  assert.equal(inFlight(), 1)
  fail(new Error('down'))
  await assert.rejects(first, /down/)
  await assert.rejects(second, /down/)
})

it('only the latest ids are remembered', async () => {
  const { once } = createAcknowledgedOnce(2)
  for (const id of ['a', 'b', 'a', 'c']) await once(id, done)
  assert.equal(await once('a', done), 'repeated')
  assert.equal(await once('c', done), 'repeated')
  assert.equal(await once('b', done), 'appended')
})
