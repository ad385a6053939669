import { TributaryError } from '../../runtime/errors.ts'
import type { StoredRecord } from '../kafka.ts'
import { ByteReader } from './byte-reader.ts'
import { decompress, longestUnpackedBytes, UnpackedTooLarge } from './compression.ts'
import type { FetchedPartition } from './fetch-request.ts'

/** Where the fields of a record batch (magic 2) lie, counted from its first byte. */
const field = {
  length: 8,
  magic: 16,
  attributes: 21,
  lastDelta: 23,
  baseTime: 27,
  maxTime: 35,
  producer: 43,
  count: 57,
  records: 61,
}
const attribute = { codec: 0x07, appendTime: 0x08, transactional: 0x10, control: 0x20 }

const noHeaders: Readonly<Record<string, Buffer>> = Object.freeze({})
const noBytes = Buffer.alloc(0)

export interface DecodedRecords {
  /** The committed data records at or after the offset asked for, in order. */
  readonly records: StoredRecord[]
  /** The offset after the last whole batch: control records, aborted records and what compaction removed are stepped over. */
  readonly next: number
}

/**
 * Reads the whole batches of a fetched partition from offset `from` on. Keys, values and headers are views into the fetched bytes.
 *
 * A broker lists aborted transactions in the order in which they ended, several may be open where the fetch begins, and only a control record
 * ends one (kafkajs' filter errs on all three: it takes the list as sorted by first offset, takes one entry per record, and mistakes a key of
 * four zero bytes for an end).
 *
 * Throws `RECORD_BATCH_BROKEN` for bytes that are no record batch, whatever lengths and counts they claim, and `RECORD_BATCH_TOO_LARGE` for one that unpacks to more
 * than may be held.
 */
export const decodeRecords = (fetched: Fetched, topic: string, from: number): DecodedRecords => {
  try {
    return decodeBatches(fetched, topic, from)
  } catch (error) {
    if (error instanceof TributaryError) throw error
    throw error instanceof UnpackedTooLarge
      ? unpacksTooLarge(topic, fetched.partition, from)
      : broken(topic, fetched.partition, from)
  }
}

type Fetched = Pick<FetchedPartition, 'partition' | 'aborted' | 'bytes'>

const decodeBatches = (fetched: Fetched, topic: string, from: number): DecodedRecords => {
  const { bytes } = fetched
  const reader = new ByteReader(bytes)
  const opening = fetched.aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const aborting = new Set<number>()
  const records: StoredRecord[] = []
  let next = from
  for (let start = 0; start + field.records <= bytes.length; ) {
    const end = start + 12 + bytes.readInt32BE(start + field.length)
    if (end < start + field.records) throw new RangeError('A batch is shorter than its head.')
    if (end > bytes.length) break
    const batch = readHeader(reader, start, end)
    while (opening[0] && opening[0].firstOffset <= batch.last) aborting.add(opening.shift()?.producerId ?? -1)
    if (batch.attributes & attribute.control) {
      if (isAbortMarker(batch)) aborting.delete(batch.producerId)
    } else if (!(batch.attributes & attribute.transactional && aborting.has(batch.producerId))) {
      readRecords(batch, topic, fetched.partition, from, records)
    }
    next = Math.max(next, batch.last + 1)
    start = end
  }
  return { records, next }
}

interface Batch {
  readonly first: number
  readonly last: number
  readonly attributes: number
  readonly baseTime: number
  readonly maxTime: number
  readonly producerId: number
  readonly count: number
  readonly body: Buffer
}

const readHeader = (reader: ByteReader, start: number, end: number): Batch => {
  const { bytes } = reader
  const magic = bytes.readInt8(start + field.magic)
  if (magic !== 2) {
    throw new TributaryError(
      'OLD_MESSAGE_FORMAT',
      `Expected record batches of format 2 (Kafka 0.11 and later), got format ${magic}.`,
    )
  }
  const long = (at: number): number => {
    reader.at = start + at
    return reader.int64()
  }
  const first = long(0)
  const last = first + bytes.readInt32BE(start + field.lastDelta)
  if (first < 0 || last < first || last >= Number.MAX_SAFE_INTEGER) throw new RangeError('Offsets are out of order.')
  return {
    first,
    last,
    attributes: bytes.readInt16BE(start + field.attributes),
    baseTime: long(field.baseTime),
    maxTime: long(field.maxTime),
    producerId: long(field.producer),
    count: bytes.readInt32BE(start + field.count),
    body: bytes.subarray(start + field.records, end),
  }
}

/** A control record's key is a version and a type, 0 for abort; compaction may have left the batch empty. */
const isAbortMarker = (batch: Batch): boolean => {
  if (batch.count === 0) return false
  const reader = new ByteReader(batch.body)
  reader.varint()
  reader.int8()
  reader.varlong()
  reader.varint()
  const key = reader.view(reader.varint())
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0
}

/** Every record is as long as it says, and there are as many as the batch says. */
const readRecords = (batch: Batch, topic: string, partition: number, from: number, records: StoredRecord[]): void => {
  if (batch.count === 0) return
  const reader = new ByteReader(decompress(batch.attributes & attribute.codec, batch.body))
  for (let index = 0; index < batch.count; index++) {
    const length = reader.varint()
    const end = reader.at + length
    if (length < 0 || end > reader.bytes.length) throw new RangeError('A record is longer than its batch.')
    reader.at++
    const time = batch.baseTime + reader.varlong()
    const offset = batch.first + reader.varint()
    if (offset < batch.first || offset > batch.last) throw new RangeError('A record lies outside its batch.')
    if (offset >= from) {
      records.push({
        topic,
        partition,
        offset,
        timestamp: asDate(batch.attributes & attribute.appendTime ? batch.maxTime : time),
        key: reader.view(reader.varint()),
        value: reader.view(reader.varint()),
        headers: readHeaders(reader),
      })
      if (reader.at > end) throw new RangeError('A record holds more than its length.')
    }
    reader.at = end
  }
  if (reader.at !== reader.bytes.length) throw new RangeError('A batch holds more than its count.')
}

/** The first and the last time that can be written as a date: a producer may put any 64 bits there. */
const latestTime = 8.64e15
const asDate = (time: number): number => Math.max(-latestTime, Math.min(latestTime, time))

const readHeaders = (reader: ByteReader): Readonly<Record<string, Buffer>> => {
  const count = reader.varint()
  if (count === 0) return noHeaders
  if (count < 0) throw new RangeError('A record has fewer than no headers.')
  const pairs: [string, Buffer][] = []
  for (let index = 0; index < count; index++) {
    const name = reader.view(reader.varint())?.toString() ?? ''
    pairs.push([name, reader.view(reader.varint()) ?? noBytes])
  }
  return Object.fromEntries(pairs)
}

const broken = (topic: string, partition: number, from: number): TributaryError =>
  new TributaryError(
    'RECORD_BATCH_BROKEN',
    `Expected whole record batches of ${topic}, partition ${partition}, from offset ${from} on, but their lengths, counts or compression are wrong. Look at the partition with kafka-dump-log on each replica, and move the group past what is broken.`,
  )

const unpacksTooLarge = (topic: string, partition: number, from: number): TributaryError =>
  new TributaryError(
    'RECORD_BATCH_TOO_LARGE',
    `Expected each record batch of ${topic}, partition ${partition}, from offset ${from} on to unpack to at most ${longestUnpackedBytes} bytes, but one is larger. Let its producer write smaller batches, and move the group past it.`,
  )
