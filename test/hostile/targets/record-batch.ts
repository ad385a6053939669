import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { decodeRecords } from '../../../services/kafka/reading/record-batch.ts'
import { TributaryError } from '../../../services/runtime/errors.ts'
import type { Target } from './target.ts'

const load = createRequire(import.meta.url)
const { RecordBatch }: { RecordBatch: (options: object) => Promise<{ readonly buffer: Buffer }> } = load(
  'kafkajs/src/protocol/recordBatch/v0',
)
const encodeRecord: (options: object) => { readonly buffer: Buffer } = load(
  'kafkajs/src/protocol/recordBatch/record/v0',
)
const lz4: { compress(bytes: Uint8Array): Uint8Array } = load('lz4js')
const snappy: { compress(bytes: Buffer): Buffer } = load('snappyjs')

/** Where fields lie in a record batch (kafka.apache.org/documentation/#recordbatch). */
export const at = { length: 8, magic: 16, attributes: 21, lastDelta: 23, count: 57, records: 61 } as const

export const codecs = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const
export type CodecName = keyof typeof codecs

const compressors: Readonly<Record<CodecName, (bytes: Buffer) => Uint8Array>> = {
  none: bytes => bytes,
  gzip: bytes => gzipSync(bytes),
  snappy: bytes => snappy.compress(bytes),
  lz4: bytes => lz4.compress(bytes),
  zstd: bytes => zstdCompressSync(bytes),
}

/** A batch as a broker stores it. */
export const batchOf = async (
  records: readonly object[],
  codec: CodecName = 'none',
  firstOffset = 0,
): Promise<Buffer> => {
  const { buffer } = await RecordBatch({
    firstOffset,
    records: records.map((record, offsetDelta) => encodeRecord({ offsetDelta, ...record })),
    lastOffsetDelta: records.length - 1,
  })
  return withBody(buffer, codec, compressors[codec](buffer.subarray(at.records)))
}

/** The batch with another body, said to be compressed so. */
export const withBody = (batch: Buffer, codec: CodecName, body: Uint8Array): Buffer => {
  const changed = Buffer.concat([batch.subarray(0, at.records), body])
  changed.writeInt16BE((changed.readInt16BE(at.attributes) & ~0x07) | codecs[codec], at.attributes)
  changed.writeInt32BE(changed.length - 12, at.length)
  return changed
}

/** Record batches of a fetch. */
export const open = async (): Promise<Target> => {
  const records = [
    {
      key: 'k',
      value: Buffer.from('value'.repeat(20)),
      headers: { 'error.code': Buffer.from('X'), trace: Buffer.from('1') },
    },
    { key: null, value: null },
    { key: 'k2', value: Buffer.alloc(300, 'x') },
  ]
  const batches = await Promise.all(
    (Object.keys(codecs) as CodecName[]).flatMap(codec => [
      batchOf(records, codec),
      batchOf(records.slice(0, 1), codec, 7),
    ]),
  )
  const control = Buffer.from(batches[0] ?? [])
  control.writeInt16BE(0x30, at.attributes)
  return {
    seeds: [...batches, control, Buffer.concat(batches)],
    dictionary: ['\x82SNAPPY\x00', '\x04"M\x18', '(\xb5/\xfd', '\x1f\x8b\x08'],
    covers: ['/services/kafka/reading/', '/snappyjs/', '/lz4js/'],
    run: input => {
      readAnything(input)
    },
  }
}

/** Fails where a law is broken: broken bytes are said to be broken; there are no more records than bytes; offsets and times are numbers that a record can have. */
export const readAnything = (bytes: Buffer) => {
  let read: ReturnType<typeof decodeRecords>
  try {
    read = decodeRecords({ partition: 0, aborted: [{ producerId: 1, firstOffset: 0 }], bytes }, 'topic', 0)
  } catch (error) {
    assert.ok(error instanceof TributaryError, error as Error)
    return undefined
  }
  assert.ok(Number.isSafeInteger(read.next) && read.next >= 0, `goes on at ${read.next}`)
  for (const { offset, timestamp, headers } of read.records) {
    assert.ok(Number.isSafeInteger(offset) && offset >= 0 && offset < read.next, `offset ${offset}`)
    assert.ok(Number.isSafeInteger(timestamp), `timestamp ${timestamp}`)
    assert.ok(Object.values(headers).every(Buffer.isBuffer), 'a header is no bytes')
  }
  return read
}
