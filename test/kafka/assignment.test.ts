import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assignPartitions } from '../../services/kafka/groups/assignment.ts'

const claims = fc.uniqueArray(
  fc.record({
    member: fc.string({ minLength: 1, maxLength: 3 }),
    owned: fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 13 }),
  }),
  { selector: ({ member }) => member, minLength: 1, maxLength: 6 },
)
const count = fc.integer({ min: 0, max: 12 })

describe('sharing partitions', () => {
  it('gives each partition to one member, and none two more than another', () => {
    fc.assert(
      fc.property(claims, count, (claimants, partitions) => {
        const shares = [...assignPartitions(claimants, partitions).values()]
        const all = shares.flat().toSorted((a, b) => a - b)
        assert.deepEqual(
          all,
          Array.from({ length: partitions }, (_, partition) => partition),
        )
        const sizes = shares.map(share => share.length)
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
        assert.equal(shares.length, claimants.length)
      }),
    )
  })

  it('depends on the claims, not on their order', () => {
    fc.assert(
      fc.property(claims, count, (claimants, partitions) => {
        const one = assignPartitions(claimants, partitions)
        const other = assignPartitions(claimants.toReversed(), partitions)
        assert.deepEqual(new Map([...one].sort()), new Map([...other].sort()))
      }),
    )
  })

  it('moves nothing when shares are even already', () => {
    fc.assert(
      fc.property(claims, count, (claimants, partitions) => {
        const settled = assignPartitions(claimants, partitions)
        const again = assignPartitions(
          [...settled].map(([member, owned]) => ({ member, owned })),
          partitions,
        )
        assert.deepEqual(new Map([...again].sort()), new Map([...settled].sort()))
      }),
    )
  })

  const table = [
    { given: { a: [0, 1, 2, 3] }, joins: 'b', becomes: { a: [0, 1], b: [2, 3] } },
    { given: { a: [0, 1], b: [2, 3] }, joins: 'c', becomes: { a: [0, 1], b: [2], c: [3] } },
    { given: { b: [2, 3] }, joins: undefined, becomes: { b: [0, 1, 2, 3] } },
  ]
  for (const { given, joins, becomes } of table) {
    it(`moves only what it must: ${JSON.stringify(given)}${joins ? `, ${joins} joins` : ''}`, () => {
      const claimants = Object.entries(given).map(([member, owned]) => ({ member, owned }))
      if (joins) claimants.push({ member: joins, owned: [] })
      assert.deepEqual(Object.fromEntries(assignPartitions(claimants, 4)), becomes)
    })
  }
})
