import { Reader, Writer } from './wire.ts'

/** A record batch (magic 2) as a broker stores it. */
export interface BatchOptions {
  /** Offset of the first record. */
  readonly at: number
  readonly records?: readonly { readonly key?: Buffer | null; readonly value?: Buffer | null }[]
  /** Last offset minus first; more than the records take where compaction has removed some. */
  readonly lastDelta?: number
  readonly producerId?: number
  readonly transactional?: boolean
  readonly control?: boolean
  /** 1 gzip, 2 Snappy, 3 LZ4, 4 Zstandard; then `body` is the compressed form of the records. */
  readonly codec?: number
  readonly body?: Buffer
  readonly crc?: number
}

const attributesAt = 21
const countAt = 57
const recordsAt = 61

export const recordBatch = (options: BatchOptions): Buffer => {
  const { at, records = [], lastDelta = Math.max(records.length - 1, 0), producerId = -1, codec = 0 } = options
  const attributes = codec | (options.transactional ? 0x10 : 0) | (options.control ? 0x20 : 0)
  const content = new Writer()
    .int16(attributes)
    .int32(lastDelta)
    .int64(0)
    .int64(0)
    .int64(producerId)
    .int16(0)
    .int32(-1)
    .int32(records.length)
    .raw(options.body ?? recordsOf(records)).buffer
  const batch = new Writer()
    .int32(0)
    .int8(2)
    .int32((options.crc ?? crc32c(content)) | 0)
    .raw(content).buffer
  return new Writer().int64(at).bytes(batch).buffer
}

/** The records of a batch as they are when they are not compressed. */
export const recordsOf = (records: NonNullable<BatchOptions['records']>): Buffer => {
  const all = new Writer()
  records.forEach(({ key = null, value = null }, index) => {
    const rest = varintBytesSize(key) + varintBytesSize(value) + varintSize(index) + 3
    all.varint(rest).int8(0).varint(0).varint(index).varintBytes(key).varintBytes(value).varint(0)
  })
  return all.buffer
}

const varintSize = (value: number): number => {
  let size = 1
  for (let left = 2 * value; left > 0x7f; left = Math.floor(left / 0x80)) size++
  return size
}

const varintBytesSize = (bytes: Buffer | null): number => (bytes === null ? 1 : varintSize(bytes.length) + bytes.length)

export const textRecord = (value: string, key?: Buffer) => ({ key: key ?? null, value: Buffer.from(value) })

/** The control batch that ends a transaction by an abort. */
export const abortMarker = (at: number, producerId: number): Buffer =>
  recordBatch({
    at,
    producerId,
    transactional: true,
    control: true,
    records: [{ key: Buffer.from([0, 0, 0, 0]), value: Buffer.alloc(6) }],
  })

export interface SentBatch {
  readonly producerId: number
  readonly sequence: number
  readonly values: readonly string[]
}

/** What a producer has put into a request. */
export const readBatch = (bytes: Buffer): SentBatch => {
  const header = new Reader(bytes.subarray(attributesAt + 22))
  const producerId = header.int64()
  header.int16()
  const sequence = header.int32()
  const from = new Reader(bytes.subarray(recordsAt))
  const values = Array.from({ length: bytes.readInt32BE(countAt) }, () => {
    const record = new Reader(from.varintBytes() ?? Buffer.alloc(0))
    record.int8()
    record.varint()
    record.varint()
    record.varintBytes()
    return `${record.varintBytes()?.toString()}`
  })
  return { producerId, sequence, values }
}

const polynomial = 0x82f63b78

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
  return value
})

/** CRC-32C (Castagnoli), as record batches carry it. */
const crc32c = (bytes: Buffer): number => {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
