import type { Clock } from '../../../runtime/clock.ts'
import { HubSpotRefusal, missingRecords } from '../errors.ts'
import { isoTime } from '../properties/values.ts'
import { assertComplete, assertUnique, checkedValues, type Rules } from './checks.ts'
import { LIFECYCLE_STAGES, type ObjectType, type Values } from './object-types.ts'
import { type CrmRecord, type Draft, listOf, type Writer } from './records.ts'

/** HubSpot's rules for a write to one record. Every function changes the draft only, and throws a HubSpotRefusal. */
export interface Writing {
  create(draft: Draft, properties: Values): CrmRecord
  update(draft: Draft, record: CrmRecord, properties: Values): CrmRecord
  /** Finds by a unique property, by record id without one; creates what is not there. */
  upsert(
    draft: Draft,
    input: { id: string; idProperty?: string | undefined; properties: Values },
  ): { record: CrmRecord; created: boolean }
  archive(draft: Draft, record: CrmRecord): void
  /** Takes an archived record back. */
  restore(draft: Draft, record: CrmRecord): CrmRecord
  /** Both records live on in a new one, or, where the portal keeps primary ids, in the primary. The primary's values win. */
  merge(draft: Draft, primary: CrmRecord, other: CrmRecord): CrmRecord
  /** Removes a record, archived or not, and those that were merged into it, without a trace. */
  erase(draft: Draft, record: CrmRecord): void
  /** Refuses this address from now on: HubSpot does so when it is told to forget one that no record has. */
  block(address: string): void
}

export interface WritingParts extends Rules {
  readonly clock: Clock
  readonly mergeKeepsPrimary: boolean
}

export const createWriting = (parts: WritingParts): Writing => {
  const { type, clock, blocked } = parts
  const create: Writing['create'] = (draft, properties) => {
    const values = withoutEmpty(checkedValues(parts, properties))
    const id = draft.nextId()
    const record = newRecord(parts, id, values, draft.writer)
    assertComplete(type, record)
    assertUnique(parts, draft, record)
    draft.put(record, { operation: 'create', properties: values })
    return record
  }
  const update: Writing['update'] = (draft, before, properties) => {
    const values = checkedValues(parts, properties)
    const record = changedRecord(parts, before, values)
    assertUnique(parts, draft, record)
    draft.put(record, { operation: 'update', properties: values })
    return record
  }
  return {
    create,
    update,
    upsert: (draft, { id, idProperty, properties }) => {
      if (idProperty === undefined || idProperty === 'hs_object_id') {
        const found = draft.resolve(id)
        if (!found) throw missing(type, id)
        return { record: update(draft, found, properties), created: false }
      }
      const found = draft.findBy(idProperty, id)
      if (found) return { record: update(draft, found, properties), created: false }
      return { record: create(draft, { [idProperty]: id, ...properties }), created: true }
    },
    archive: (draft, record) =>
      draft.put({ ...record, archivedAt: clock.now() }, { operation: 'archive', properties: {} }),
    restore: (draft, { archivedAt: _, ...archived }) => {
      const now = clock.now()
      const properties = { ...archived.properties, [type.modifiedProperty]: isoTime(now) }
      const record = { ...archived, updatedAt: now, properties }
      assertUnique(parts, draft, record)
      draft.put(record, { operation: 'restore', properties: {} })
      return record
    },
    merge: (draft, primary, other) => {
      const id = parts.mergeKeepsPrimary ? primary.id : draft.nextId()
      const survivor = mergedRecord(parts, id, primary, other)
      for (const gone of [primary, other]) if (gone.id !== id) draft.put({ ...gone, mergedInto: id })
      const merged = { hs_merged_object_ids: survivor.properties['hs_merged_object_ids'] ?? '' }
      draft.put(
        survivor,
        { operation: 'merge', properties: merged },
        { primaryId: primary.id, mergedIds: [other.id], propertiesMoved: movedProperties(parts, primary, other) },
      )
      return survivor
    },
    erase: (draft, record) => {
      for (const id of [record.id, ...listOf(record.properties['hs_merged_object_ids'])]) draft.erase(id)
    },
    block: address => blocked.set(address.toLowerCase(), { at: clock.now() }),
  }
}

/** The 404-like error of an upsert by an id that is not there, which a batch reports among its errors. */
const missing = (type: ObjectType, id: string): HubSpotRefusal => {
  const { message, category, context } = missingRecords(type.singular, [id])
  return new HubSpotRefusal(404, { message, category, context })
}

