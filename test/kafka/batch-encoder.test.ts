import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Batch, encodeBatch } from '../../services/kafka/publishing/batch-encoder.ts'
import { encodeRecord, RecordBatch } from './kafkajs-batches.ts'

/** The same batch as kafkajs writes it. */
const asKafkajs = async ({ records, transactional, producerId, producerEpoch, firstSequence }: Batch) => {
  const times = records.map(({ timestamp }) => Number(timestamp))
  const [firstTimestamp, maxTimestamp] = [Math.min(...times), Math.max(...times)]
  const encoded = records.map((record, offsetDelta) =>
    encodeRecord({ ...record, offsetDelta, timestampDelta: Number(record.timestamp) - firstTimestamp }),
  )
  const { buffer } = await RecordBatch({
    ...{ records: encoded, firstTimestamp, maxTimestamp, transactional, producerId, producerEpoch, firstSequence },
    lastOffsetDelta: records.length - 1,
  })
  return buffer
}

const bytes = fc.uint8Array({ maxLength: 300 }).map(Buffer.from)
const text = fc.string({ unit: 'binary', maxLength: 200 })
const record = fc.record({
  key: fc.oneof(bytes, text, fc.constant(null)),
  value: fc.oneof(bytes, fc.constant(null)),
  headers: fc.dictionary(text, fc.oneof(bytes, text), { maxKeys: 4 }),
  timestamp: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }).map(String),
})
const batch: fc.Arbitrary<Batch> = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 140 }),
  transactional: fc.boolean(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }).map(String),
  producerEpoch: fc.integer({ min: 0, max: 32_767 }),
  firstSequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
})

test('a batch is byte for byte the one that kafkajs writes, whatever its records hold', async () => {
  await fc.assert(
    fc.asyncProperty(batch, async each => assert.deepEqual(encodeBatch(each), await asKafkajs(each))),
    { numRuns: 200 },
  )
})

test('a record without headers and key is as long as it must be', () => {
  const alone = { records: [{ value: Buffer.alloc(10), timestamp: 5 }], transactional: false }
  assert.equal(encodeBatch({ ...alone, producerId: -1, producerEpoch: 0, firstSequence: 0 }).length, 61 + 1 + 16)
})
