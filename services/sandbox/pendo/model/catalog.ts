import type { Store } from '../../store.ts'
import { objectId } from '../ids.ts'
import { EVENT_NAMES } from '../limits.ts'

export type ItemKind = 'Page' | 'Feature' | 'TrackType'

/** A page or feature that somebody tagged, or a name of track events. */
export interface Item {
  readonly id: string
  readonly kind: ItemKind
  readonly name: string
  readonly isCoreEvent: boolean
  /** Epoch milliseconds, as is the other. */
  readonly createdAt: number
  readonly lastUpdatedAt: number
  /** Of a feature: the page it is on. */
  readonly pageId?: string
}

/** What a product consists of, as Pendo knows it. */
export interface Catalog {
  all(kind: ItemKind): readonly Item[]
  get(id: string): Item | undefined
  find(kind: ItemKind, name: string): Item | undefined
  /** The track type of a name; made at its first event, unless there are as many as Pendo allows: then undefined. */
  trackType(name: string): Item | undefined
  /** Tags a page or a feature, or says again what it is. */
  put(item: Omit<Item, 'id' | 'createdAt' | 'lastUpdatedAt'>): Item
  remove(id: string): void
  reset(): void
}

export type TaggedItem = Pick<Item, 'kind' | 'name' | 'isCoreEvent'> & { readonly page?: string }

/**
 * @param tagged what the product has from the beginning
 * @param began when the subscription began, epoch milliseconds
 */
export const createCatalog = (
  store: Store,
  now: () => number,
  tagged: readonly TaggedItem[],
  began: number,
): Catalog => {
  const rows = store.table<Item>('item')
  const idOf = (kind: ItemKind, name: string): string => objectId(`${kind} ${name}`)
  const find: Catalog['find'] = (kind, name) => rows.get(idOf(kind, name))
  const all: Catalog['all'] = kind => [...rows.values()].filter(item => item.kind === kind)
  const put = (item: Omit<Item, 'id' | 'createdAt' | 'lastUpdatedAt'>, at: number): Item => {
    const id = idOf(item.kind, item.name)
    const row: Item = { ...item, id, createdAt: rows.get(id)?.createdAt ?? at, lastUpdatedAt: at }
    rows.set(id, row)
    return row
  }
  const seed = (): void => {
    for (const { page, ...item } of tagged)
      put(page === undefined ? item : { ...item, pageId: idOf('Page', page) }, began)
  }
  if (rows.size === 0) seed()
  return {
    all,
    get: id => rows.get(id),
    find,
    trackType: name => {
      const known = find('TrackType', name)
      if (known || all('TrackType').length >= EVENT_NAMES) return known
      return put({ kind: 'TrackType', name, isCoreEvent: false }, now())
    },
    put: item => put(item, now()),
    remove: id => rows.delete(id),
    reset: seed,
  }
}
