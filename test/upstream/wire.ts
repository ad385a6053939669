/** Kafka's primitive types, for brokers made of a socket. Written without kafkajs, so that they are the same for every version of it. */

/** Written front to back. */
export class Writer {
  private room = Buffer.alloc(256)
  private length = 0

  get buffer(): Buffer {
    return this.room.subarray(0, this.length)
  }

  raw(bytes: Buffer): this {
    const at = this.take(bytes.length)
    bytes.copy(this.room, at)
    return this
  }

  int8(value: number): this {
    const at = this.take(1)
    this.room.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.take(2)
    this.room.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.take(4)
    this.room.writeInt32BE(value, at)
    return this
  }

  int64(value: number): this {
    const at = this.take(8)
    this.room.writeBigInt64BE(BigInt(value), at)
    return this
  }

  string(value: string | null): this {
    return value === null ? this.int16(-1) : this.int16(Buffer.byteLength(value)).raw(Buffer.from(value))
  }

  bytes(value: Buffer): this {
    return this.int32(value.length).raw(value)
  }

  array<Item>(items: readonly Item[], write: (item: Item, to: this) => unknown): this {
    this.int32(items.length)
    for (const item of items) write(item, this)
    return this
  }

  varint(value: number): this {
    return this.unsignedVarint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  unsignedVarint(value: number): this {
    let left = value
    for (; left > 0x7f; left = Math.floor(left / 0x80)) this.int8(((left % 0x80) | 0x80) - 0x100)
    return this.int8(left)
  }

  varintBytes(value: Buffer | null): this {
    return value === null ? this.varint(-1) : this.varint(value.length).raw(value)
  }

  compactString(value: string | null): this {
    return value === null
      ? this.unsignedVarint(0)
      : this.unsignedVarint(Buffer.byteLength(value) + 1).raw(Buffer.from(value))
  }

  compactArray<Item>(items: readonly Item[], write: (item: Item, to: this) => unknown): this {
    this.unsignedVarint(items.length + 1)
    for (const item of items) write(item, this)
    return this
  }

  /** Where the next bytes belong. */
  private take(length: number): number {
    const at = this.length
    this.length += length
    if (this.length > this.room.length) {
      const larger = Buffer.alloc(2 * this.length)
      this.room.copy(larger, 0, 0, at)
      this.room = larger
    }
    return at
  }
}

/** Read front to back. */
export class Reader {
  private readonly buffer: Buffer
  private at = 0

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  take(length: number): Buffer {
    this.at += length
    return this.buffer.subarray(this.at - length, this.at)
  }

  int8(): number {
    return this.take(1).readInt8()
  }

  int16(): number {
    return this.take(2).readInt16BE()
  }

  int32(): number {
    return this.take(4).readInt32BE()
  }

  int64(): number {
    return Number(this.take(8).readBigInt64BE())
  }

  string(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.take(length).toString()
  }

  bytes(): Buffer {
    return this.take(Math.max(this.int32(), 0))
  }

  array<Item>(read: (from: this) => Item): Item[] {
    return Array.from({ length: Math.max(this.int32(), 0) }, () => read(this))
  }

  varint(): number {
    const value = this.unsignedVarint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  unsignedVarint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.take(1).readUInt8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  varintBytes(): Buffer | null {
    const length = this.varint()
    return length < 0 ? null : this.take(length)
  }
}
