import avsc from 'avsc'

/**
 * avsc believes the item count of an array or map before it reads the items: four hostile bytes can claim billions and hang the process
 * (facts/kafka-clients.md §3). Every item of our schemas takes at least one byte, so a count beyond the bytes left is refused.
 * Importing this module replaces the four readers of avsc 5.7.
 */
interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  skipLong(): void
  readString(): string
  skipString(): void
}
interface Reader {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}

const readCount = (tap: Tap): number => {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.skipLong()
  }
  if (count > tap.buf.length - tap.pos) throw new Error('count exceeds the bytes left')
  return count
}

const forEachItem = (tap: Tap, visit: () => void): void => {
  for (let count = readCount(tap); count > 0; count = readCount(tap)) {
    for (let item = 0; item < count; item++) visit()
  }
}

Object.assign(avsc.types.ArrayType.prototype, {
  _read(this: { itemsType: Reader }, tap: Tap) {
    const items: unknown[] = []
    forEachItem(tap, () => items.push(this.itemsType._read(tap)))
    return items
  },
  _skip(this: { itemsType: Reader }, tap: Tap) {
    forEachItem(tap, () => this.itemsType._skip(tap))
  },
})

Object.assign(avsc.types.MapType.prototype, {
  _read(this: { valuesType: Reader }, tap: Tap) {
    const entries: Record<string, unknown> = {}
    forEachItem(tap, () => {
      const key = tap.readString()
      entries[key] = this.valuesType._read(tap)
    })
    return entries
  },
  _skip(this: { valuesType: Reader }, tap: Tap) {
    forEachItem(tap, () => {
      tap.skipString()
      this.valuesType._skip(tap)
    })
  },
})
