import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { createTopics, joinRecording, keyed, keyOf, passOn, publish, readAll } from '../contracts/kafka-harness.ts'

const start = async (topics: readonly string[], partitions = 1, clock?: Clock) => {
  const kafka = memoryKafka(clock ? { clock } : {})
  await createTopics(kafka, partitions, ...topics)
  return kafka
}

const forward: Parameters<typeof joinRecording>[2] = async (records, context) => {
  await context.commit(passOn(records, 'out'))
}

describe('the powers of Kafka in memory', () => {
  it('idle resolves when everything published was processed and followed', async () => {
    const kafka = await start(['in', 'out'], 3)
    const followed: string[] = []
    await kafka.follow(['out'], record => followed.push(keyOf(record)), assert.ifError)
    await joinRecording(kafka, { group: 'g', topics: ['in'] }, forward)
    const keys = Array.from({ length: 1_500 }, (_, index) => `${index}`)
    await publish(kafka, keyed('in', keys))
    await kafka.idle()
    assert.deepEqual(followed.sort(), keys.sort())
    assert.ok((await kafka.lag('g', ['in'])).every(({ records }) => records === 0))
  })

  it('a crashed member’s tasks are not closed, commit nothing more, and are another’s at the committed offsets', async () => {
    const kafka = await start(['in', 'out'])
    const reached = Promise.withResolvers<void>()
    const never = Promise.withResolvers<void>()
    const doomed = await joinRecording(kafka, { group: 'g', topics: ['in'] }, async (records, context) => {
      await context.commit(passOn(records.slice(0, 1), 'out'))
      reached.resolve()
      await never.promise
    })
    await publish(kafka, keyed('in', ['a', 'b', 'c']))
    await reached.promise
    const context = doomed.recorded.contexts.get(0) ?? assert.fail()
    const underWay = context.commit({ records: keyed('out', ['half a step']), offsets: new Map() })
    await Promise.resolve()
    kafka.crash(doomed.member)
    await assert.rejects(underWay, { code: 'TASK_FENCED' })
    await assert.rejects(context.commit({ records: keyed('out', ['ghost']), offsets: new Map() }), {
      code: 'TASK_FENCED',
    })
    const heir = await joinRecording(kafka, { group: 'g', topics: ['in'] }, forward)
    await kafka.idle()
    assert.deepEqual(doomed.recorded.closed, [])
    assert.deepEqual(heir.recorded.records.map(keyOf), ['b', 'c'])
    assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['a', 'b', 'c'])
  })

  it('a commit that was told to fail leaves nothing visible and is done again', async () => {
    const kafka = await start(['in', 'out'], 2)
    const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] }, forward)
    kafka.failNextCommit('g', 1)
    await publish(kafka, [...keyed('in', ['x'], 0), ...keyed('in', ['a', 'b'], 1)])
    await kafka.idle()
    assert.deepEqual(recorded.records.filter(({ partition }) => partition === 1).map(keyOf), ['a', 'b', 'a', 'b'])
    const out = await readAll(kafka, 'out')
    assert.deepEqual(out.map(keyOf), ['x', 'a', 'b'])
    assert.ok((out.at(-1)?.offset ?? 0) > 1, 'the aborted records have taken up offsets')
  })

  it('a commit whose answer was told to be lost is done, and its task is opened anew behind it', async () => {
    const kafka = await start(['in', 'out'], 1)
    const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] }, forward)
    kafka.loseNextAnswer('g')
    await publish(kafka, keyed('in', ['a']))
    await kafka.idle()
    await publish(kafka, keyed('in', ['b']))
    await kafka.idle()
    assert.deepEqual(recorded.records.map(keyOf), ['a', 'b'])
    assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['a', 'b'])
  })

  it('a task that fails again and again waits on the clock it was given, longer each time', async () => {
    const pauses: number[] = []
    const clock: Clock = {
      now: () => 7,
      sleep: ms => {
        pauses.push(ms)
        return pauses.length < 4 ? Promise.resolve() : new Promise(() => undefined)
      },
    }
    const kafka = await start(['in'], 1, clock)
    await publish(kafka, keyed('in', ['a']))
    const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] }, () =>
      Promise.reject(new Error('always')),
    )
    await kafka.idle()
    assert.deepEqual(pauses, [100, 200, 400, 800])
    assert.equal(recorded.opened.length, 5)
    assert.equal((await readAll(kafka, 'in'))[0]?.timestamp, 7)
  })

  it('what a publisher was given may be changed afterwards', async () => {
    const kafka = await start(['in'])
    const value = Buffer.from('before')
    await publish(kafka, [{ topic: 'in', key: 'a', value }])
    value.fill(0)
    assert.equal((await readAll(kafka, 'in'))[0]?.value?.toString(), 'before')
  })
})
