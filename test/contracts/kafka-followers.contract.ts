import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Kafka, StoredRecord } from '../../services/kafka/kafka.ts'
import {
  contextOf,
  createTopics,
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

const followRecording = async (kafka: Kafka, ...topics: readonly string[]) => {
  const records: StoredRecord[] = []
  const fatal: Error[] = []
  const follower = await kafka.follow(
    topics,
    record => records.push(record),
    error => fatal.push(error),
  )
  return { follower, records, fatal }
}

/** Reading whole topics, and lag. */
export const followersContract = (name: string, factory: KafkaFactory): void => {
  describe(`${name}: followers`, { concurrency: 4 }, () => {
    const test = (sentence: string, body: Parameters<typeof withKafka>[1]) => it(sentence, withKafka(factory, body))

    test('a follower applies what was there, then what comes, in order per partition', async ({ kafka }) => {
      await createTopics(kafka, 3, 'rows', 'others')
      const keys = Array.from({ length: 60 }, (_, index) => `${index}`)
      await publish(kafka, keyed('rows', keys.slice(0, 30)))
      const { follower, records } = await followRecording(kafka, 'rows', 'others')
      await follower.caughtUp()
      assert.deepEqual(records.map(keyOf).toSorted(), keys.slice(0, 30).toSorted())
      await publish(kafka, [...keyed('rows', keys.slice(30)), ...keyed('others', ['x'])])
      await follower.caughtUp()
      assert.deepEqual(records.map(keyOf).toSorted(), [...keys, 'x'].toSorted())
      for (const { topic, partition, offset } of records) {
        const places = records.filter(one => one.topic === topic && one.partition === partition).map(one => one.offset)
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
          `order of ${topic}/${partition} around ${offset}`,
        )
      }
    })

    test('an empty topic is caught up with at once', async ({ kafka }) => {
      await createTopics(kafka, 2, 'rows')
      const { follower, records } = await followRecording(kafka, 'rows')
      await follower.caughtUp()
      await follower.caughtUp('rows', 1)
      assert.deepEqual([records.length, follower.position('rows', 0)], [0, 0])
    })

    test('control records and aborted transactions at the tail do not keep a follower from catching up', async ({
      kafka,
      appendAborted,
    }) => {
      await createTopics(kafka, 1, 'in', 'rows')
      const { follower, records } = await followRecording(kafka, 'rows')
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      const context = await contextOf(recorded, 0)
      await context.commit({ records: keyed('rows', ['a']), offsets: new Map() })
      await appendAborted(keyed('rows', ['never']))
      await follower.caughtUp('rows', 0)
      const [end] = await kafka.topics.offsets('rows')
      assert.deepEqual(records.map(keyOf), ['a'])
      assert.equal(follower.position('rows', 0), end?.stable)
      assert.ok((end?.stable ?? 0) > 2, 'a control record lies behind the last record')
    })

    test('a follower catches up over what compaction removed', async ({ kafka, compact }) => {
      await kafka.topics.create([{ name: 'rows', partitions: 1, config: { 'cleanup.policy': 'compact' } }])
      for (let round = 0; round < 3; round++) await publish(kafka, keyed('rows', ['a', 'b', 'c']))
      await publish(kafka, [{ topic: 'rows', key: 'a', value: null }])
      await compact('rows')
      const { follower, records } = await followRecording(kafka, 'rows')
      await follower.caughtUp()
      const rows = new Map(records.map(record => [keyOf(record), record.value?.toString()]))
      assert.deepEqual([rows.get('b'), rows.get('c'), rows.get('a')], ['value of b', 'value of c', undefined])
      assert.ok(records.length < 10, `compaction left ${records.length} of 10 records`)
      assert.equal(follower.position('rows', 0), (await kafka.topics.offsets('rows'))[0]?.stable)
    })

    test('a follower of a topic whose records are all gone has caught up', async ({ kafka, truncate }) => {
      await createTopics(kafka, 1, 'rows')
      await publish(kafka, keyed('rows', ['a', 'b']))
      await truncate('rows', 0, 2)
      const { follower, records } = await followRecording(kafka, 'rows')
      await follower.caughtUp()
      assert.deepEqual([records.length, follower.position('rows', 0)], [0, 2])
    })

    test('an error while applying stops the follower and is reported once', async ({ kafka }) => {
      await createTopics(kafka, 1, 'rows')
      const fatal: Error[] = []
      const applied: string[] = []
      const apply = (record: StoredRecord) => {
        if (keyOf(record) === 'bad') throw new Error('cannot apply')
        applied.push(keyOf(record))
      }
      const follower = await kafka.follow(['rows'], apply, error => fatal.push(error))
      await publish(kafka, keyed('rows', ['a', 'bad', 'b']))
      await until('the error is reported', () => fatal.length > 0)
      await assert.rejects(follower.caughtUp(), { message: 'cannot apply' })
      await publish(kafka, keyed('rows', ['c']))
      assert.deepEqual([applied, fatal.length], [['a'], 1])
    })

    test('a closed follower applies nothing more and says so', async ({ kafka }) => {
      await createTopics(kafka, 1, 'rows')
      const { follower, records } = await followRecording(kafka, 'rows')
      const waiting = publish(kafka, keyed('rows', ['a'])).then(() => follower.caughtUp())
      await waiting
      await follower.close()
      await publish(kafka, keyed('rows', ['b']))
      await readAll(kafka, 'rows')
      assert.deepEqual(records.map(keyOf), ['a'])
      await assert.rejects(follower.caughtUp(), { code: 'KAFKA_CLOSED' })
    })

    test('following a topic that does not exist is refused', async ({ kafka }) => {
      await assert.rejects(followRecording(kafka, 'nothing'), { code: 'TOPIC_UNKNOWN' })
    })

    test('a topic that is deleted under a follower is an error', async ({ kafka }) => {
      await createTopics(kafka, 1, 'rows')
      const { follower, fatal } = await followRecording(kafka, 'rows')
      await follower.caughtUp()
      await kafka.topics.delete(['rows'])
      await until('the follower has failed', () => fatal.length > 0)
      assert.equal((fatal[0] as { code?: string }).code, 'TOPIC_GONE')
    })

    test('lag counts records, not the control records behind them', async ({ kafka }) => {
      await createTopics(kafka, 2, 'in', 'next', 'out')
      await publish(kafka, keyed('in', ['a', 'b', 'c'], 0))
      assert.deepEqual(await kafka.lag('g', ['in']), [
        { topic: 'in', partition: 0, records: 3 },
        { topic: 'in', partition: 1, records: 0 },
      ])
      await joinRecording(kafka, { group: 'g', topics: ['in'] }, async (records, context) => {
        await context.commit(passOn(records, 'next'))
      })
      await joinRecording(kafka, { group: 'h', topics: ['next'] }, async (records, context) => {
        await context.commit(passOn(records, 'out'))
      })
      const behind = async (group: string, topic: string) =>
        (await kafka.lag(group, [topic])).reduce((sum, { records }) => sum + records, 0)
      await until('both groups are done', async () => (await readAll(kafka, 'out')).length === 3)
      assert.deepEqual([await behind('g', 'in'), await behind('h', 'next')], [0, 0])
    })
  })
}
