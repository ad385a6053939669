import type { Store, Table } from '../../store.ts'
import type { RecordChange, Records, Writer } from '../objects/records.ts'
import { typeBetween } from './association-types.ts'

/** A record at one end of an association. */
export interface End {
  /** Name of its object type. */
  readonly type: string
  readonly id: string
}

/** An association that was made or removed, as seen from one end. */
export interface AssociationChange {
  readonly from: End
  readonly to: End
  readonly typeId: number
  readonly removed: boolean
  readonly writer: Writer
}

/** Which records belong together. Whether they may is not asked here. */
export interface Associations {
  /** Ids of the live records of a type that a live record belongs together with, the lowest first. */
  of(from: End, toType: string): readonly string[]
  /** Does nothing when they belong together already. */
  add(from: End, to: End, writer: Writer): void
  /** Does nothing when they do not belong together. */
  remove(from: End, to: End, writer: Writer): void
  /** Lets associations follow the merges and erasures of these records. */
  follow(records: Records): void
  /** Calls the listener with each change, once from each end. What a merge moves is no change. */
  observe(listener: (change: AssociationChange) => void): void
  state(): { id: string; properties: Readonly<Record<string, string>> }[]
  /** Takes the state of the store again, after it was emptied. */
  reset(): void
}

type Pair = readonly [End, End]

/** @param isLive whether a record is there: associations of an archived one are back when it is restored */
export const createAssociations = (store: Store, isLive: (end: End) => boolean): Associations => {
  const rows: Table<Pair> = store.table('associations')
  const byEnd = new Map<string, Set<string>>()
  const listeners: ((change: AssociationChange) => void)[] = []
  const index = (key: string, pair: Pair): void => {
    for (const end of pair) byEnd.set(keyOf(end), (byEnd.get(keyOf(end)) ?? new Set()).add(key))
  }
  const reset = (): void => {
    byEnd.clear()
    for (const [key, pair] of rows.entries()) index(key, pair)
  }
  reset()
  const insert = (pair: Pair): void => {
    rows.set(keyOfPair(pair), pair)
    index(keyOfPair(pair), pair)
  }
  const take = (pair: Pair): void => {
    rows.delete(keyOfPair(pair))
    for (const end of pair) byEnd.get(keyOf(end))?.delete(keyOfPair(pair))
  }
  const pairsOf = (end: End): Pair[] =>
    [...(byEnd.get(keyOf(end)) ?? [])].map(key => rows.get(key)).filter(pair => pair !== undefined)
  const tell = (ends: Pair, removed: boolean, writer: Writer): void => {
    const operation = removed ? 'delete' : 'create'
    store.applied({ object: 'associations', id: keyOfPair(ordered(ends)), operation, properties: {} })
    for (const [from, to] of [ends, [ends[1], ends[0]] as const]) {
      const type = typeBetween(from.type, to.type)
      if (type) for (const listener of listeners) listener({ from, to, typeId: type.typeId, removed, writer })
    }
  }
  const move = (gone: End, survivor: End): void => {
    for (const pair of pairsOf(gone)) {
      take(pair)
      insert(ordered([otherEnd(pair, gone), survivor]))
    }
  }
  const follow = (type: string, { id, operation, after, merge }: RecordChange): void => {
    if (operation === 'merge' && merge) {
      const gone = [merge.primaryId, ...merge.mergedIds].filter(one => one !== id)
      for (const one of gone) move({ type, id: one }, { type, id })
    }
    if (after === undefined) for (const pair of pairsOf({ type, id })) take(pair)
  }
  return {
    of: (from, toType) =>
      isLive(from)
        ? pairsOf(from)
            .map(pair => otherEnd(pair, from))
            .filter(end => end.type === toType && isLive(end))
            .map(({ id }) => id)
            .sort((a, b) => Number(a) - Number(b))
        : [],
    add: (from, to, writer) => {
      const pair = ordered([from, to])
      if (rows.has(keyOfPair(pair))) return
      insert(pair)
      tell([from, to], false, writer)
    },
    remove: (from, to, writer) => {
      const pair = ordered([from, to])
      if (!rows.has(keyOfPair(pair))) return
      take(pair)
      tell([from, to], true, writer)
    },
    follow: records => records.observeChanges(change => follow(records.type.name, change)),
    observe: listener => {
      listeners.push(listener)
    },
    state: () =>
      [...rows.entries()]
        .filter(([, pair]) => pair.every(isLive))
        .map(([id, pair]) => ({ id, properties: Object.fromEntries(pair.map(end => [end.type, end.id])) })),
    reset,
  }
}

const keyOf = ({ type, id }: End): string => `${type} ${id}`

const keyOfPair = (pair: Pair): string => pair.map(keyOf).join(' ')

const ordered = ([a, b]: Pair): Pair => (keyOf(a) < keyOf(b) ? [a, b] : [b, a])

const otherEnd = ([a, b]: Pair, end: End): End => (keyOf(a) === keyOf(end) ? b : a)
