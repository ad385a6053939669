import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { TributaryError } from '../../runtime/errors.ts'

/** How record batches are compressed, by the number in their attributes. Every codec that a producer or a broker may use is read. */
const decompressors: readonly ((bytes: Buffer) => Buffer)[] = [
  bytes => bytes,
  bytes => gunzipSync(bytes),
  bytes => unsnappy(bytes),
  bytes => asBuffer(lz4.decompress(bytes)),
  bytes => zstdDecompressSync(bytes),
]

/** The records of a batch whose attributes name this codec. */
export const decompress = (codec: number, bytes: Buffer): Buffer => {
  const decompressor = decompressors[codec]
  if (decompressor) return decompressor(bytes)
  throw new TributaryError(
    'UNKNOWN_COMPRESSION',
    `Expected a record batch compressed by codec 0 to 4, got codec ${codec}.`,
  )
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

/** Java clients and brokers cut Snappy into blocks framed as snappy-java (xerial) does; librdkafka writes one bare block. */
const unsnappy = (bytes: Buffer): Buffer => {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return asBuffer(snappy.uncompress(bytes))
  const blocks: Uint8Array[] = []
  let at = xerialHeaderBytes
  while (at < bytes.length) {
    const start = at + 4
    const end = start + bytes.readUInt32BE(at)
    blocks.push(snappy.uncompress(bytes.subarray(start, end)))
    at = end
  }
  return Buffer.concat(blocks)
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
