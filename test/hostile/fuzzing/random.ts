/** A stream of numbers that a seed decides (mulberry32): the same seed gives the same run. */
export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number
  /** One of the items; throws when there is none. */
  oneOf<Item>(items: readonly Item[]): Item
}

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    oneOf: items => {
      const item = items[below(items.length)]
      if (item === undefined && items.length === 0) throw new Error('Expected something to choose from, got nothing.')
      return item as (typeof items)[number]
    },
  }
}
