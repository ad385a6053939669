import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { TributaryError } from '../../runtime/errors.ts'
import { ByteReader } from './byte-reader.ts'

/** The most that one batch may unpack to: sixty times the largest batch that brokers take unless told otherwise. A few kilobytes can claim gigabytes. */
export const longestUnpackedBytes = 64 * 1024 * 1024

/** What unpacks to more than may be held. */
export class UnpackedTooLarge extends Error {}

/** How record batches are compressed, by the number in their attributes. Every codec that a producer or a broker may use is read. */
const decompressors: readonly ((bytes: Buffer) => Buffer)[] = [
  bytes => bytes,
  bytes => bounded(() => gunzipSync(bytes, { maxOutputLength: longestUnpackedBytes })),
  bytes => unsnappy(bytes),
  bytes => unlz4(bytes),
  bytes => bounded(() => zstdDecompressSync(bytes, { maxOutputLength: longestUnpackedBytes })),
]

/** The records of a batch whose attributes name this codec. Throws `UnpackedTooLarge`, or any other error for bytes that are not so compressed. */
export const decompress = (codec: number, bytes: Buffer): Buffer => {
  const decompressor = decompressors[codec]
  if (decompressor) return decompressor(bytes)
  throw new TributaryError(
    'UNKNOWN_COMPRESSION',
    `Expected a record batch compressed by codec 0 to 4, got codec ${codec}.`,
  )
}

const bounded = (unpack: () => Buffer): Buffer => {
  try {
    return unpack()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new UnpackedTooLarge()
    throw error
  }
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

/** Java clients and brokers cut Snappy into blocks framed as snappy-java (xerial) does; librdkafka writes one bare block. */
const unsnappy = (bytes: Buffer): Buffer => {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappyBlock(bytes, longestUnpackedBytes)
  const blocks: Buffer[] = []
  let left = longestUnpackedBytes
  let at = xerialHeaderBytes
  while (at < bytes.length) {
    const start = at + 4
    const end = start + bytes.readUInt32BE(at)
    const block = snappyBlock(bytes.subarray(start, end), left)
    left -= block.length
    blocks.push(block)
    at = end
  }
  return Buffer.concat(blocks)
}

/** A block that makes as many bytes as it claims, and no more than these. */
const snappyBlock = (bytes: Buffer, mostBytes: number): Buffer => {
  const { claimed, made } = snappyLengths(bytes)
  if (claimed > mostBytes) throw new UnpackedTooLarge()
  if (claimed !== made) throw new RangeError('A Snappy block makes more or less than it claims.')
  return asBuffer(snappy.uncompress(bytes))
}

/** Bytes after the tag of a copy, by the tag's last two bits: they say where the copied bytes lie. */
const addressBytes: readonly number[] = [0, 1, 2, 4]

/**
 * How long a block says to become, and how long its elements make it. snappyjs makes room for what is claimed before it reads on, and takes a long literal's length
 * for a signed number, so that it may go back and read the same element for ever.
 */
const snappyLengths = (bytes: Buffer): { readonly claimed: number; readonly made: number } => {
  const reader = new ByteReader(bytes)
  const claimed = reader.unsignedVarint()
  let { at } = reader
  let made = 0
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at)
    const [kind, size] = [tag & 3, tag >> 2]
    at += 1
    if (kind === 0) {
      const lengthBytes = Math.max(0, size - 59)
      const length = 1 + (lengthBytes === 0 ? size : bytes.readUIntLE(at, lengthBytes))
      made += length
      at += lengthBytes + length
    } else {
      made += kind === 1 ? (size & 7) + 4 : size + 1
      at += addressBytes[kind] ?? 0
    }
  }
  if (at !== bytes.length) throw new RangeError('A Snappy block ends within an element.')
  return { claimed, made }
}

const frame = {
  magic: 0x184d2204,
  /** Bits of the first byte after the magic number. */
  version: { mask: 0xc0, value: 0x40 },
  blockChecksum: 0x10,
  contentSize: 0x08,
  /** Bit of a block's size: it is not compressed. */
  stored: 0x8000_0000,
} as const
/** By the number in the descriptor: the most bytes that a block of the frame unpacks to. */
const blockBytes: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }

/**
 * A frame of LZ4, block by block: lz4js itself believes every length in it, so that a few bytes keep it busy for minutes. A block may refer to bytes of those before
 * it, so they are unpacked into one buffer, which is as long as they can become.
 */
const unlz4 = (bytes: Buffer): Buffer => {
  const { blocks, mostBytes } = lz4Blocks(bytes)
  if (mostBytes > longestUnpackedBytes) throw new UnpackedTooLarge()
  const unpacked = Buffer.allocUnsafe(mostBytes)
  let length = 0
  for (const { block, isStored } of blocks) {
    length = isStored
      ? length + block.copy(unpacked, length)
      : lz4.decompressBlock(block, unpacked, 0, block.length, length)
    if (length > mostBytes) throw new RangeError('An LZ4 block unpacks to more than its frame allows.')
  }
  return unpacked.subarray(0, length)
}

interface Lz4Block {
  readonly block: Buffer
  readonly isStored: boolean
}

/** The blocks of a frame, none of them longer than it may be, and the most bytes that they unpack to. A byte unpacks to 255 at most. */
const lz4Blocks = (bytes: Buffer): { readonly blocks: readonly Lz4Block[]; readonly mostBytes: number } => {
  const flags = bytes.readUInt8(4)
  const largest = blockBytes[(bytes.readUInt8(5) >> 4) & 7]
  if (bytes.readUInt32LE(0) !== frame.magic || (flags & frame.version.mask) !== frame.version.value || !largest)
    throw new RangeError('An LZ4 frame begins otherwise.')
  const blocks: Lz4Block[] = []
  let mostBytes = 0
  let at = flags & frame.contentSize ? 15 : 7
  for (let head = bytes.readUInt32LE(at); head !== 0; head = bytes.readUInt32LE(at)) {
    const isStored = head >= frame.stored
    const size = isStored ? head - frame.stored : head
    const start = at + 4
    if (size > largest || start + size > bytes.length) throw new RangeError('An LZ4 block is longer than it may be.')
    blocks.push({ block: bytes.subarray(start, start + size), isStored })
    mostBytes += isStored ? size : Math.min(largest, size * 255)
    at = start + size + (flags & frame.blockChecksum ? 4 : 0)
  }
  return { blocks, mostBytes }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
