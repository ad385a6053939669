import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTopics, type KafkaFactory, keyed, keyOf, publish, readAll, withKafka } from './kafka-harness.ts'

/** Appending, reading and topics. */
export const recordsContract = (name: string, factory: KafkaFactory): void => {
  describe(`${name}: records`, { concurrency: 4 }, () => {
    const test = (sentence: string, body: Parameters<typeof withKafka>[1]) => it(sentence, withKafka(factory, body))

    test('records of a partition are read in the order in which they were published', async ({ kafka }) => {
      await createTopics(kafka, 1, 'events')
      const publisher = await kafka.publisher('test')
      const calls = Array.from({ length: 40 }, (_, call) => keyed('events', [`${call}a`, `${call}b`, `${call}c`]))
      const appended = (await Promise.all(calls.map(records => publisher.publish(records)))).flat()
      const found = await readAll(kafka, 'events')
      assert.deepEqual(
        found.map(keyOf),
        calls.flat().map(({ key }) => key),
      )
      assert.deepEqual(
        appended.map(({ offset }) => offset),
        found.map(({ offset }) => offset),
      )
    })

    test('keys, values, headers, tombstones and time arrive as they were sent', async ({ kafka }) => {
      await createTopics(kafka, 2, 'events')
      const before = Date.now()
      await publish(kafka, [
        {
          topic: 'events',
          partition: 1,
          key: Buffer.from([0xff, 0, 1]),
          value: Buffer.from([0, 0x80]),
          headers: { a: 'é', b: Buffer.from([9]) },
        },
        { topic: 'events', partition: 1, key: 'tombstone', value: null },
        { topic: 'events', partition: 1, key: null, value: Buffer.alloc(0) },
      ])
      const [first, second, third] = await readAll(kafka, 'events')
      assert.deepEqual(first?.key, Buffer.from([0xff, 0, 1]))
      assert.deepEqual(first?.value, Buffer.from([0, 0x80]))
      assert.deepEqual(first?.headers, { a: Buffer.from('é'), b: Buffer.from([9]) })
      assert.equal(first?.topic, 'events')
      assert.ok(first.timestamp >= before && first.timestamp <= Date.now())
      assert.deepEqual([second?.key?.toString(), second?.value, second?.headers], ['tombstone', null, {}])
      assert.deepEqual([third?.key, third?.value], [null, Buffer.alloc(0)])
    })

    test('a key goes to the partition that Java would choose', async ({ kafka }) => {
      await createTopics(kafka, 7, 'events')
      // Hashes from Kafka's own UtilsTest, made positive as Utils.toPositive does, modulo 7.
      const hashes: Readonly<Record<string, number>> = {
        '21': -973932308,
        foobar: -790332482,
        'a-little-bit-long-string': -985981536,
        'a-little-bit-longer-string': -1486304829,
        lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
        abc: 479470107,
      }
      const publisher = await kafka.publisher('test')
      const appended = await publisher.publish(keyed('events', Object.keys(hashes)))
      const expected = Object.values(hashes).map(hash => (hash & 0x7fffffff) % 7)
      assert.deepEqual(
        appended.map(({ partition }) => partition),
        expected,
      )
    })

    test('a record of 900 KB and more than one request holds are kept whole', async ({ kafka }) => {
      await createTopics(kafka, 2, 'events')
      const large = Array.from({ length: 3 }, (_, index) => ({
        topic: 'events',
        partition: 0,
        key: `large ${index}`,
        value: Buffer.alloc(900_000, index + 1),
      }))
      await publish(kafka, [
        ...large,
        ...keyed(
          'events',
          Array.from({ length: 1_200 }, (_, index) => index),
          1,
        ),
      ])
      const found = await readAll(kafka, 'events')
      assert.deepEqual(
        found.slice(0, 3).map(({ value }) => value),
        large.map(({ value }) => value),
      )
      assert.deepEqual(
        found.slice(3).map(keyOf),
        Array.from({ length: 1_200 }, (_, index) => String(index)),
      )
    })

    test('a key of four zero bytes is a key like any other', async ({ kafka, appendAborted }) => {
      await createTopics(kafka, 1, 'events')
      const zero = { topic: 'events', key: Buffer.alloc(4), value: Buffer.from('kept') }
      await publish(kafka, [zero])
      await appendAborted([{ ...zero, value: Buffer.from('aborted') }, ...keyed('events', ['aborted too'])])
      await publish(kafka, [zero])
      const found = await readAll(kafka, 'events')
      assert.deepEqual(
        found.map(({ key, value }) => [key, value?.toString()]),
        [
          [zero.key, 'kept'],
          [zero.key, 'kept'],
        ],
      )
    })

    test('a range is read from an offset up to another, aborted records stepped over', async ({
      kafka,
      appendAborted,
    }) => {
      await createTopics(kafka, 1, 'events')
      await publish(kafka, keyed('events', ['a', 'b']))
      await appendAborted(keyed('events', ['never']))
      await publish(kafka, keyed('events', ['c', 'd']))
      const read = async (from: number, to?: number) => {
        const keys: string[] = []
        for await (const record of kafka.read('events', 0, from, to)) keys.push(keyOf(record))
        return keys
      }
      const [, b, c, d] = await readAll(kafka, 'events')
      assert.deepEqual(await read(0), ['a', 'b', 'c', 'd'])
      assert.deepEqual(await read(b?.offset ?? -1, d?.offset ?? -1), ['b', 'c'])
      assert.deepEqual(await read(c?.offset ?? -1), ['c', 'd'])
      assert.deepEqual(await read(1_000), [])
    })

    test('reading from an offset that was deleted is an error, not a jump', async ({ kafka, truncate }) => {
      await createTopics(kafka, 1, 'events')
      await publish(kafka, keyed('events', ['a', 'b', 'c']))
      await truncate('events', 0, 2)
      const read = async () => {
        for await (const record of kafka.read('events', 0, 1)) assert.fail(`read offset ${record.offset}`)
      }
      await assert.rejects(read(), { code: 'OFFSET_OUT_OF_RANGE' })
      assert.deepEqual(await kafka.topics.offsets('events'), [{ partition: 0, earliest: 2, stable: 3 }])
    })

    test('a topic or partition that does not exist is named in the error', async ({ kafka }) => {
      await createTopics(kafka, 1, 'events')
      const publisher = await kafka.publisher('test')
      await assert.rejects(publisher.publish(keyed('evnets', ['a'])), { code: 'TOPIC_UNKNOWN', message: /evnets/ })
      await assert.rejects(publisher.publish(keyed('events', ['a'], 1)), { code: 'PARTITION_UNKNOWN' })
      await assert.rejects(publisher.publish([{ topic: 'events', key: null, value: null }]), {
        code: 'RECORD_WITHOUT_PLACE',
      })
      await publisher.publish(keyed('events', ['a']))
      await publisher.close()
      await assert.rejects(publisher.publish(keyed('events', ['a'])), { code: 'KAFKA_CLOSED' })
    })

    test('topics are created once, described, configured setting by setting, and deleted', async ({ kafka }) => {
      await kafka.topics.create([
        { name: 'b', partitions: 2, config: { 'cleanup.policy': 'compact' } },
        { name: 'a', partitions: 1, replicationFactor: 1, config: {} },
      ])
      await assert.rejects(createTopics(kafka, 1, 'a', 'c'), { code: 'TOPIC_EXISTS', message: /a\b/ })
      await kafka.topics.configure('b', { 'retention.ms': '86400000' })
      assert.deepEqual(await kafka.topics.describe(), [
        { name: 'a', partitions: 1, replicationFactor: 1, config: {} },
        {
          name: 'b',
          partitions: 2,
          replicationFactor: 1,
          config: { 'cleanup.policy': 'compact', 'retention.ms': '86400000' },
        },
      ])
      await assert.rejects(kafka.topics.configure('missing', { 'retention.ms': '1' }), { code: 'TOPIC_UNKNOWN' })
      await kafka.topics.delete(['b'])
      assert.deepEqual(
        (await kafka.topics.describe()).map(topic => topic.name),
        ['a'],
      )
      await assert.rejects(kafka.topics.delete(['b']), { code: 'TOPIC_UNKNOWN' })
    })
  })
}
