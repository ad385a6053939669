import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { decodeRecords } from '../../services/kafka/reading/record-batch.ts'
import { abortMarker, recordBatch, recordsOf, textRecord } from './record-batches.ts'
import { notInTributary } from './still-happens.ts'

const began = (firstOffset: number, producerId: number) => ({ producerId, firstOffset })

const decode = (batches: readonly Buffer[], aborted: readonly ReturnType<typeof began>[] = [], from = 0) => {
  const { records, next } = decodeRecords({ partition: 0, aborted, bytes: Buffer.concat(batches) }, 'in', from)
  return { values: records.map(({ value }) => `${value}`), next }
}

const aborted = (at: number, producerId: number, key?: Buffer): Buffer =>
  recordBatch({ at, producerId, transactional: true, records: [textRecord('aborted', key)] })

describe('Tributary, reading', () => {
  notInTributary('aborted-listed-by-end', () => {
    const log = [aborted(0, 1), aborted(1, 2), abortMarker(2, 2), aborted(3, 1), abortMarker(4, 1)]
    assert.deepEqual(decode(log, [began(1, 2), began(0, 1)]), { values: [], next: 5 })
  })

  notInTributary('aborted-one-per-record', () => {
    const log = [aborted(10, 2), abortMarker(11, 1), abortMarker(12, 2)]
    assert.deepEqual(decode(log, [began(0, 1), began(5, 2)], 10), { values: [], next: 13 })
  })

  notInTributary('aborted-key-of-zeros', () => {
    const log = [aborted(0, 1, Buffer.from([0, 0, 0, 0])), aborted(1, 1), abortMarker(2, 1)]
    assert.deepEqual(decode(log, [began(0, 1)]), { values: [], next: 3 })
  })

  notInTributary('empty-batch-stalls', () => {
    assert.deepEqual(decode([recordBatch({ at: 0, lastDelta: 9 })]), { values: [], next: 10 })
  })

  notInTributary('control-batches-untold', () => {
    assert.deepEqual(decode([abortMarker(4, 1)], [], 4), { values: [], next: 5 })
  })

  notInTributary('codecs-missing', () => {
    const records = [textRecord('packed')]
    const raw = recordsOf(records)
    const bodies = [raw, gzipSync(raw), snappy.compress(raw), lz4.compress(raw), zstdCompressSync(raw)]
    bodies.forEach((body, codec) => {
      const batch = recordBatch({ at: 0, records, codec, body: Buffer.from(body) })
      assert.deepEqual(decode([batch]), { values: ['packed'], next: 1 })
    })
  })

  notInTributary('large-batch-crashes', () => {
    const records = Array.from({ length: 150_000 }, () => textRecord('v'))
    assert.equal(decode([recordBatch({ at: 0, records, body: recordsOf(records) })]).next, 150_000)
  })
})
