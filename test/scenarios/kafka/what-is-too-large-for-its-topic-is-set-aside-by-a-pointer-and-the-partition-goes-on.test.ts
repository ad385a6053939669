/*
 * Guard: services/runtime/process/step.ts
 * -     if (size > largestRecordBytes) throw tooLarge(this.#consumer.name, record.topic, size)
 * +
 * Guard: services/runtime/dead-letters.ts
 * -   if (bytesOf(whole) <= largestRecordBytes) return whole
 * +   if (bytesOf(whole) > 0) return whole
 */
import assert from 'node:assert/strict'
import { deadLetters, tracks } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openPipeline, trackEvents, trackOf } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'

/** Bytes of an event that its topic just takes (max.message.bytes is 1,048,588); the write that is made of it is longer. */
const JUST_FITS = 1_048_440

scenario(
  {
    id: '18',
    sentence:
      'an event of which more is made than a topic takes becomes a pointer in the dead letters, and its partition goes on',
    faults: 'an event of nearly max.message.bytes, whose write is larger than that',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const system = await openPipeline(context, { brokers: cluster.brokers })
    const events = trackEvents(1, 6)
    const bare = system.codec.encode(tracks, trackOf(1_000, 0, '')).length
    const large = trackOf(1_000, 0, 'x'.repeat(JUST_FITS - bare))
    const size = system.codec.encode(tracks, large).length
    await system.publish(events.slice(0, 1))
    await system.start('identity-resolver', 'last-track')
    await system.through(events.slice(0, 1))
    await system.publish([...events.slice(1, 3), large, ...events.slice(3)])
    await system.through(events)

    const [letter, ...others] = await eventually(async () => {
      const letters = await system.records(deadLetters.name)
      assert.ok(letters.length > 0)
      return letters
    })
    assert.deepEqual(others, [])
    const told = (name: string): string | undefined => letter?.headers[`error.${name}`]?.toString()
    assert.deepEqual([told('code'), told('content'), letter?.value], ['RECORD_TOO_LARGE', 'left-out', null])
    assert.equal(told('topic'), tracks.name)
    const [original] = await Array.fromAsync(
      system.kafka.read(tracks.name, Number(told('partition')), Number(told('offset')), Number(told('offset')) + 1),
    )
    assert.equal(original?.value?.length, size, 'the pointer leads to the original')
    assert.deepEqual([system.fatal, system.log], [[], []])
    return { events: events.length + 1, ...(await system.written(events)) }
  },
)
