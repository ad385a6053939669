import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { afterEach, describe, it } from 'node:test'
import type { Connection } from '../../services/kafka/client/client.ts'
import type { DescribedTopic } from '../../services/kafka/client/requests.ts'
import { Cursor } from '../../services/kafka/reading/cursor.ts'
import type { FetchAnswer, FetchedPartition } from '../../services/kafka/reading/fetch-request.ts'
import { Fetcher } from '../../services/kafka/reading/fetcher.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { until } from '../contracts/kafka-harness.ts'

const load = createRequire(import.meta.url)
const { RecordBatch }: { RecordBatch: (options: object) => Promise<{ buffer: Buffer }> } = load(
  'kafkajs/src/protocol/recordBatch/v0',
)
const encodeRecord: (options: object) => unknown = load('kafkajs/src/protocol/recordBatch/record/v0')

const batchAt = async (offset: number, size = 10): Promise<Buffer> =>
  (await RecordBatch({ firstOffset: offset, records: [encodeRecord({ key: `${offset}`, value: Buffer.alloc(size) })] }))
    .buffer

/** Sleeps as long as asked, in a time that runs a hundred times as fast. */
const hurriedClock = { now: () => performance.now() * 100, sleep: systemClock.sleep }

type Answer = Partial<FetchedPartition> | readonly Partial<FetchedPartition>[] | Error

/** Brokers that answer as told; the last answer is repeated after a moment, as a long poll without news would. */
class ScriptedCluster {
  leader = 1
  topic: Partial<DescribedTopic> = {}
  readonly fetches: number[] = []
  private readonly answers: Map<number, Answer[]>

  constructor(answers: Readonly<Record<number, Answer[]>>) {
    this.answers = new Map(Object.entries(answers).map(([broker, list]) => [Number(broker), list]))
  }

  connect = () => Promise.resolve()
  disconnect = () => Promise.resolve()
  refreshMetadata = () => Promise.resolve()
  removeBroker = () => undefined
  brokerPool = { findConnectedBroker: () => Promise.resolve(this.broker(0)) }
  findBroker = ({ nodeId }: { nodeId: number }) => Promise.resolve(this.broker(nodeId))

  private broker(nodeId: number) {
    const send = ({ request }: { request: { apiName: string } }) =>
      request.apiName === 'Fetch' ? this.fetch(nodeId) : Promise.resolve([this.describe()])
    return { nodeId, connectionPool: { send } }
  }

  private describe(): DescribedTopic {
    return { name: 'topic', errorCode: 0, id: 'aa'.repeat(16), leaders: new Map([[0, this.leader]]), ...this.topic }
  }

  private async fetch(nodeId: number): Promise<FetchAnswer> {
    this.fetches.push(nodeId)
    const answers = this.answers.get(nodeId) ?? []
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {}
    await new Promise(resolve => setTimeout(resolve, answers.length > 1 ? 0 : 5))
    if (answer instanceof Error) throw answer
    const nothing = {
      topicId: 'aa'.repeat(16),
      partition: 0,
      errorCode: 0,
      high: 0,
      stable: 0,
      aborted: [],
      bytes: Buffer.alloc(0),
    }
    const partitions = [answer].flat().map(partition => ({ ...nothing, ...partition }))
    return { clientSideThrottleTime: 0, errorCode: 0, partitions }
  }
}

