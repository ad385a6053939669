import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Placed, placeOf, type SendBatch, sendAll } from '../../services/kafka/publishing/outgoing.ts'
import { murmur2, partitionFor } from '../../services/kafka/publishing/partitioner.ts'

const murmur2OfKafkajs: (key: Buffer) => number = createRequire(import.meta.url)(
  'kafkajs/src/producer/partitioners/default/murmur2',
)

describe('the partition of a key', () => {
  it('hashes as in the vectors of Kafka’s own UtilsTest', () => {
    const vectors: Readonly<Record<string, number>> = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    }
    for (const [key, hash] of Object.entries(vectors)) assert.equal(murmur2(Buffer.from(key)), hash, key)
  })

  it('is the same for any bytes as kafkajs’ and within the topic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 100 }), (bytes, partitions) => {
        const key = Buffer.from(bytes)
        assert.equal(murmur2(key), murmur2OfKafkajs(key))
        const partition = partitionFor(key, partitions)
        assert.ok(partition >= 0 && partition < partitions)
      }),
    )
  })

  it('of text is that of its UTF-8 bytes', () => {
    assert.equal(partitionFor('jürgen', 1_000), partitionFor(Buffer.from('jürgen'), 1_000))
  })
})

const placed = (count: number, bytes = 10, partitions = 1): Placed[] =>
  Array.from({ length: count }, (_, index) => {
    const partition = index % partitions
    return { record: { topic: `t${index % 2}`, partition, key: `${index}`, value: Buffer.alloc(bytes) }, partition }
  })

interface Sent {
  readonly records: number
  readonly bytes: number
}

/** A broker that appends, and remembers what came in each request for each partition. */
const broker = () => {
  const ends = new Map<string, number>()
  const requests: Sent[][] = []
  let inFlight = 0
  let mostInFlight = 0
  const send: SendBatch = async ({ topicMessages, acks }) => {
    assert.equal(acks, -1)
    mostInFlight = Math.max(mostInFlight, ++inFlight)
    await new Promise(setImmediate)
    inFlight--
    const slots = new Map<string, { topicName: string; partition: number; sent: Sent }>()
    for (const { topic, messages } of topicMessages) {
      for (const { partition, value } of messages) {
        const key = `${topic}/${partition}`
        const { sent = { records: 0, bytes: 0 } } = slots.get(key) ?? {}
        const more = { records: sent.records + 1, bytes: sent.bytes + (value?.length ?? 0) }
        slots.set(key, { topicName: topic, partition, sent: more })
      }
    }
    requests.push([...slots.values()].map(({ sent }) => sent))
    return [...slots].map(([key, { topicName, partition, sent }]) => {
      const baseOffset = ends.get(key) ?? 100
      ends.set(key, baseOffset + sent.records)
      return { topicName, partition, errorCode: 0, baseOffset: String(baseOffset) }
    })
  }
  return { send, requests, most: () => mostInFlight }
}

const prefixed = (topic: string): string => `p-${topic}`

describe('sending records', () => {
  it('cuts what kafkajs or a broker would not take, one request at a time, and answers in the order given', async () => {
    const { send, requests, most } = broker()
    const appended = await sendAll(send, placed(2_400, 10, 2), prefixed, '1')
    assert.ok(requests.flat().every(({ records }) => records <= 500))
    assert.deepEqual([requests.length, most()], [3, 1])
    assert.deepEqual(appended.slice(0, 3), [
      { topic: 't0', partition: 0, offset: 100 },
      { topic: 't1', partition: 1, offset: 100 },
      { topic: 't0', partition: 0, offset: 101 },
    ])
    assert.deepEqual(appended.at(-1), { topic: 't1', partition: 1, offset: 1_299 })
  })

  it('keeps a batch below the broker’s limit, and a record above it alone', async () => {
    const { send, requests } = broker()
    await sendAll(send, placed(8, 400_000, 1), prefixed, '1')
    await sendAll(send, placed(1, 2_000_000), prefixed, '1')
    assert.ok(requests.flat().every(({ records, bytes }) => bytes <= 1_000_000 || records === 1))
  })

  const failures: Readonly<Record<string, (answer: Awaited<ReturnType<SendBatch>>) => Awaited<ReturnType<SendBatch>>>> =
    {
      'a partition is missing in the answer': answer => answer.slice(1),
      'a partition has an error': answer => answer.map(sent => ({ ...sent, errorCode: 7 })),
      'a partition has no offset': answer => answer.map(sent => ({ ...sent, baseOffset: '-1' })),
      'the answer is empty, as when a leader moved while kafkajs sent': () => [],
    }
  for (const [what, change] of Object.entries(failures)) {
    it(`is rejected when ${what}`, async () => {
      const { send } = broker()
      const lossy: SendBatch = async batch => change(await send(batch))
      await assert.rejects(sendAll(lossy, placed(4, 10, 2), prefixed, '1'), { code: 'ACKNOWLEDGEMENT_MISSING' })
    })
  }

  it('needs a key or a partition that exists', () => {
    const record = { topic: 't', key: null, value: null }
    assert.throws(() => placeOf(record, 3), { code: 'RECORD_WITHOUT_PLACE' })
    for (const partition of [-1, 3, 0.5])
      assert.throws(() => placeOf({ ...record, partition }, 3), { code: 'PARTITION_UNKNOWN' })
    assert.equal(placeOf({ ...record, partition: 2 }, 3), 2)
  })
})
