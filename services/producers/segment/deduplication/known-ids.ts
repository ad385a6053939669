/** Ids taken lately, by their hashes. Nothing is forgotten before its time, except the oldest when there are more than it may hold. */
export interface KnownIds {
  /** @param index of the hash among `hashes`, two words each */
  has(hashes: Uint32Array, index: number): boolean
  /** @param now milliseconds since the epoch; an earlier one than at a former call counts as that */
  add(hashes: Uint32Array, index: number, now: number): void
  /** Lets go what is over its time. */
  advance(now: number): void
  /** Ids that are known. */
  size(): number
  /** Bytes of memory that they take. */
  bytes(): number
}

export interface KnownIdsOptions {
  /** How long an id is known at least. At most a 720th longer. */
  readonly keptForMs: number
  /** Most ids; of more the oldest are forgotten, a 64th at a time. */
  readonly capacity: number
}

/** Parts of the time, and of the capacity, that are forgotten at once. */
const spansOfTime = 720
const spansOfCapacity = 64
/** Shards of the table: each is rebuilt alone, so that growing never holds the process up for more than some milliseconds. */
const shardBits = 12
const shardCount = 1 << shardBits

/** Ids that were taken one after the other and are forgotten together. */
interface Span {
  readonly startedAt: number
  count: number
}

export const createKnownIds = (options: KnownIdsOptions): KnownIds => new SpannedIds(options)

class SpannedIds implements KnownIds {
  readonly #keptForMs: number
  readonly #capacity: number
  readonly #spanMs: number
  readonly #spanCount: number
  readonly #shards: readonly Shard[] = Array.from({ length: shardCount }, () => new Shard())
  /** The live spans, the oldest first; the last one takes. Its number is that of the first plus its place. */
  readonly #spans: Span[] = []
  #firstSpan = 0
  #size = 0
  #bytes = shardCount * new Shard().bytes
  #now = Number.NEGATIVE_INFINITY

  constructor({ keptForMs, capacity }: KnownIdsOptions) {
    this.#keptForMs = keptForMs
    this.#capacity = capacity
    this.#spanMs = Math.ceil(keptForMs / spansOfTime)
    this.#spanCount = Math.ceil(capacity / spansOfCapacity)
  }

  has(hashes: Uint32Array, index: number): boolean {
    const high = hashes[index * 2] ?? 0
    return this.#shardOf(high).has(high, hashes[index * 2 + 1] ?? 0, this.#live())
  }