const newRecord = ({ type, clock }: WritingParts, id: string, values: Values, writer: Writer): CrmRecord => {
  const now = clock.now()
  const at = isoTime(now)
  const given = {
    ...type.defaults,
    ...(writer.source === 'INTEGRATION' && !type.isActivity ? integrationSource(type, writer.id) : {}),
    ...values,
  }
  const properties = withoutEmpty({
    ...given,
    ...type.derived?.(given, undefined, at),
    ...(type.identity ? { hs_all_contact_vids: id } : {}),
    [type.createdProperty]: at,
    hs_createdate: at,
    hs_object_id: id,
    hs_object_source: writer.source,
    hs_object_source_id: writer.id,
    hs_object_source_label: writer.source,
    ...(writer.source === 'CRM_UI' ? { hs_object_source_user_id: writer.id.replace('userId:', '') } : {}),
    [type.modifiedProperty]: at,
  })
  return { id, createdAt: now, updatedAt: now, properties }
}

const integrationSource = (type: ObjectType, appId: string): Values => {
  const original = {
    hs_analytics_source: 'OFFLINE',
    hs_analytics_source_data_1: 'INTEGRATION',
    hs_analytics_source_data_2: appId,
  }
  if (type.name !== 'contacts') return original
  return {
    ...original,
    hs_latest_source: 'OFFLINE',
    hs_latest_source_data_1: 'INTEGRATION',
    hs_latest_source_data_2: appId,
  }
}

const changedRecord = ({ type, clock }: WritingParts, before: CrmRecord, values: Values): CrmRecord => {
  const now = clock.now()
  const properties: Record<string, string> = { ...before.properties, ...values }
  if (type.identity) swapIdentity(type.identity, before.properties, properties, values)
  if (isStepBack(before.properties['lifecyclestage'], values['lifecyclestage']))
    properties['lifecyclestage'] = before.properties['lifecyclestage'] ?? ''
  const at = isoTime(now)
  Object.assign(properties, type.derived?.(properties, before.properties, at), { [type.modifiedProperty]: at })
  return { ...before, updatedAt: now, properties: withoutEmpty(properties) }
}

/** A contact that is given one of its own additional addresses as its main one keeps both, the other way round. */
const swapIdentity = (
  { property, additional }: NonNullable<ObjectType['identity']>,
  before: Values,
  after: Record<string, string>,
  written: Values,
): void => {
  const main = written[property]
  const further = listOf(after[additional])
  if (!main || !further.includes(main)) return
  const old = before[property]
  after[additional] = further
    .map(one => (one === main ? old : one))
    .filter(Boolean)
    .join(';')
}

const isStepBack = (before: string | undefined, after: string | undefined): boolean => {
  const rank = (stage: string | undefined): number => LIFECYCLE_STAGES.indexOf(stage ?? '')
  return Boolean(after) && rank(after) < rank(before)
}

const mergedRecord = ({ type, clock }: WritingParts, id: string, primary: CrmRecord, other: CrmRecord): CrmRecord => {
  const now = clock.now()
  const createdAt = Math.min(primary.createdAt, other.createdAt)
  const both = [primary, other]
  const gone = both
    .flatMap(one => [...listOf(one.properties['hs_merged_object_ids']), one.id])
    .filter(one => one !== id)
  const stages = both.map(one => one.properties['lifecyclestage'])
  const properties: Record<string, string> = {
    ...other.properties,
    ...primary.properties,
    ...(isStepBack(stages[1], stages[0]) ? { lifecyclestage: stages[1] ?? '' } : {}),
    createdate: isoTime(createdAt),
    hs_object_id: id,
    hs_merged_object_ids: unique(gone).join(';'),
    [type.modifiedProperty]: isoTime(now),
  }
  if (type.identity) {
    const { property, additional } = type.identity
    const values = both.flatMap(one => [one.properties[property] ?? '', ...listOf(one.properties[additional])])
    properties[additional] = unique(values.filter(value => value && value !== properties[property])).join(';')
    properties['hs_all_contact_vids'] = unique([id, ...gone]).join(';')
  }
  Object.assign(properties, type.derived?.(properties, primary.properties, isoTime(now)))
  return { id, createdAt, updatedAt: now, properties: withoutEmpty(properties) }
}

/** How many properties that can be written only the other one had. */
const movedProperties = ({ properties }: WritingParts, primary: CrmRecord, other: CrmRecord): number =>
  Object.keys(other.properties).filter(
    name =>
      primary.properties[name] === undefined && properties.get(name)?.modificationMetadata.readOnlyValue === false,
  ).length

const unique = (values: readonly string[]): string[] => [...new Set(values)]

/** A property that was cleared is absent. */
const withoutEmpty = (values: Values): Values => {
  if (!Object.values(values).includes('')) return values
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
