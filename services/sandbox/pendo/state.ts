import type { Vendor } from '../vendor-server.ts'
import type { Item, ItemKind } from './model/catalog.ts'
import type { Profile } from './model/profiles.ts'
import type { Subscription } from './model/subscription.ts'
import type { UsageRow } from './model/usage.ts'

/** What `GET /_sandbox/state` shows, in the words of aggregations; usage that is not processed yet is in it too. */
export const stateOf = ({ profiles, catalog, usage, unprocessed }: Subscription): ReturnType<Vendor['state']> => {
  const people = (list: readonly Profile[]) => list.map(({ id, metadata }) => ({ id, properties: { ...metadata } }))
  const items = (kind: ItemKind) => catalog.all(kind).map(({ id, ...item }: Item) => ({ id, properties: { ...item } }))
  const rows = usage.read(Number.POSITIVE_INFINITY)
  const used = (source: UsageRow['source']) =>
    rows.filter(row => row.source === source).map(({ id, ...row }) => ({ id, properties: { ...row } }))
  return {
    visitors: people(profiles.all('visitor')),
    accounts: people(profiles.all('account')),
    pages: items('Page'),
    features: items('Feature'),
    trackTypes: items('TrackType'),
    pageEvents: used('pageEvents'),
    featureEvents: used('featureEvents'),
    trackEvents: used('trackEvents'),
    unprocessed: unprocessed.all().map(({ reason, ...row }) => ({ id: reason, properties: { ...row } })),
  }
}
