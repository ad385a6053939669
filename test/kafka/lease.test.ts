import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Lease } from '../../services/kafka/groups/lease.ts'
import { manualClock } from '../clock.ts'

const begun = () => {
  const clock = manualClock()
  return { clock, lease: new Lease(clock, 10_000) }
}

describe('the lease of a member', () => {
  it('lasts while the coordinator answers', () => {
    const { clock, lease } = begun()
    for (let beat = 0; beat < 60; beat++) {
      clock.advance(1_000)
      lease.answered()
      assert.equal(lease.isOver, false)
    }
  })

  it('is over before the session is, and renewed by two answers', () => {
    const { clock, lease } = begun()
    clock.advance(1_000)
    lease.answered()
    clock.advance(8_000)
    assert.equal(lease.isOver, true)
    lease.answered()
    assert.equal(lease.isOver, true, 'the answer may have lain there for as long')
    clock.advance(1_000)
    lease.answered()
    assert.equal(lease.isOver, false)
  })

  it('is not renewed by an answer that lay unread while the process was frozen', () => {
    const { clock, lease } = begun()
    clock.advance(1_000)
    lease.answered()
    clock.advance(14_000)
    lease.answered()
    assert.equal(lease.isOver, true)
  })

  it('is over when the clock was put back', () => {
    const { clock, lease } = begun()
    clock.advance(-1)
    assert.equal(lease.isOver, true)
  })
})