describe('fetching', () => {
  const open: Fetcher[] = []
  afterEach(() => Promise.all(open.splice(0).map(fetcher => fetcher.close())))

  const reading = (cluster: ScriptedCluster, position = 0) => {
    const connection = {
      options: { clock: hurriedClock, logger: silentLogger },
      physical: (name: string) => name,
      openCluster: () => cluster,
    } as unknown as Connection
    const fetcher = new Fetcher(connection)
    open.push(fetcher)
    const keys: string[] = []
    const errors: Error[] = []
    const cursor = new Cursor({
      topic: 'topic',
      partition: 0,
      position,
      deliver: records => keys.push(...records.map(({ key }) => `${key}`)),
      fail: error => errors.push(error),
    })
    fetcher.add(cursor)
    return { fetcher, cursor, keys, errors }
  }

  it('an empty answer with room, although the last stable offset is ahead, means that compaction removed the rest', async () => {
    const { cursor, keys } = reading(
      new ScriptedCluster({ 1: [{ stable: 9, bytes: await batchAt(4) }, { stable: 9 }] }),
      4,
    )
    await until('the hole is stepped over', () => cursor.position === 9)
    assert.deepEqual(keys, ['4'])
  })

  it('an empty answer whose room another partition has taken proves nothing', async () => {
    const full = { partition: 7, bytes: Buffer.alloc(16 * 1_048_576) }
    const answers = [[full, { stable: 9 }], { stable: 5, bytes: await batchAt(4) }, { stable: 5 }]
    const { cursor, keys } = reading(new ScriptedCluster({ 1: answers }), 4)
    await until('the record has come', () => keys.length === 1)
    assert.equal(cursor.position, 5)
  })

  it('a leader that has moved is found', async () => {
    const notLeader = 6
    const cluster = new ScriptedCluster({
      1: [{ errorCode: notLeader }],
      2: [{ stable: 1, bytes: await batchAt(0) }, { stable: 1 }],
    })
    const { keys, errors } = reading(cluster)
    await until('broker 1 was asked', () => cluster.fetches.length > 1)
    cluster.leader = 2
    await until('the record has come', () => keys.length === 1)
    assert.deepEqual([keys, errors], [['0'], []])
  })

  it('a partition without leader is waited for', async () => {
    const cluster = new ScriptedCluster({ 2: [{ stable: 1, bytes: await batchAt(0) }, { stable: 1 }] })
    cluster.leader = -1
    const { keys } = reading(cluster)
    await new Promise(setImmediate)
    assert.deepEqual(cluster.fetches, [])
    cluster.leader = 2
    await until('the record has come', () => keys.length === 1)
  })

  it('a lost connection is survived', async () => {
    const lost = Object.assign(new Error('Closed connection'), {
      name: 'KafkaJSConnectionClosedError',
      host: 'h',
      port: 1,
    })
    const { keys, errors } = reading(
      new ScriptedCluster({ 1: [lost, lost, { stable: 1, bytes: await batchAt(0) }, { stable: 1 }] }),
    )
    await until('the record has come', () => keys.length === 1)
    assert.deepEqual(errors, [])
  })

  it('a paused partition is not fetched until it is resumed', async () => {
    const cluster = new ScriptedCluster({ 1: [{ stable: 1, bytes: await batchAt(0) }, { stable: 1 }] })
    const { fetcher, cursor, keys } = reading(cluster)
    cursor.paused = true
    await until('its leader is known', () => cursor.leader === 1)
    await new Promise(setImmediate)
    assert.deepEqual([cluster.fetches, keys], [[], []])
    cursor.paused = false
    fetcher.wake()
    await until('the record has come', () => keys.length === 1)
  })

  const failures: Readonly<Record<string, { answer?: Answer; topic?: Partial<DescribedTopic>; code: string }>> = {
    'the offset is no longer kept': { answer: { errorCode: 1 }, code: 'OFFSET_OUT_OF_RANGE' },
    'the broker refuses the reader': { answer: { errorCode: 29 }, code: 'FETCH_REFUSED' },
    'the topic is gone': { topic: { errorCode: 3 }, code: 'TOPIC_GONE' },
    'the topic was made again': { answer: { errorCode: 100 }, topic: { id: 'bb'.repeat(16) }, code: 'TOPIC_RECREATED' },
  }
  for (const [what, { answer = {}, topic = {}, code }] of Object.entries(failures)) {
    it(`fails loudly when ${what}`, async () => {
      const cluster = new ScriptedCluster({ 1: [answer] })
      if (topic.errorCode !== undefined) cluster.topic = topic
      const { cursor, errors } = reading(cluster)
      if (topic.id !== undefined) {
        await until('the topic is known', () => cursor.topicId !== undefined)
        cluster.topic = topic
      }
      await until('it has failed', () => errors.length > 0)
      assert.equal((errors[0] as { code?: string }).code, code)
    })
  }
})
