import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { at, batchOf, type CodecName, codecs, readAnything, withBody } from './targets/record-batch.ts'

const names = Object.keys(codecs) as CodecName[]
const records = [
  { key: 'a', value: Buffer.from('value '.repeat(50)), headers: { 'error.code': Buffer.from('X') } },
  { key: null, value: null },
  { key: 'c', value: Buffer.alloc(0) },
]

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let left = value
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Buffer.from([...bytes, left])
}

/** A Snappy block that copies one byte again and again. */
const snappyOf = (unpacked: number): Buffer => {
  const copies = Math.floor((unpacked - 1) / 64)
  const copy = Buffer.from([(63 << 2) | 2, 1, 0])
  return Buffer.concat([varint(1 + copies * 64), Buffer.from([0, 0]), ...Array<Buffer>(copies).fill(copy)])
}

/** An LZ4 frame of blocks of 4 MiB, each one byte and a copy of it. */
const lz4Of = (blocks: number): Buffer => {
  const lengthBytes = Math.floor((4_194_304 - 20) / 255)
  const body = Buffer.concat([Buffer.from([0x1f, 0, 1, 0]), Buffer.alloc(lengthBytes, 255), Buffer.from([0, 0x10, 0])])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0])
  return Buffer.concat([head, ...Array<readonly Buffer[]>(blocks).fill([size, body]).flat(), Buffer.alloc(4)])
}

const gigabyte = 2 ** 30
/** Bodies that unpack to a gigabyte or claim to. They are made of parts: nothing here ever holds one unpacked. */
const bombs: Readonly<Record<Exclude<CodecName, 'none'>, () => Buffer>> = {
  gzip: () => Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(gigabyte / 16)))),
  zstd: () => Buffer.concat(Array<Buffer>(16).fill(zstdCompressSync(Buffer.alloc(gigabyte / 16)))),
  snappy: () => Buffer.concat([varint(gigabyte), snappyOf(1_000).subarray(2)]),
  lz4: () => lz4Of(256),
}

describe('a record batch', () => {
  for (const name of names) {
    it(`of codec ${name} gives its records back`, async () => {
      const read = readAnything(await batchOf(records, name, 5))
      assert.deepEqual(
        read?.records.map(({ offset, key, value, headers }) => [
          offset,
          key?.toString(),
          value?.length,
          Object.keys(headers),
        ]),
        [
          [5, 'a', 300, ['error.code']],
          [6, undefined, undefined, []],
          [7, 'c', 0, []],
        ],
      )
      assert.equal(read.next, 8)
    })

    it(`of codec ${name}, changed anywhere, is said to be broken or gives records no larger than it`, async () => {
      const batch = await batchOf(records, name)
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat({ max: batch.length - 1 }), fc.integer({ min: 0, max: 255 })), {
            minLength: 1,
            maxLength: 3,
          }),
          changes => {
            const changed = Buffer.from(batch)
            for (const [place, byte] of changes) changed[place] = byte
            readAnything(changed)
          },
        ),
        { numRuns: 1_000 },
      )
    })

    it(`of codec ${name}, cut anywhere and said to be whole, is said to be broken`, async () => {
      const batch = await batchOf(records, name)
      for (let length = at.records; length < batch.length; length++)
        assert.equal(
          readAnything(withBody(batch, name, batch.subarray(at.records, length))),
          undefined,
          `cut at ${length}`,
        )
    })
  }

  for (const [name, bomb] of Object.entries(bombs) as [CodecName, () => Buffer][]) {
    it(`of codec ${name} that unpacks to a gigabyte is refused, and no more is unpacked than may be held`, async () => {
      const batch = withBody(await batchOf(records), name, bomb())
      const before = process.memoryUsage().arrayBuffers
      const { decodeRecords } = await import('../../services/kafka/reading/record-batch.ts')
      assert.throws(() => decodeRecords({ partition: 0, aborted: [], bytes: batch }, 'topic', 0), {
        code: 'RECORD_BATCH_TOO_LARGE',
      })
      const grown = process.memoryUsage().arrayBuffers - before
      assert.ok(grown < gigabyte / 4, `${grown} bytes more are held`)
    })
  }

  for (const count of [4, 1_000, 2 ** 31 - 1, -1, 2]) {
    it(`of three records that counts ${count} is said to be broken`, async () => {
      const batch = await batchOf(records)
      batch.writeInt32BE(count, at.count)
      assert.equal(readAnything(batch), undefined)
    })
  }
})
