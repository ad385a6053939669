import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { DeliveredState, followDelivered } from '../../services/delivery/state/delivered.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { delivered } from '../../topology/topics.ts'
import { VirtualClock } from './delivering.ts'

describe('delivered state', () => {
  it('has the keys of its own rows before the follower brings them back', () => {
    const state = new DeliveredState({
      caughtUp: () => Promise.resolve(),
      get: () => undefined,
      keys: () => ['memory:contact:1'],
      position: () => 0,
      close: () => Promise.resolve(),
    })
    state.set('memory:task:1', { person: 'p1', fields: {}, at: 0, movedTo: null })
    assert.deepEqual([...state.keys()], ['memory:task:1', 'memory:contact:1'])
  })
})

describe('the delivered table', () => {
  it('holds the rows of what one way to the vendor writes and looks at, not those of its other sinks', async () => {
    const clock = new VirtualClock()
    const kafka = memoryKafka({ clock })
    await kafka.topics.create([{ name: delivered.name, partitions: 1, config: {} }])
    const codec = await createCodec({ registry: memoryRegistry(), topics: [delivered], clock, register: true })
    const value = codec.encode(delivered, { person: 'p1', fields: {}, at: 0, movedTo: null })
    const publisher = await kafka.publisher('test')
    const keys = [
      'memory:contact:1',
      'memory:lead:2',
      'memory:task:3',
      'memory:joined:4',
      'memory:contacts:5',
      'other:contact:6',
    ]
    await publisher.publish(keys.map(key => ({ topic: delivered.name, key, value })))
    const dependents = { joined: { kind: 'appended', of: ['contact', 'lead'], waitForRecordMs: 0 } } as const
    const { name, objects } = memoryDestination({ clock, dependents })
    const { joined } = objects
    assert.ok(joined)
    const onFatal = (error: Error) => assert.fail(error)
    const table = await followDelivered({
      kafka,
      codec,
      logger: silentLogger,
      of: [{ name, objects: { joined } }],
      onFatal,
    })
    await table.caughtUp()
    assert.deepEqual([...table.keys()], ['memory:contact:1', 'memory:lead:2', 'memory:joined:4'])
    await table.close()
  })
})
