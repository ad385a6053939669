import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { OutgoingRecord } from '../../services/kafka/kafka.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetters, moves, webinarHistories, webinars } from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { registered } from '../webinars/events.ts'

const ada = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const

let system: TestSystem
beforeEach(async () => {
  system = await startTestSystem(pipeline)
})
afterEach(() => system.close())

/** Says of itself that webinar-contact sent it. */
const move = (key: string | null, value: Buffer, partition?: number): OutgoingRecord => ({
  ...{ topic: moves.name, key, value, headers: { 'move.consumer': 'webinar-contact', 'move.from': 'somebody' } },
  ...(partition === undefined ? {} : { partition }),
})

const send = async (record: OutgoingRecord): Promise<void> => {
  const publisher = await system.kafka.publisher('foreign')
  await publisher.publish([record])
  await publisher.close()
  await system.settle()
}

const reasons = async (): Promise<(string | undefined)[]> =>
  (await system.records(deadLetters.name)).map(({ headers }) => headers['error.code']?.toString())

describe('a record among the rows on their way to a survivor', () => {
  it('23 that is no row is set aside instead of being tried for ever', async () => {
    const person = await system.person(...ada)
    await send(move(person, Buffer.from('no row of ours')))
    assert.deepEqual(await reasons(), ['UNDECODABLE'])
    await system.given(webinars, registered(ada))
    assert.deepEqual([...(await system.rows(webinarHistories)).keys()], [person])
  })

  it('27 without a key is set aside instead of waiting for ever for a person without an id', async () => {
    const person = await system.person(...ada)
    for (const partition of [0, 1, 2, 3]) await send(move(null, Buffer.from('no row of ours'), partition))
    assert.deepEqual(await reasons(), ['KEY_MISSING', 'KEY_MISSING', 'KEY_MISSING', 'KEY_MISSING'])
    await system.given(webinars, registered(ada))
    assert.deepEqual([...(await system.rows(webinarHistories)).keys()], [person])
  })
})
