/** Reads the primitive types of Kafka's protocol from a buffer, front to back. Offsets and timestamps are exact up to 2^53. */
export class ByteReader {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  int8(): number {
    return this.bytes.readInt8(this.at++)
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.at)
    this.at += 2
    return value
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.at)
    this.at += 4
    return value
  }

  int64(): number {
    const value = this.bytes.readInt32BE(this.at) * 0x1_0000_0000 + this.bytes.readUInt32BE(this.at + 4)
    this.at += 8
    return value
  }

  uuid(): string {
    const value = this.bytes.toString('hex', this.at, this.at + 16)
    this.at += 16
    return value
  }

  unsignedVarint(): number {
    let value = 0
    let shift = 0
    let byte = this.next()
    while (byte > 0x7f) {
      value |= (byte & 0x7f) << shift
      shift += 7
      if (shift > 28) throw tooLong()
      byte = this.next()
    }
    return (value | (byte << shift)) >>> 0
  }

  /** A zigzag varint of 32 bits. */
  varint(): number {
    const value = this.unsignedVarint()
    return (value >>> 1) ^ -(value & 1)
  }

  /** A zigzag varint of 64 bits. */
  varlong(): number {
    let value = 0
    let scale = 1
    let byte = this.next()
    while (byte > 0x7f) {
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if (scale > 2 ** 63) throw tooLong()
      byte = this.next()
    }
    value += byte * scale
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** The next bytes, as a view; null for a negative length. Throws a `RangeError` when there are fewer. */
  view(length: number): Buffer | null {
    if (length < 0) return null
    const end = this.at + length
    if (end > this.bytes.length) throw new RangeError('The answer ended within a text.')
    const value = this.bytes.subarray(this.at, end)
    this.at = end
    return value
  }

  string(): string {
    return this.view(this.int16())?.toString() ?? ''
  }

  compactString(): string | null {
    return this.view(this.unsignedVarint() - 1)?.toString() ?? null
  }

  array<Item>(read: () => Item): Item[] {
    return this.times(this.int32(), read)
  }

  compactArray<Item>(read: () => Item): Item[] {
    return this.times(this.unsignedVarint() - 1, read)
  }

  /** Steps over the tagged fields that end a structure of the flexible protocol versions. */
  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint()
      this.at += this.unsignedVarint()
    }
  }

  private times<Item>(count: number, read: () => Item): Item[] {
    const items: Item[] = []
    for (let index = 0; index < count; index++) items.push(read())
    return items
  }

  private next(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new RangeError('The answer ended within a number.')
    return byte
  }
}

const tooLong = (): RangeError => new RangeError('A number takes more bytes than it may.')
