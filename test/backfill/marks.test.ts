import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { BackfillRun } from '../../services/backfill/marks.ts'
import type { BackfillPart } from '../../services/backfill/part.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { hubspotSweeps, salesforceSweeps } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'

const part = (name: string, mark: BackfillPart['mark'], vendor: BackfillPart['vendor']): BackfillPart => ({
  ...{ name, vendor, mark },
  count: () => Promise.resolve(0),
  read: async function* () {},
})
const here = part('tasks of HubSpot', { table: hubspotSweeps, key: 'backfill-tasks' }, 'hubspot')
const there = part('tasks of Salesforce', { table: salesforceSweeps, key: 'backfill-tasks' }, 'salesforce')
const parts = [here, there]

const opened = async (context: TestContext) => {
  const clock = manualClock()
  const kafka = memoryKafka({ clock })
  context.after(() => kafka.close())
  const topics = [hubspotSweeps, salesforceSweeps]
  await kafka.topics.create(topicSpecs(topics))
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  const publisher = await kafka.publisher('backfill')
  return {
    publish: publisher.publish,
    open: (now: number, isAnew = false) => BackfillRun.open({ kafka, codec, now }, { parts, since: null }, isAnew),
  }
}

describe('a backfill that was ended early', () => {
  it('T2 is gone on with from where each part was, under the time at which it began', async context => {
    const { open, publish } = await opened(context)
    const run = await open(1_000)
    await publish(run.begin())
    await publish([run.reach(here, { cursor: '501', read: 50 })])
    const again = await open(2_000)
    assert.deepEqual([again.isResumed, again.startedAt], [true, 1_000])
    assert.deepEqual(
      parts.map(one => again.placeOf(one)),
      [
        { cursor: '501', read: 50 },
        { cursor: '', read: 0 },
      ],
    )
  })

  it('T2 is begun anew when its own beginning was cut short, the first one and a later one', async context => {
    const { open, publish } = await opened(context)
    const first = await open(1_000)
    await publish(first.begin().slice(0, 1))
    assert.equal((await open(2_000)).isResumed, false)
    await publish(first.begin())
    await publish([first.reach(there, { cursor: '501', read: 50 })])
    const anew = await open(3_000, true)
    await publish(anew.begin().slice(0, 1))
    const next = await open(4_000)
    assert.deepEqual([next.isResumed, next.placeOf(there)], [false, { cursor: '', read: 0 }])
  })
})
