import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { storedValues, type WhatIsStored } from '../../services/runtime/stored-values.ts'
import { deadLetterMarks } from '../../topology/topics.ts'

/** A topic with two marks, one of them taken back, and bytes of another program. */
const stored = async (what?: WhatIsStored) => {
  const kafka = memoryKafka()
  await kafka.topics.create([{ name: deadLetterMarks.name, partitions: 2, config: {} }])
  const codec = await createCodec({ registry: memoryRegistry(), topics: [deadLetterMarks], clock, register: true })
  const mark = { state: 'DROPPED', at: 2, letterTimestamp: 1, appended: [] } as const
  const value = codec.encode(deadLetterMarks, mark)
  const topic = deadLetterMarks.name
  const publisher = await kafka.publisher('test')
  await publisher.publish([
    { topic, partition: 0, key: 'a', value },
    { topic, partition: 0, key: 'foreign', value: Buffer.from('not Avro') },
    { topic, partition: 1, key: 'b', value },
    { topic, partition: 0, key: 'a', value: null },
  ])
  const found: string[] = []
  for await (const { key, value: each } of storedValues({ kafka, codec }, deadLetterMarks, what))
    found.push(`${key} ${each?.state ?? null}`)
  return found
}

describe('what is stored in a topic', () => {
  it('is read in order, tombstones included, and what cannot be read is passed over', async () =>
    assert.deepEqual(await stored(), ['a DROPPED', 'a null', 'b DROPPED']))

  it('is only of the wanted partitions and keys', async () => {
    assert.deepEqual(await stored({ partitions: [1] }), ['b DROPPED'])
    assert.deepEqual(await stored({ wants: key => key === 'a' }), ['a DROPPED', 'a null'])
  })

  it('is not read on when the signal has aborted', async () =>
    assert.deepEqual(await stored({ signal: AbortSignal.abort() }), []))
})
