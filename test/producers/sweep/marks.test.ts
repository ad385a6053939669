import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { Marks } from '../../../services/producers/sweep/marks.ts'
import { ToldContents } from '../../../services/producers/sweep/told-contents.ts'
import { createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'
import { hubspotSweeps as table } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'

const marksIn = async (context: TestContext, mostTold?: number) => {
  const clock = manualClock()
  const kafka = memoryKafka({ clock })
  context.after(() => kafka.close())
  await kafka.topics.create(topicSpecs([table]))
  const codec = await createCodec({ registry: memoryRegistry(), topics: [table], clock, register: true })
  const publisher = await kafka.publisher('test')
  const kinds: readonly ('contact' | 'company')[] = ['contact', 'company']
  const options = { table, kinds, ...(mostTold === undefined ? {} : { mostTold }) }
  const read = () => Marks.read(options, { kafka, codec }, new AbortController().signal)
  return { read, keep: publisher.publish }
}

it('P7 marks are read back as they were kept, each kind and name by itself', async context => {
  const { read, keep } = await marksIn(context)
  const marks = await read()
  await keep([marks.reach('contacts', 7, 42), marks.reach('companies', 8), marks.tell('contact', '501', 1, 7)])
  for (const known of [marks, await read()]) {
    assert.deepEqual(known.reached('contacts'), { time: 7, content: 42 })
    assert.deepEqual(known.reached('companies'), { time: 8, content: null })
    assert.equal(known.reached('deals'), undefined)
    assert.ok(known.isTold('contact', '501', 1))
    assert.ok(!known.isTold('contact', '501', 2))
    assert.ok(!known.isTold('contact', '502', 1))
    assert.ok(!known.isTold('company', '501', 1))
  }
})

it('T1 where a channel of events was left off is read back, and is none of what was swept', async context => {
  const { read, keep } = await marksIn(context)
  const marks = await read()
  await keep([marks.follow('/data/TaskChangeEvent', '00ff', 7), marks.reach('contacts', 8)])
  for (const known of [marks, await read()]) {
    assert.equal(known.position('/data/TaskChangeEvent'), '00ff')
    assert.equal(known.reached('/data/TaskChangeEvent'), undefined)
    assert.equal(known.position('contacts'), undefined)
  }
})

it('P7 marks of records are bounded: what was told longest ago is forgotten, also after a restart', async context => {
  const { read, keep } = await marksIn(context, 4)
  const marks = await read()
  for (const id of ['1', '2', '3', '1', '4']) await keep([marks.tell('contact', id, 9, 0)])
  await keep([marks.tell('company', '2', 9, 0)])
  for (const known of [marks, await read()]) {
    assert.deepEqual(
      ['1', '2', '3', '4'].map(id => known.isTold('contact', id, 9)),
      [true, false, true, true],
    )
    assert.ok(known.isTold('company', '2', 9))
  }
})

it('P7 what was told of the last half of the most records is known, as it was told last, and never of more than the most', () => {
  const ids = fc.array(fc.nat({ max: 30 }), { maxLength: 200 })
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 40 }), (told, most) => {
      const contents = new ToldContents(most)
      const last = new Map<number, number>()
      for (const [content, id] of told.entries()) {
        contents.tell(id, content)
        last.delete(id)
        last.set(id, content)
        assert.ok(contents.size <= Math.max(2, most + 1), `${contents.size} of ${most}`)
        for (const [known, value] of [...last].slice(-Math.ceil(most / 2))) assert.equal(contents.of(known), value)
        for (const [known, value] of last) assert.ok([undefined, value].includes(contents.of(known)))
      }
    }),
    { numRuns: 200 },
  )
})
