import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { LatelyMade } from '../../services/delivery/state/lately-made.ts'
import { delivering, type WriteFacts } from './delivering.ts'

const occurrence = (number: number, facts: Partial<WriteFacts> = {}): WriteFacts => ({
  ...{ person: 'p1', object: 'used', once: `product:${number}`, at: 1_000, fields: { event: 'Report exported' } },
  operation: 'APPEND',
  ...facts,
})

const started = async () => {
  const dependents = { used: { kind: 'appended', of: ['contact'], waitForRecordMs: 0, dropsRepeats: true } } as const
  const harness = await delivering(clock => memoryDestination({ clock, dependents }))
  await harness.start()
  harness.know('p1', `memory:contact:${harness.destination.add(['ada@example.com'])}`)
  return harness
}

describe('what is made by the million, and of which the vendor drops repetitions', () => {
  it('P1 leaves no row', async () => {
    const { write, done, delivered, destination } = await started()
    await write(...Array.from({ length: 50 }, (_, number) => occurrence(number)))
    await done()
    assert.equal(destination.puts.length, 50)
    assert.deepEqual([...(await delivered()).keys()], [])
  })

  it('P1 is not sent again while it was made lately', async () => {
    const { write, done, outcomes, destination } = await started()
    await write(occurrence(1, { id: 'first' }))
    await done()
    await write(occurrence(1, { id: 'again' }), occurrence(2, { id: 'other' }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED', again: 'IMMUTABLE', other: 'CREATED' })
    assert.equal(destination.puts.length, 2)
  })

  it('P1 is remembered in bounded memory, the latest for sure', () => {
    const lately = new LatelyMade(1_000)
    for (let number = 0; number < 100_000; number++) {
      lately.add(`key:${number}`)
      assert.ok(lately.size <= 1_000)
    }
    for (let number = 99_501; number < 100_000; number++) assert.ok(lately.has(`key:${number}`), `${number}`)
    assert.equal(lately.has('key:0'), false)
    assert.equal(lately.has('key:100000'), false)
  })
})
