import { z } from 'zod'
import type { TrackKind } from '../../../schemas/generated.ts'
import { idText } from '../input/id-text.ts'
import type { PendoClient } from './rest/client.ts'
import { groupsOf } from './rest/paging.ts'

/** What of a product's use Pendo tells apart. */
export type UsageKind = Exclude<TrackKind, 'SCREEN'>

/** A page, a feature or a name of track events. */
export interface CatalogueItem {
  readonly kind: UsageKind
  readonly id: string
  /** As Pendo shows it; of track events the name that the product sends, which renaming them in Pendo does not change. */
  readonly name: string
  /** Whether somebody made it a Core Event. */
  readonly core: boolean
}

/** What a product consists of, as Pendo knew it when it was read. */
export interface Catalogue {
  byId(kind: UsageKind, id: string): CatalogueItem | undefined
  /** Of several of one name, as two apps may have, one that is a Core Event. */
  byName(kind: UsageKind, name: string): CatalogueItem | undefined
  readonly size: number
}

/** Pendo's names of each kind: the source of what is defined, and the source of its use with the field of the id in its rows. */
export const usageSources = {
  TRACK: { items: 'trackTypes', events: 'trackEvents', id: 'trackTypeId' },
  PAGE: { items: 'pages', events: 'pageEvents', id: 'pageId' },
  FEATURE: { items: 'features', events: 'featureEvents', id: 'featureId' },
} as const satisfies Readonly<Record<UsageKind, { items: string; events: string; id: string }>>

export const usageKinds = Object.keys(usageSources) as readonly UsageKind[]

/** All apps of the subscription: without it a source means the first one. */
export const allApps = { appId: 'expandAppIds("*")' } as const

/** That `isCoreEvent` says it is not documented (facts/pendo.md); without it nothing is one. */
const itemShape = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  trackTypeName: z.string().nullish(),
  isCoreEvent: z.boolean().nullish().catch(null),
})

/** Reads pages, features and names of track events. Throws a `PendoError`. */
export const readCatalogue = async (client: PendoClient, signal: AbortSignal): Promise<Catalogue> => {
  const items: CatalogueItem[] = []
  for (const kind of usageKinds) {
    const { items: source } = usageSources[kind]
    const read = { operation: `read-${source}`, stages: [{ source: { [source]: allApps } }], key: ['id'] }
    for await (const rows of groupsOf(client, read, { onTooMany: () => undefined }, signal))
      for (const row of rows) items.push(...itemsIn(kind, row))
  }
  return catalogueOf(items)
}

const itemsIn = (kind: UsageKind, row: unknown): readonly CatalogueItem[] => {
  const { data } = itemShape.safeParse(row)
  if (!data) return []
  const name = idText((kind === 'TRACK' ? data.trackTypeName : null) ?? data.name)
  return name === null ? [] : [{ kind, id: data.id, name, core: data.isCoreEvent === true }]
}

export const catalogueOf = (items: readonly CatalogueItem[]): Catalogue => {
  const byId = new Map<string, CatalogueItem>()
  const byName = new Map<string, CatalogueItem>()
  for (const item of items) {
    byId.set(`${item.kind} ${item.id}`, item)
    const named = `${item.kind} ${item.name}`
    if (item.core || !byName.has(named)) byName.set(named, item)
  }
  return {
    byId: (kind, id) => byId.get(`${kind} ${id}`),
    byName: (kind, name) => byName.get(`${kind} ${name}`),
    size: byId.size,
  }
}
