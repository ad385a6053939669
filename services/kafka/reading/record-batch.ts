import { TributaryError } from '../../runtime/errors.ts'
import type { StoredRecord } from '../kafka.ts'
import { ByteReader } from './byte-reader.ts'
import { decompress } from './compression.ts'
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
 */
export const decodeRecords = (
  fetched: Pick<FetchedPartition, 'partition' | 'aborted' | 'bytes'>,
  topic: string,
  from: number,
): DecodedRecords => {
  const { bytes } = fetched
  const reader = new ByteReader(bytes)
  const opening = fetched.aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const aborting = new Set<number>()
  const records: StoredRecord[] = []
  let next = from
  for (let start = 0; start + field.records <= bytes.length; ) {
    const end = start + 12 + bytes.readInt32BE(start + field.length)
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
  return {
    first,
    last: first + bytes.readInt32BE(start + field.lastDelta),
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

const readRecords = (batch: Batch, topic: string, partition: number, from: number, records: StoredRecord[]): void => {
  const reader = new ByteReader(decompress(batch.attributes & attribute.codec, batch.body))
  for (let index = 0; index < batch.count; index++) {
    const length = reader.varint()
    const end = reader.at + length
    reader.at++
    const time = batch.baseTime + reader.varlong()
    const offset = batch.first + reader.varint()
    if (offset >= from) {
      records.push({
        topic,
        partition,
        offset,
        timestamp: batch.attributes & attribute.appendTime ? batch.maxTime : time,
        key: reader.view(reader.varint()),
        value: reader.view(reader.varint()),
        headers: readHeaders(reader),
      })
    }
    reader.at = end
  }
}

const readHeaders = (reader: ByteReader): Readonly<Record<string, Buffer>> => {
  const count = reader.varint()
  if (count === 0) return noHeaders
  const pairs: [string, Buffer][] = []
  for (let index = 0; index < count; index++) {
    const name = reader.view(reader.varint())?.toString() ?? ''
    pairs.push([name, reader.view(reader.varint()) ?? noBytes])
  }
  return Object.fromEntries(pairs)
}
