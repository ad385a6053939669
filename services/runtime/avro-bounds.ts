import avsc from 'avsc'

/**
 * What avsc 5.7 believes and must not. Importing this module replaces its readers of arrays, maps and whole numbers.
 *
 * avsc believes the item count of an array or map before it reads the items: four hostile bytes can claim billions and hang the process
 * (facts/kafka-clients.md §3). Every item of our schemas takes at least one byte, so a count beyond the bytes left is refused.
 *
 * It takes whole numbers up to 2^53, yet works on their double (zigzag): beyond 2^52 a negative one silently turns positive.
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

/** An assignment to `__proto__` would set the prototype and lose the entry. */
const ownProperty = { enumerable: true, configurable: true, writable: true } as const

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
      const value = this.valuesType._read(tap)
      if (key === '__proto__') Object.defineProperty(entries, key, { value, ...ownProperty })
      else entries[key] = value
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

const largestExact = 2 ** 52

const isExact = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) <= largestExact

const { _write: writeLong, _check: checkLong } = avsc.types.LongType.prototype as unknown as {
  _write(tap: Tap, value: unknown): void
  _check(value: unknown, flags: unknown, hook?: (value: unknown, type: unknown) => void): boolean
}

Object.assign(avsc.types.LongType.prototype, {
  _read(tap: Tap) {
    const value = tap.readLong()
    if (!isExact(value)) throw new Error('potential precision loss')
    return value
  },
  _write(this: unknown, tap: Tap, value: unknown) {
    writeLong.call(this, tap, isExact(value) ? value : Number.NaN)
  },
  _check(this: unknown, value: unknown, flags: unknown, hook?: (value: unknown, type: unknown) => void) {
    return checkLong.call(this, isExact(value) ? value : Number.NaN, flags, hook)
  },
})
