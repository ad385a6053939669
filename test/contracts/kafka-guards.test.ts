import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type ConnectOptions, connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka } from '../../services/kafka/kafka.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { type Logger, silentLogger } from '../../services/runtime/log.ts'
import { startTestKafka, type TestKafka } from '../kafka.ts'
import {
  contextOf,
  createTopics,
  joinRecording,
  keyed,
  keyOf,
  passOn,
  publish,
  readAll,
  until,
} from './kafka-harness.ts'

let cluster: TestKafka | undefined
const warnings: string[] = []
process.on('warning', ({ name }) => warnings.push(name))

before(async () => {
  cluster = await startTestKafka()
})
after(() => cluster?.stop())

const connected = (options: Partial<ConnectOptions>, test: (kafka: Kafka) => Promise<void>) => async () => {
  const kafka = connectKafka({
    brokers: cluster?.brokers ?? [],
    topicPrefix: `${randomUUID().slice(0, 8)}-`,
    clientId: 'guards',
    logger: silentLogger,
    clock: systemClock,
    heartbeatIntervalMs: 200,
    ...options,
  })
  try {
    await test(kafka)
  } finally {
    await kafka.close()
  }
}

const recording = (lines: string[]): Logger => {
  const at = (level: string) => (_: unknown, message: string) => lines.push(`${level} ${message}`)
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') }
}

describe('guards around kafkajs', { concurrency: 4 }, () => {
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
    it(
      `records that the broker compressed with ${codec} are read`,
      connected({}, async kafka => {
        await kafka.topics.create([{ name: 'packed', partitions: 1, config: { 'compression.type': codec } }])
        const records = Array.from({ length: 400 }, (_, index) => ({
          topic: 'packed',
          key: `key ${index}`,
          value: Buffer.from(`${index} ${'and so on '.repeat(index)}`),
        }))
        await publish(kafka, [
          ...records,
          { topic: 'packed', key: 'noise', value: Buffer.from(randomUUID().repeat(5_000)) },
        ])
        const found = await readAll(kafka, 'packed')
        assert.deepEqual(
          found.slice(0, 400).map(keyOf),
          records.map(({ key }) => key),
        )
        assert.deepEqual(
          found.slice(0, 400).map(({ value }) => value),
          records.map(({ value }) => value),
        )
        assert.equal(found.at(-1)?.value?.length, 180_000)
      }),
    )
  }

  it(
    'a step that the broker refuses is named so, and the next opening commits again',
    connected({}, async kafka => {
      await createTopics(kafka, 1, 'in')
      await kafka.topics.create([{ name: 'out', partitions: 1, config: { 'max.message.bytes': '10000' } }])
      const { recorded } = await joinRecording(kafka, { group: 'g', topics: ['in'] })
      const large = { topic: 'out', key: 'large', value: Buffer.alloc(50_000) }
      const former = await contextOf(recorded, 0)
      await assert.rejects(former.commit({ records: [...keyed('out', ['with it']), large], offsets: new Map() }), {
        code: 'RECORD_TOO_LARGE',
        errorClass: 'rejected',
      })
      await until('the task is open again', () => recorded.opened.length === 2 && recorded.contexts.has(0))
      await (await contextOf(recorded, 0)).commit({ records: keyed('out', ['after']), offsets: new Map() })
      // A broker answers before the end of the transaction stands in each partition.
      await until('the step is visible', async () => (await readAll(kafka, 'out')).length > 0)
      assert.deepEqual((await readAll(kafka, 'out')).map(keyOf), ['after'])
      const publisher = await kafka.publisher('test')
      await assert.rejects(publisher.publish([large]), { code: 'RECORD_TOO_LARGE' })
      await publisher.publish(keyed('out', ['and on']))
    }),
  )

  it(
    'a task that works for longer than a session keeps its partition',
    connected({ sessionTimeoutMs: 6_000 }, async kafka => {
      await createTopics(kafka, 1, 'in', 'out')
      const started = Date.now()
      const { recorded, member } = await joinRecording(
        kafka,
        { group: 'g', topics: ['in'] },
        async (records, context) => {
          await until('a session has passed', () => Date.now() > started + 7_000)
          await context.commit(passOn(records, 'out'))
        },
      )
      await publish(kafka, keyed('in', ['a']))
      await until('the record is through', async () => (await readAll(kafka, 'out')).length === 1)
      assert.deepEqual([member.owned(), recorded.opened.length], [[0], 1])
    }),
  )

  it(
    'a topic that was deleted and made again is not read on as if it were the same',
    connected({}, async kafka => {
      await createTopics(kafka, 1, 'rows')
      await publish(kafka, keyed('rows', ['a', 'b']))
      const fatal: Error[] = []
      const follower = await kafka.follow(
        ['rows'],
        () => undefined,
        error => fatal.push(error),
      )
      await follower.caughtUp()
      await kafka.topics.delete(['rows'])
      await createTopics(kafka, 1, 'rows')
      await publish(kafka, keyed('rows', ['c', 'd', 'e', 'f']))
      await until('the follower has failed', () => fatal.length > 0)
      assert.match((fatal[0] as { code?: string }).code ?? '', /^TOPIC_(RECREATED|GONE)$/)
    }),
  )

  const lines: string[] = []
  it(
    'normal operation writes no line above debug and no warning of Node',
    connected({ logger: recording(lines) }, async kafka => {
      await createTopics(kafka, 2, 'in', 'out')
      const { member } = await joinRecording(kafka, { group: 'g', topics: ['in'] }, async (records, context) => {
        for (const record of records) await context.commit(passOn([record], 'out'))
      })
      await publish(
        kafka,
        keyed(
          'in',
          Array.from({ length: 40 }, (_, index) => index),
        ),
      )
      await until('all is through', async () => (await readAll(kafka, 'out')).length === 40)
      await member.leave()
      assert.deepEqual([lines, warnings], [[], []])
    }),
  )

  it(
    'a cluster that cannot be reached is named with the setting to look at',
    connected({ brokers: ['127.0.0.1:1'] }, async kafka => {
      await assert.rejects(kafka.publisher('test'), {
        code: 'KAFKA_UNAVAILABLE',
        message: /ECONNREFUSED.*KAFKA_BROKERS/,
      })
    }),
  )
})
