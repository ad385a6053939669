import { crc32c } from '../client/internals.ts'

/** A record as kafkajs hands it to a request. */
export interface BatchRecord {
  readonly key?: string | Buffer | null
  readonly value: Buffer | string | null
  readonly headers?: Readonly<Record<string, string | Buffer>>
  /** Milliseconds since the epoch. */
  readonly timestamp: string | number
}

export interface Batch {
  readonly records: readonly BatchRecord[]
  readonly transactional: boolean
  /** -1 for none. */
  readonly producerId: string | number
  readonly producerEpoch: number
  readonly firstSequence: number
}

const batchHeaderBytes = 61
const magic = 2
const transactionalAttribute = 0x10
const crcAt = 17
const checkedFrom = 21
/** A record's attributes: none is in use. */
const attributesBytes = 1

/**
 * Encodes a record batch (magic 2, not compressed; "Record Batch" in Kafka's protocol guide) into memory of exactly its size. kafkajs makes a zeroed buffer of half a
 * kilobyte for every record, every header and every array, and copies each into the next larger one.
 */
export const encodeBatch = (batch: Batch): Buffer => {
  const { records } = batch
  const times = records.map(({ timestamp }) => Number(timestamp))
  const first = times.reduce((least, time) => Math.min(least, time))
  const sizes = records.map((record, index) => bodySize(record, (times[index] ?? 0) - first, index))
  const size = sizes.reduce((sum, body) => sum + varintSize(body) + body, batchHeaderBytes)
  const bytes = Buffer.allocUnsafe(size)
  writeHeader(
    bytes,
    batch,
    first,
    times.reduce((most, time) => Math.max(most, time)),
  )
  const writer = new Writer(bytes, batchHeaderBytes)
  for (const [index, record] of records.entries())
    writeRecord(writer, record, { size: sizes[index] ?? 0, timeDelta: (times[index] ?? 0) - first, index })
  bytes.writeUInt32BE(crc32c(bytes.subarray(checkedFrom)), crcAt)
  return bytes
}

const writeHeader = (bytes: Buffer, batch: Batch, firstTime: number, lastTime: number): void => {
  bytes.writeBigInt64BE(0n, 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(0, 12)
  bytes.writeInt8(magic, 16)
  bytes.writeInt16BE(batch.transactional ? transactionalAttribute : 0, checkedFrom)
  bytes.writeInt32BE(batch.records.length - 1, 23)
  bytes.writeBigInt64BE(BigInt(firstTime), 27)
  bytes.writeBigInt64BE(BigInt(lastTime), 35)
  bytes.writeBigInt64BE(BigInt(batch.producerId), 43)
  bytes.writeInt16BE(batch.producerEpoch, 51)
  bytes.writeInt32BE(batch.firstSequence, 53)
  bytes.writeInt32BE(batch.records.length, 57)
}

const bodySize = ({ key, value, headers = {} }: BatchRecord, timeDelta: number, index: number): number => {
  let size = attributesBytes + varintSize(timeDelta) + varintSize(index) + partSize(key) + partSize(value)
  let count = 0
  for (const name in headers) {
    size += partSize(name) + partSize(headers[name])
    count += 1
  }
  return size + varintSize(count)
}

const writeRecord = (
  writer: Writer,
  { key, value, headers = {} }: BatchRecord,
  { size, timeDelta, index }: { readonly size: number; readonly timeDelta: number; readonly index: number },
): void => {
  writer.varint(size)
  writer.zero()
  writer.varint(timeDelta)
  writer.varint(index)
  writer.part(key)
  writer.part(value)
  const names = Object.keys(headers)
  writer.varint(names.length)
  for (const name of names) {
    writer.part(name)
    writer.part(headers[name])
  }
}

const byteLength = (part: string | Buffer): number => (typeof part === 'string' ? Buffer.byteLength(part) : part.length)

const partSize = (part: string | Buffer | null | undefined): number => {
  if (part === null || part === undefined) return varintSize(-1)
  const length = byteLength(part)
  return varintSize(length) + length
}

/** Bytes of a zigzag varint; exact up to 2^52, which a length or a distance in milliseconds never reaches. */
const varintSize = (value: number): number => {
  let rest = zigzag(value)
  let size = 1
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80)
    size += 1
  }
  return size
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

class Writer {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  zero(): void {
    this.#bytes[this.#at++] = 0
  }

  varint(value: number): void {
    let rest = zigzag(value)
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }

  /** A length and so many bytes; null is the length -1. */
  part(part: string | Buffer | null | undefined): void {
    if (part === null || part === undefined) {
      this.varint(-1)
      return
    }
    this.varint(byteLength(part))
    this.#at += typeof part === 'string' ? this.#bytes.write(part, this.#at) : part.copy(this.#bytes, this.#at)
  }
}
