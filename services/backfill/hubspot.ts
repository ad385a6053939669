import { hubspotSweeps } from '../../topology/topics.ts'
import { type ReadingParts, readActivities } from '../producers/hubspot/activities/reading.ts'
import type { ActivityType } from '../producers/hubspot/activities/types.ts'
import { recordIdOf } from '../producers/hubspot/object-types.ts'
import type { Filter, HubSpotReader, Search } from '../producers/hubspot/rest/client.ts'
import { batchRecordsWithHistory, pageRecords } from '../producers/hubspot/rest/limits.ts'
import { unreadable } from '../producers/hubspot/rest/problems.ts'
import type { BackfillPart, Chunk, Wanted } from './part.ts'

export interface HubSpotPartParts extends ReadingParts {
  readonly searches: HubSpotReader
}

/**
 * Activities of a type. HubSpot gives 10,000 records of a search, so each one asks for the first of those that have later ids than the last that was read: an id never changes, so
 * it can go on from there at any time. What was found is read as the live producer reads what is noticed.
 */
export const hubspotPart = (type: ActivityType, parts: HubSpotPartParts): BackfillPart => ({
  name: `${type.path} of HubSpot`,
  vendor: 'hubspot',
  mark: { table: hubspotSweeps, key: `backfill-${type.path}` },
  count: async (wanted, signal) => (await parts.searches.search(type, searchOf(type, wanted, 1), signal)).total,
  read: (wanted, signal) => chunksOf(type, parts, wanted, signal),
})

async function* chunksOf(
  type: ActivityType,
  parts: HubSpotPartParts,
  { since, after }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  for (let beyond = after; ; ) {
    const search = searchOf(type, { since, after: beyond }, pageRecords)
    const { records, isAll } = await parts.searches.search(type, search, signal)
    const ids = records.map(({ id }) => idAfter(id, beyond, type))
    for (let from = 0; from < ids.length; from += batchRecordsWithHistory)
      yield await chunkOf(type, parts, ids.slice(from, from + batchRecordsWithHistory), signal)
    if (isAll) return
    const last = ids.at(-1)
    if (last === undefined || BigInt(last) <= BigInt(beyond || 0)) throw outOfOrder(type)
    beyond = last
  }
}

const chunkOf = async (
  type: ActivityType,
  parts: HubSpotPartParts,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Chunk> => {
  // Nothing says that something became of them: the times of a reading are those that the record itself tells.
  const records = ids.map(id => ({ id, at: 0, gone: false }))
  const { told, missing, refused } = await readActivities(parts, type, records, signal)
  return { told, read: ids.length, passedOver: { missing, refused }, cursor: ids.at(-1) ?? '' }
}

const searchOf = ({ modified }: ActivityType, { since, after }: Wanted, limit: number): Search => {
  const filters: readonly Filter[] = [
    { propertyName: 'hs_object_id', operator: 'GT', value: after || '0' },
    ...(since === null ? [] : [{ propertyName: modified, operator: 'GTE', value: String(since) } as const]),
  ]
  return { filters, sortedBy: 'hs_object_id', properties: [], limit }
}

const idAfter = (id: unknown, beyond: string, type: ActivityType): string => {
  const found = recordIdOf(id)
  if (found === null || BigInt(found) <= BigInt(beyond || 0)) throw outOfOrder(type)
  return found
}

const outOfOrder = ({ path }: ActivityType): Error =>
  unreadable(`${path}.search`, 'records in the order that was asked for')
