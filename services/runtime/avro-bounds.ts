import avsc from 'avsc'

/**
 * What avsc 5.7 believes and must not. Importing this module replaces its readers of arrays, maps and whole numbers, and its writers of texts.
 *
 * avsc believes the item count of an array or map before it reads the items: four hostile bytes can claim billions and hang the process
 * (facts/kafka-clients.md §3). Every item of our schemas takes at least one byte, so a count beyond the bytes left is refused, and so is a value with more items than
 * bytes: others' schemas may have items of no bytes (null), of which one block after the other can claim as many as there are bytes left.
 *
 * It takes whole numbers up to 2^53, yet works on their double (zigzag): beyond 2^52 a negative one silently turns positive.
 *
 * It reads whole numbers of 32 bits (`int`) however long they are, and refuses to write what it read.
 *
 * It writes half of a character (a lone surrogate) into short texts as three bytes that are no UTF-8, which strict readers of other languages refuse. It becomes
 * U+FFFD, as in long texts and in every other encoder of JavaScript.
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
  if (counted.tap !== tap) counted = { tap, items: 0 }
  counted.items += count
  if (counted.items > tap.buf.length) throw new Error('more items than bytes')
  return count
}

/** Items claimed so far in the value that is being read: one is read to its end before the next begins. */
let counted: { readonly tap: Tap | undefined; items: number } = { tap: undefined, items: 0 }

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

Object.assign(avsc.types.IntType.prototype, {
  _read(tap: Tap) {
    const value = tap.readLong()
    if (value !== (value | 0)) throw new Error('a number beyond 32 bits')
    return value
  },
})

const { _write: writeText } = avsc.types.StringType.prototype as unknown as { _write(tap: Tap, value: unknown): void }

Object.assign(avsc.types.StringType.prototype, {
  _write(this: unknown, tap: Tap, value: unknown) {
    writeText.call(this, tap, typeof value === 'string' ? value.toWellFormed() : value)
  },
})

const { _write: writeMap } = avsc.types.MapType.prototype as unknown as { _write(tap: Tap, value: unknown): void }

Object.assign(avsc.types.MapType.prototype, {
  _write(this: unknown, tap: Tap, entries: unknown) {
    writeMap.call(this, tap, isMap(entries) ? withWellFormedKeys(entries) : entries)
  },
})

type Entries = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Entries => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The map itself unless a key has to change. */
const withWellFormedKeys = (entries: Entries): Entries =>
  Object.keys(entries).every(key => key.isWellFormed())
    ? entries
    : Object.fromEntries(Object.entries(entries).map(([key, value]) => [key.toWellFormed(), value]))
