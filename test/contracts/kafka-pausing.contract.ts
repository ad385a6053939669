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
  publish,
  until,
  withKafka,
} from './kafka-harness.ts'

/** A task that reads one of its topics only when it wants to. */
export const pausingContract = (name: string, factory: KafkaFactory): void => {
  describe(`${name}: pausing a topic`, { concurrency: 4 }, () => {
    const test = (sentence: string, body: Parameters<typeof withKafka>[1]) => it(sentence, withKafka(factory, body))
    const keysOf = (records: readonly { topic: string; key: Buffer | null }[], topic: string) =>
      records.filter(record => record.topic === topic).map(({ key }) => String(key))

    test('a topic that is paused gives nothing until it is resumed, and the other goes on', async ({ kafka }) => {
      await createTopics(kafka, 1, 'live', 'replay')
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['live', 'replay'] })
      const context = await contextOf(recorded, 0)
      context.pause('replay')
      await publish(kafka, keyed('replay', ['r1', 'r2']))
      await publish(kafka, keyed('live', ['a']))
      await until('the live record has come', () => recorded.records.length === 1)
      await publish(kafka, keyed('replay', ['r3']))
      await publish(kafka, keyed('live', ['b']))
      await until('the next live record has come', () => recorded.records.length === 2)
      assert.deepEqual(recorded.records.map(keyOf), ['a', 'b'])
      context.resume('replay')
      await until('the others have come', () => recorded.records.length === 5)
      assert.deepEqual(keysOf(recorded.records, 'replay'), ['r1', 'r2', 'r3'])
    })

    test('a task may pause a topic with its records in hand, and gets what follows in order, each once', async ({
      kafka,
    }) => {
      await createTopics(kafka, 1, 'live', 'replay')
      const keys = Array.from({ length: 1_500 }, (_, index) => `r${index}`)
      await publish(kafka, keyed('replay', keys))
      const { recorded } = await joinRecording(
        kafka,
        { group: 'g', topics: ['live', 'replay'] },
        ([record], context) => {
          if (record?.topic === 'replay') context.pause('replay')
          return Promise.resolve()
        },
      )
      const context = await contextOf(recorded, 0)
      await until('the first of the replay has come', () => recorded.records.length > 0)
      const first = recorded.records.length
      await publish(kafka, keyed('live', ['a']))
      await until('the live record has come', () => keysOf(recorded.records, 'live').length === 1)
      assert.equal(recorded.records.length, first + 1)
      await publish(kafka, keyed('replay', ['last']))
      await until('all of the replay has come', () => {
        context.resume('replay')
        return keysOf(recorded.records, 'replay').length === keys.length + 1
      })
      assert.deepEqual(keysOf(recorded.records, 'replay'), [...keys, 'last'])
    })

    test('a topic can be paused before its first record, and is read again by the next owner', async ({
      kafka,
      another,
    }) => {
      await createTopics(kafka, 1, 'live', 'replay')
      await publish(kafka, keyed('replay', ['r1']))
      const seen: string[] = []
      const paused = await kafka.join({
        group: 'g',
        topics: ['live', 'replay'],
        onFatal: () => undefined,
        open: context => {
          context.pause('replay')
          return Promise.resolve({
            process: async records => {
              seen.push(...records.map(keyOf))
              await context.commit({ records: [], offsets: endOf(records) })
            },
            close: () => Promise.resolve(),
          })
        },
      })
      await publish(kafka, keyed('live', ['a']))
      await until('the live record has come', () => seen.length === 1)
      await paused.leave()
      assert.deepEqual(seen, ['a'])
      const { recorded } = await joinRecording(another, { group: 'g', topics: ['live', 'replay'] })
      await until('the record has come', () => recorded.records.length === 1)
      assert.deepEqual(recorded.records.map(keyOf), ['r1'])
    })
  })
}
