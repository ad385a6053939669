import type { Clock } from '../../runtime/clock.ts'
import type { Store } from '../store.ts'
import { stageAssociations } from './associations/asked.ts'
import { type Associations, createAssociations, type End } from './associations/associations.ts'
import { invalid } from './errors.ts'
import { type Batches, createBatches, seededShuffle } from './objects/batches.ts'
import { createHistory } from './objects/history.ts'
import { OBJECT_TYPES, type ObjectType } from './objects/object-types.ts'
import { presentRead, presentWrite } from './objects/presentation.ts'
import { type CrmRecord, createRecords, type Records, type Writer } from './objects/records.ts'
import { createSearchIndex, type SearchIndex } from './objects/search.ts'
import { createWriting, type Writing } from './objects/writing.ts'
import { createProperties, type Properties } from './properties/definitions.ts'

/** Everything of one object type. */
export interface PortalObjects {
  readonly type: ObjectType
  readonly properties: Properties
  readonly records: Records
  readonly writing: Writing
  readonly batches: Batches
  readonly index: SearchIndex
  /** What a read of one record answers. */
  present(record: CrmRecord, wanted: Wanted): object
}

/** What a read asks for of each record. */
export interface Wanted {
  /** Names; the type's own when there are none. */
  readonly properties: readonly string[]
  /** Of these, the earlier values too. */
  readonly propertiesWithHistory: readonly string[]
  /** Object types: the ids of the records of these that it belongs together with. */
  readonly associations?: readonly string[] | undefined
}

/** One HubSpot account. */
export interface Portal {
  readonly portalId: number
  /** As IANA names it. */
  readonly timeZone: string
  /** The app that the API's callers are. */
  readonly app: Writer
  /** By name (`contacts`), singular name or type id (`0-1`); refuses a type that the portal does not have. */
  objects(nameOrTypeId: string): PortalObjects
  all(): readonly PortalObjects[]
  readonly associations: Associations
  /** Removes a custom property; what was unique by it no longer is. */
  archiveProperty(nameOrTypeId: string, property: string): void
  /** The results of a batch, in an order that is not that of the inputs. */
  shuffled<Item>(results: Item[]): Item[]
  /** The time in ISO 8601. */
  now(): string
  /** Takes the state of the store again, after it was emptied. */
  reset(): void
}

export interface PortalOptions {
  readonly portalId: number
  readonly timeZone: string
  readonly appId: number
  /** How long a search does not see a write, in milliseconds. */
  readonly searchLagMs: number
  /** Whether the portal has HubSpot's beta under which a merged record keeps the primary's id. */
  readonly mergeKeepsPrimary: boolean
  /** Of the order of batch results. */
  readonly seed: number
  /** Whether activities take custom properties with unique values: HubSpot's documentation does not say. */
  readonly uniqueActivityProperties: boolean
}

export const createPortal = (store: Store, clock: Clock, options: PortalOptions): Portal => {
  const { portalId, mergeKeepsPrimary, searchLagMs } = options
  const app: Writer = { source: 'INTEGRATION', id: String(options.appId) }
  const shuffle = seededShuffle(options.seed)
  const isLive = ({ type, id }: End): boolean => objectsOf(type).records.resolve(id)?.id === id
  const associations = createAssociations(store, isLive)
  const associatedOf = (type: ObjectType, { id }: CrmRecord, others: readonly string[]): object => {
    const found = others.flatMap(other => {
      const { name, singular } = objectsOf(other).type
      const kind = `${type.singular}_to_${singular}`.toLowerCase()
      const results = associations.of({ type: type.name, id }, name).map(one => ({ id: one, type: kind }))
      return results.length > 0 ? [[name, { results }] as const] : []
    })
    return found.length > 0 ? { associations: Object.fromEntries(found) } : {}
  }
  const all = OBJECT_TYPES.map((type): PortalObjects => {
    const uniqueAllowed = !type.isActivity || options.uniqueActivityProperties
    const properties = createProperties(type, store, clock, uniqueAllowed)
    const records = createRecords(type, properties, store)
    const history = createHistory(records, store)
    associations.follow(records)
    const blocked = store.table<{ at: number }>(`blocked ${type.name}`)
    const writing = createWriting({ type, properties, blocked, clock, portalId, mergeKeepsPrimary })
    const batches = createBatches({
      records,
      writing,
      writer: app,
      present: (record, written, extra) => presentWrite(type, record, written, extra),
      associate: (draft, { id }, wanted) =>
        stageAssociations({ objects: objectsOf, associations }, draft, { type: type.name, id }, wanted),
      shuffle,
      now: clock.now,
    })
    return {
      type,
      properties,
      records,
      writing,
      batches,
      index: createSearchIndex(records, properties, clock, searchLagMs),
      present: (record, { properties: names, propertiesWithHistory: past, associations: others = [] }) => ({
        ...presentRead(type, record, names.length + past.length > 0 ? [...names, ...past] : []),
        ...(past.length > 0
          ? { propertiesWithHistory: Object.fromEntries(past.map(name => [name, history.of(record, name)])) }
          : {}),
        ...associatedOf(type, record, others),
      }),
    }
  })
  const byName = new Map<string, PortalObjects>()
  for (const objects of all) {
    const { name, typeId, singular } = objects.type
    for (const key of [name, typeId, singular.toLowerCase()]) byName.set(key, objects)
  }
  const objectsOf: Portal['objects'] = nameOrTypeId => {
    const objects = byName.get(nameOrTypeId.toLowerCase())
    if (!objects) throw invalid(`Unable to infer object type from: ${nameOrTypeId}`)
    return objects
  }
  return {
    portalId,
    timeZone: options.timeZone,
    app,
    objects: objectsOf,
    all: () => all,
    associations,
    archiveProperty: (nameOrTypeId, property) => {
      const { properties, records } = objectsOf(nameOrTypeId)
      properties.archive(property)
      records.reindex()
    },
    shuffled: shuffle,
    now: () => new Date(clock.now()).toISOString(),
    reset: () => {
      associations.reset()
      for (const { records, index } of all) {
        records.reindex()
        index.reset()
      }
    },
  }
}
