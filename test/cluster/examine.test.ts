import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { coordinatorPartition } from './examine.ts'

// A negative hash takes its absolute value (not its lower 31 bits), and the smallest integer, whose absolute value Java cannot tell, 0.
const KNOWN = { 'my-group': 12, 'kafka-txn-0': 30, polygenelubricants: 0 }

describe('The partition of a coordinator', () => {
  for (const [name, partition] of Object.entries(KNOWN)) {
    it(`${name} is kept in partition ${partition} of 50, where Kafka keeps it`, () =>
      assert.equal(coordinatorPartition(name, 50), partition))
  }
})