  add(hashes: Uint32Array, index: number, now: number): void {
    this.advance(now)
    if (this.#size >= this.#capacity) this.#forgetFirst()
    const span = this.#takingSpan()
    const high = hashes[index * 2] ?? 0
    const shard = this.#shardOf(high)
    const before = shard.bytes
    const isNew = shard.add(high, hashes[index * 2 + 1] ?? 0, this.#live())
    this.#bytes += shard.bytes - before
    if (!isNew) return
    span.count += 1
    this.#size += 1
  }

  advance(now: number): void {
    this.#now = Math.max(this.#now, now)
    for (let [first, next] = this.#spans; first; [first, next] = this.#spans) {
      const endedAt = Math.min(next?.startedAt ?? this.#now, first.startedAt + this.#spanMs)
      if (endedAt + this.#keptForMs > this.#now) return
      this.#forgetFirst()
    }
  }

  size(): number {
    return this.#size
  }

  bytes(): number {
    return this.#bytes
  }

  #shardOf(high: number): Shard {
    return this.#shards[high >>> (32 - shardBits)] as Shard
  }

  #live(): LiveSpans {
    return { last: this.#firstSpan + this.#spans.length - 1, count: this.#spans.length }
  }

  #takingSpan(): Span {
    const last = this.#spans.at(-1)
    if (last && this.#now - last.startedAt < this.#spanMs && last.count < this.#spanCount) return last
    const span = { startedAt: this.#now, count: 0 }
    this.#spans.push(span)
    // Each shard in turn: so none holds a dead place for so long that its span's number comes round again.
    const live = this.#live()
    const shard = this.#shards[live.last % shardCount] as Shard
    const before = shard.bytes
    shard.rebuild(live)
    this.#bytes += shard.bytes - before
    return span
  }

  #forgetFirst(): void {
    const first = this.#spans.shift()
    if (!first) return
    this.#firstSpan += 1
    this.#size -= first.count
  }
}

/** The spans that count: the `count` ones up to `last`. A place of any other is dead. */
interface LiveSpans {
  readonly last: number
  readonly count: number
}

const fewestPlaces = 16
/** Places that may be taken, and those made for each live id when a shard is built anew. */
const fullest = 0.75
const placesPerId = 1.6
/** Numbers of spans are kept in 16 bits. */
const spanMask = 0xffff

/** Two words and a span for each place, and at most so many places for each id (when there are many; a table of few has a fixed size). */
export const bytesPerId = Math.ceil(placesPerId * (2 * Uint32Array.BYTES_PER_ELEMENT + Uint16Array.BYTES_PER_ELEMENT))

/** A hash table with linear probing: two words and the span of each id, and no object at all. */
class Shard {
  #words = new Uint32Array(fewestPlaces * 2)
  #spans = new Uint16Array(fewestPlaces)
  /** Places that are taken, dead ones too. */
  #taken = 0

  get bytes(): number {
    return this.#words.byteLength + this.#spans.byteLength
  }

  has(high: number, low: number, live: LiveSpans): boolean {
    const place = this.#placeOf(high, low)
    return this.#isTaken(place) && this.#isLive(place, live)
  }

  /** False for what is known already. */
  add(high: number, low: number, live: LiveSpans): boolean {
    let place = this.#placeOf(high, low)
    if (this.#isTaken(place)) {
      if (this.#isLive(place, live)) return false
    } else {
      if (this.#taken + 1 > this.#spans.length * fullest) {
        this.rebuild(live)
        place = this.#placeOf(high, low)
      }
      this.#taken += 1
    }
    this.#put(place, high, low, live.last & spanMask)
    return true
  }

  /** Leaves the dead out, and makes room for more. */
  rebuild(live: LiveSpans): void {
    const [words, spans] = [this.#words, this.#spans]
    const isAlive = (place: number): boolean =>
      (words[place * 2] !== 0 || words[place * 2 + 1] !== 0) &&
      ((live.last - (spans[place] ?? 0)) & spanMask) < live.count
    let alive = 0
    for (let place = 0; place < spans.length; place++) if (isAlive(place)) alive += 1
    const places = Math.max(fewestPlaces, Math.ceil((alive + 1) * placesPerId))
    this.#words = new Uint32Array(places * 2)
    this.#spans = new Uint16Array(places)
    this.#taken = alive
    for (let place = 0; place < spans.length; place++) {
      if (!isAlive(place)) continue
      const [high, low] = [words[place * 2] ?? 0, words[place * 2 + 1] ?? 0]
      this.#put(this.#placeOf(high, low), high, low, spans[place] ?? 0)
    }
  }

  #put(place: number, high: number, low: number, span: number): void {
    this.#words[place * 2] = high
    this.#words[place * 2 + 1] = low
    this.#spans[place] = span
  }

  /** Where the hash is, or the empty place where it would be. */
  #placeOf(high: number, low: number): number {
    const words = this.#words
    const places = this.#spans.length
    let place = Math.floor(((low >>> 0) / 0x1_0000_0000) * places)
    while (words[place * 2] !== high || words[place * 2 + 1] !== low) {
      if (!this.#isTaken(place)) return place
      place = place + 1 === places ? 0 : place + 1
    }
    return place
  }

  #isTaken(place: number): boolean {
    return this.#words[place * 2] !== 0 || this.#words[place * 2 + 1] !== 0
  }

  #isLive(place: number, { last, count }: LiveSpans): boolean {
    return ((last - (this.#spans[place] ?? 0)) & spanMask) < count
  }
}
