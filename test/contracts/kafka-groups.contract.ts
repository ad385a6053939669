import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  contextOf,
  createTopics,
  endOf,
  joinRecording,
  type KafkaFactory,
  keyed,
  keyOf,
  passOn,
  publish,
  readAll,
  until,
  withKafka,
} from './kafka-harness.ts'

/** Tasks: what they are given, what they commit, and who may. */
export const groupsContract = (name: string, factory: KafkaFactory): void => {
  describe(`${name}: groups`, { concurrency: 4 }, () => {
    const test = (sentence: string, body: Parameters<typeof withKafka>[1]) => it(sentence, withKafka(factory, body))

    test('a new group begins at the earliest record and gets each partition in order', async ({ kafka }) => {
      await createTopics(kafka, 2, 'in')
      await publish(kafka, [...keyed('in', ['a', 'b'], 0), ...keyed('in', ['x'], 1)])
      const { recorded, member } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      await until('all records have come', () => recorded.records.length === 3)
      await publish(kafka, keyed('in', ['c'], 0))
      await until('the new record has come', () => recorded.records.length === 4)
      const ofZero = recorded.records.filter(record => record.partition === 0)
      assert.deepEqual(ofZero.map(keyOf), ['a', 'b', 'c'])
      assert.deepEqual(member.owned(), [0, 1])
      assert.deepEqual(
        recorded.opened.map(({ positions }) => [...positions]),
        [[['in', 0]], [['in', 0]]],
      )
    })

    test('a step makes its records and its offsets visible together', async ({ kafka, another }) => {
      await createTopics(kafka, 1, 'in', 'out', 'rows')
      await publish(kafka, keyed('in', ['a', 'b', 'c']))
      const first = await joinRecording(kafka, { group: 'g', topics: ['in'] }, async ([record], context) => {
        if (!record || keyOf(record) !== 'a') return
        const step = {
          records: [...keyed('out', ['a', 'a2']), ...keyed('rows', ['row'])],
          offsets: new Map([['in', 1]]),
        }
        const appended = await context.commit(step)
        assert.deepEqual(
          appended.map(({ topic, offset }) => [topic, offset]),
          [
            ['out', 0],
            ['out', 1],
            ['rows', 0],
          ],
        )
      })
      await until('the step is visible', async () => (await readAll(kafka, 'out')).length === 2)
      assert.deepEqual((await readAll(kafka, 'rows')).map(keyOf), ['row'])
      await first.member.leave()
      const second = await joinRecording(another, { group: 'g', topics: ['in'] })
      await until('the rest has come', () => second.recorded.records.length === 2)
      assert.deepEqual(second.recorded.records.map(keyOf), ['b', 'c'])
    })

    test('a task may act while its member is heard of, and no more once the partition is lost', async ({ kafka }) => {
      await createTopics(kafka, 1, 'in')
      const { recorded, member } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      const context = await contextOf(recorded, 0)
      await until('the task may act', () => context.mayAct())
      await member.leave()
      assert.equal(context.mayAct(), false)
    })

    test('steps commit in the order of the calls, without records or without offsets too, and an empty one is nothing', async ({
      kafka,
    }) => {
      await createTopics(kafka, 1, 'in', 'out')
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      const context = await contextOf(recorded, 0)
      const results = await Promise.all([
        context.commit({ records: keyed('out', ['a']), offsets: new Map() }),
        context.commit({ records: [], offsets: new Map([['in', 0]]) }),
        context.commit({ records: [], offsets: new Map() }),
        context.commit({ records: keyed('out', ['b']), offsets: new Map([['in', 0]]) }),
        context.commit({ records: [], offsets: new Map([['in', 0]]) }),
        context.commit({ records: keyed('out', ['c']), offsets: new Map() }),
      ])
      assert.deepEqual(
        results.map(appended => appended.length),
        [1, 0, 0, 1, 0, 1],
      )
      // A broker answers before the end of the transaction can be read.
      await until('all of it can be read', async () => (await readAll(kafka, 'out')).length === 3)
      assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['a', 'b', 'c'])
    })

    test('a step of many records over several partitions is visible whole', async ({ kafka }) => {
      await createTopics(kafka, 3, 'in', 'out')
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      const context = await contextOf(recorded, 1)
      const keys = Array.from({ length: 2_500 }, (_, index) => `${index}`)
      const appended = await context.commit({ records: keyed('out', keys), offsets: new Map() })
      // A broker answers before the end of the transaction stands in each partition.
      await until('all of it can be read', async () => (await readAll(kafka, 'out')).length === keys.length)
      const found = await readAll(kafka, 'out')
      const byPlace = new Map(found.map(record => [`${record.partition}@${record.offset}`, keyOf(record)]))
      assert.deepEqual(
        appended.map(({ partition, offset }) => byPlace.get(`${partition}@${offset}`)),
        keys,
      )
    })

    test('a task that was taken over cannot commit, and is opened anew where the group stands', async ({
      kafka,
      takeOver,
    }) => {
      await createTopics(kafka, 1, 'in', 'out')
      await publish(kafka, keyed('in', ['a', 'b']))
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      await until('the records have come', () => recorded.records.length === 2)
      const former = await contextOf(recorded, 0)
      await former.commit({ records: keyed('out', ['a']), offsets: new Map([['in', 1]]) })
      await takeOver('g', 0)
      const late = former.commit({ records: keyed('out', ['too late']), offsets: new Map([['in', 2]]) })
      const later = former.commit({ records: keyed('out', ['later still']), offsets: new Map() })
      await assert.rejects(late, { code: 'TASK_FENCED', errorClass: 'retryable' })
      await assert.rejects(later, { code: 'TASK_FENCED' })
      assert.equal(former.signal.aborted, true)
      await until('the task is open again', () => recorded.opened.length === 2)
      assert.deepEqual(recorded.opened[1]?.positions, new Map([['in', 1]]))
      await until('the uncommitted record has come again', () => recorded.records.length === 3)
      assert.deepEqual(recorded.records.map(keyOf), ['a', 'b', 'b'])
      assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['a'])
      assert.equal((await kafka.lag('g', ['in']))[0]?.records, 1)
    })

    test('a task that fails is closed and opened anew at its committed offsets, again and again', async ({ kafka }) => {
      await createTopics(kafka, 1, 'in', 'out')
      await publish(kafka, keyed('in', ['a', 'b', 'c']))
      let failures = 0
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] }, async (records, context) => {
        const stuck = records.findIndex(record => keyOf(record) === 'b')
        if (stuck > 0) await context.commit(passOn(records.slice(0, stuck), 'out'))
        if (stuck >= 0 && failures++ < 3) throw new Error('not yet')
        await context.commit(passOn(records.slice(Math.max(stuck, 0)), 'out'))
      })
      await until('everything is through', async () => (await readAll(kafka, 'out')).length === 3)
      assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['a', 'b', 'c'])
      assert.deepEqual([recorded.opened.length, recorded.closed.length, recorded.fatal.length], [4, 3, 0])
    })

    test('fail() has the effect of a rejection, between records as well, and nothing is committed after it', async ({
      kafka,
    }) => {
      await createTopics(kafka, 1, 'in', 'out')
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      const former = await contextOf(recorded, 0)
      former.fail(new Error('a sink needs the state again'))
      assert.equal(former.signal.aborted, true)
      const late = former.commit({ records: keyed('out', ['too late']), offsets: new Map() })
      await assert.rejects(late, { code: 'TASK_FENCED' })
      await until('the task is open again', () => recorded.opened.length === 2)
      assert.deepEqual(recorded.closed, [0])
      await assert.rejects(former.commit({ records: [], offsets: new Map([['in', 0]]) }), { code: 'TASK_FENCED' })
      assert.deepEqual(await readAll(kafka, 'out'), [])
    })

    test('partition n of all topics of a group belongs to one task, which gets one batch at a time', async ({
      kafka,
      another,
    }) => {
      await createTopics(kafka, 4, 'left', 'right')
      const numbers = [0, 1, 2, 3]
      await publish(
        kafka,
        numbers.flatMap(n => [...keyed('left', [`l${n}`], n), ...keyed('right', [`r${n}`], n)]),
      )
      const running = new Set<number>()
      const overlaps: number[] = []
      const process = async (records: readonly { partition: number }[]) => {
        const partition = records[0]?.partition ?? -1
        if (running.has(partition)) overlaps.push(partition)
        running.add(partition)
        await new Promise(setImmediate)
        running.delete(partition)
      }
      const options = { group: 'g', topics: ['left', 'right'] }
      const [one, two] = [await joinRecording(kafka, options, process), await joinRecording(another, options, process)]
      await until('both own two', () => one.member.owned().length === 2 && two.member.owned().length === 2)
      assert.deepEqual([...one.member.owned(), ...two.member.owned()].sort(), numbers)
      await publish(
        kafka,
        numbers.flatMap(n => [...keyed('left', [`L${n}`], n), ...keyed('right', [`R${n}`], n)]),
      )
      await until('the last records have come', () => {
        const keys = new Set([...one.recorded.records, ...two.recorded.records].map(keyOf))
        return numbers.every(n => keys.has(`L${n}`) && keys.has(`R${n}`))
      })
      for (const { member, recorded } of [one, two]) {
        const late = recorded.records.filter(record => /^[LR]/.test(keyOf(record)))
        assert.deepEqual([...new Set(late.map(record => record.partition))].sort(), [...member.owned()])
        assert.equal(late.length, 4)
      }
      assert.deepEqual(overlaps, [])
    })

    test('topics of different partition counts are refused as one input', async ({ kafka }) => {
      await createTopics(kafka, 2, 'two')
      await createTopics(kafka, 3, 'three')
      await assert.rejects(joinRecording(kafka, { group: 'g', topics: ['two', 'three'] }), {
        code: 'PARTITIONS_DIFFER',
        message: /two 2, three 3/,
      })
      await assert.rejects(joinRecording(kafka, { group: 'g', topics: ['four'] }), { code: 'TOPIC_UNKNOWN' })
    })

    test('each record is processed once while members come and go', async ({ kafka, another }) => {
      await createTopics(kafka, 4, 'in', 'out')
      const keys = Array.from({ length: 800 }, (_, index) => `${index}`)
      const publisher = await kafka.publisher('test')
      const process: Parameters<typeof joinRecording>[2] = async (records, context) => {
        for (let at = 0; at < records.length; at += 10) await context.commit(passOn(records.slice(at, at + 10), 'out'))
      }
      const options = { group: 'g', topics: ['in'] }
      const one = await joinRecording(kafka, options, process)
      await publisher.publish(keyed('in', keys.slice(0, 300)))
      const two = await joinRecording(another, options, process)
      await publisher.publish(keyed('in', keys.slice(300, 600)))
      await until('the second member owns two', () => two.member.owned().length === 2)
      await publisher.publish(keyed('in', keys.slice(600)))
      await until('the second member has worked', () => two.recorded.records.length > 0)
      await two.member.leave()
      await until('everything is through', async () => (await readAll(kafka, 'out')).length >= keys.length)
      assert.deepEqual((await readAll(kafka, 'out')).map(keyOf).sort(), keys.toSorted())
      await until('the first member owns all again', () => one.member.owned().length === 4)
      assert.equal(
        (await kafka.lag('g', ['in'])).reduce((sum, { records }) => sum + records, 0),
        0,
      )
    })

    test('a member that leaves lets its tasks commit what they hold, and takes no more', async ({ kafka, another }) => {
      await createTopics(kafka, 1, 'in', 'out')
      await publish(kafka, keyed('in', ['a', 'b']))
      const held: Parameters<typeof passOn>[0][number][] = []
      const member = await kafka.join({
        group: 'g',
        topics: ['in'],
        onFatal: assert.ifError,
        open: context =>
          Promise.resolve({
            process: records => Promise.resolve(void held.push(...records)),
            close: async () => {
              assert.equal(context.signal.aborted, false)
              await context.commit(passOn(held, 'out'))
            },
          }),
      })
      await until('the task holds both', () => held.length === 2)
      await member.leave()
      assert.deepEqual(member.owned(), [])
      assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['a', 'b'])
      await publish(kafka, keyed('in', ['c']))
      const next = await joinRecording(another, { group: 'g', topics: ['in'] })
      await until('the next member gets the rest', () => next.recorded.records.length > 0)
      assert.deepEqual([next.recorded.records.map(keyOf), held.length], [['c'], 2])
    })

    test('a slow task holds up no other partition, and gets no more than it can hold', async ({ kafka }) => {
      await createTopics(kafka, 2, 'in')
      const open = Promise.withResolvers<void>()
      const slow = await joinRecording(kafka, { group: 'g', topics: ['in'] }, records =>
        records[0]?.partition === 0 ? open.promise : Promise.resolve(),
      )
      await publish(kafka, keyed('in', ['slow'], 0))
      await until('the slow task is at work', () => slow.recorded.records.length === 1)
      for (let round = 0; round < 5; round++) {
        await publish(kafka, [...keyed('in', [`s${round}`], 0), ...keyed('in', [`f${round}`], 1)])
        await until('the fast task has its record', () => slow.recorded.records.length === round + 2)
      }
      open.resolve()
      await until('the slow task has all of its own', () => slow.recorded.records.length === 11)
      const ofSlow = slow.recorded.records.filter(record => record.partition === 0)
      assert.deepEqual(ofSlow.map(keyOf), ['slow', 's0', 's1', 's2', 's3', 's4'])
    })

    test('a group whose next records were deleted stops loudly instead of jumping', async ({
      kafka,
      another,
      truncate,
    }) => {
      await createTopics(kafka, 1, 'in')
      await publish(kafka, keyed('in', ['a', 'b', 'c']))
      const first = await joinRecording(kafka, { group: 'g', topics: ['in'] }, async (records, context) => {
        if (keyOf(records[0] ?? assert.fail()) === 'a')
          await context.commit({ records: [], offsets: endOf(records.slice(0, 1)) })
      })
      await until('the first record is committed', async () => (await kafka.lag('g', ['in']))[0]?.records === 2)
      await first.member.leave()
      await truncate('in', 0, 2)
      const second = await joinRecording(another, { group: 'g', topics: ['in'] })
      await until('the group has stopped', () => second.recorded.fatal.length > 0)
      assert.equal((second.recorded.fatal[0] as { code?: string }).code, 'OFFSET_OUT_OF_RANGE')
      await until('its task is closed', () => second.recorded.closed.length === 1)
      assert.deepEqual([second.recorded.records.length, second.member.owned()], [0, []])
    })

    test('a transaction that was aborted is seen by nobody', async ({ kafka, appendAborted }) => {
      await createTopics(kafka, 1, 'in')
      await appendAborted(keyed('in', ['never', 'ever']))
      await publish(kafka, keyed('in', ['a']))
      await appendAborted(keyed('in', ['nor this']))
      await publish(kafka, keyed('in', ['b']))
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      await until('both records have come', () => recorded.records.length === 2)
      assert.deepEqual(recorded.records.map(keyOf), ['a', 'b'])
      assert.deepEqual((await readAll(kafka, 'in')).map(keyOf), ['a', 'b'])
    })
  })
}
