import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createTopics,
  endOf,
  joinRecording,
  type KafkaFactory,
  keyed,
  keyOf,
  passOn,
  publish,
  until,
  withKafka,
} from './kafka-harness.ts'

/** What retention may remove without anything being lost. */
export const retentionContract = (name: string, factory: KafkaFactory): void => {
  describe(`${name}: retention`, { concurrency: 4 }, () => {
    const test = (sentence: string, body: Parameters<typeof withKafka>[1]) => it(sentence, withKafka(factory, body))

    test('a group that had read everything goes on when all of it was deleted, ends of transactions included', async ({
      kafka,
      another,
      truncate,
    }) => {
      await createTopics(kafka, 1, 'in', 'out')
      await joinRecording(kafka, { group: 'writer', topics: ['in'] }, async (records, context) => {
        await context.commit(passOn(records, 'out'))
      })
      const first = await joinRecording(kafka, { group: 'g', topics: ['out'] }, async (records, context) => {
        await context.commit({ records: [], offsets: endOf(records) })
      })
      await publish(kafka, keyed('in', ['a']))
      await until('the record has come', () => first.recorded.records.length === 1)
      await first.member.leave()
      const [out] = await kafka.topics.offsets('out')
      assert.ok(out)
      await truncate('out', 0, out.stable)
      const second = await joinRecording(another, { group: 'g', topics: ['out'] })
      await publish(kafka, keyed('in', ['b']))
      await until(
        'the next record has come, or the group has stopped',
        () => second.recorded.records.length + second.recorded.fatal.length > 0,
      )
      assert.deepEqual([second.recorded.records.map(keyOf), second.recorded.fatal], [['b'], []])
    })
  })
}
