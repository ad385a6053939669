/**
 * 64-bit hashes of ids, two words each (high, low). They lie in Kafka (`segment-message-ids`), so the function is a format: test/producers/segment/deduplication.test.ts
 * holds its values. Two lanes of MurmurHash3 (x86, 32 bits) over UTF-16 units, mixed into each other at the end. Ids are random texts of SDKs, not an
 * attacker's: whoever has a write key may send what he likes anyhow, and to suppress somebody else's message he would have to know its id beforehand.
 */
export const hashesOf = (ids: readonly string[]): Uint32Array => {
  const words = new Uint32Array(ids.length * 2)
  for (let index = 0; index < ids.length; index++) writeHash(words, index * 2, ids[index] ?? '')
  return words
}

const writeHash = (words: Uint32Array, at: number, id: string): void => {
  let high = 0x9747b28c
  let low = 0x3c6ef372
  const { length } = id
  for (let unit = 0; unit < length; unit += 2) {
    const block = id.charCodeAt(unit) | ((unit + 1 < length ? id.charCodeAt(unit + 1) : 0) << 16)
    high = round(high, Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593))
    low = round(low, Math.imul(rotated(Math.imul(block, 0x239b961b), 16), 0x38b34ae5))
  }
  high = (high ^ length) + (low ^ length)
  low = low + high
  high = finished(high)
  low = finished(low)
  high = (high + low) | 0
  low = (low + high) | 0
  words[at] = high
  // Two zeros mean an empty place in the table.
  words[at + 1] = high === 0 && low === 0 ? 1 : low
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

const round = (lane: number, block: number): number => (Math.imul(rotated(lane ^ block, 13), 5) + 0xe6546b64) | 0

const finished = (word: number): number => {
  const first = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return second ^ (second >>> 16)
}
