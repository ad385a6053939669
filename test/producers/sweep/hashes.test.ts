import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { canonical, hashOf } from '../../../services/producers/sweep/hashes.ts'

it('P7 hashes that lie in Kafka stay what they are', () => {
  assert.deepEqual(
    ['', 'ada', 'Ada', 'ada@example.com'].map(hashOf),
    [1_638_587_587_652_789, 2_514_552_573_683_214, 3_613_378_760_411_495, 4_173_589_330_267_562],
  )
})

it('P7 hashes are as large as whole numbers are written', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const hash = hashOf(text)
      assert.ok(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 52)
    }),
  )
})

it('P7 values are the same whatever their order, and others when one differs', () => {
  assert.equal(canonical({ a: 1, b: 'x' }), canonical({ b: 'x', a: 1 }))
  for (const other of [{ a: 1 }, { a: '1', b: 'x' }, { a: 1, b: null }])
    assert.notEqual(canonical({ a: 1, b: 'x' }), canonical(other))
})
