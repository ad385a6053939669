import { instantOf } from '../../input/times.ts'
import { recordIdOf } from '../object-types.ts'
import type { Filter, Found, FoundPage, HubSpotReader, Search, Searched } from '../rest/client.ts'
import { pageRecords } from '../rest/limits.ts'
import { isHubSpotError, unreadable } from '../rest/problems.ts'

/** Some records in the order of their modification. */
export interface ModifiedRecords {
  readonly records: readonly Found[]
  /** All that was modified before has been given, as far as HubSpot's search saw it. In milliseconds. */
  readonly reached: number
  /** How many are still to be read. */
  readonly left: number
}

export interface ModifiedOptions {
  readonly properties: readonly string[]
  /** In milliseconds. */
  readonly since: number
  readonly limit?: number
}

/**
 * Every record of a type that was modified since, page after page; some come twice. Of a search HubSpot gives 10,000 records, and by its own pages a record that is
 * modified meanwhile moves to the end and lets another slip to a page that was read already. So each request asks for the first page of what is left: of what was
 * modified at or after the last time that was read. Of a time that more records share than are on a page, as after an import, they come by their ids.
 * Throws a `HubSpotError`.
 */
export async function* modifiedRecords(
  reader: HubSpotReader,
  type: Searched,
  { properties, since, limit = pageRecords }: ModifiedOptions,
  signal: AbortSignal,
): AsyncGenerator<ModifiedRecords> {
  const search = pageSearch(reader, type, limit, signal)
  for (let from = since; ; ) {
    const page = await search({ filters: [at('GTE', type, from)], sortedBy: type.modified, properties })
    if (page.isAll) {
      yield { records: page.records, reached: from, left: 0 }
      return
    }
    const last = lastTime(page, type)
    if (last < from) throw goesBack(type)
    if (last === from) {
      yield* recordsOf(search, type, { properties, time: from, left: page.total })
      from += 1
      continue
    }
    // Not all of the last time need be on the page, so it is asked for again.
    yield { records: page.records, reached: last, left: page.total - page.records.length }
    from = last
  }
}

type PageSearch = (search: Omit<Search, 'limit'>) => Promise<FoundPage>

/** All records of one time. @param range `left` are those of this time and later ones */
async function* recordsOf(
  search: PageSearch,
  type: Searched,
  { properties, time, left }: { readonly properties: readonly string[]; readonly time: number; readonly left: number },
): AsyncGenerator<ModifiedRecords> {
  const ofTime = [at('GTE', type, time), at('LTE', type, time)]
  let given = 0
  for (let beyond = '0'; ; ) {
    const filters: readonly Filter[] = [...ofTime, { propertyName: 'hs_object_id', operator: 'GT', value: beyond }]
    const { records, isAll } = await search({ filters, sortedBy: 'hs_object_id', properties })
    given += records.length
    yield { records, reached: time, left: Math.max(0, left - given) }
    if (isAll) return
    const last = recordIdOf(records.at(-1)?.id)
    if (last === null || BigInt(last) <= BigInt(beyond)) throw goesBack(type)
    beyond = last
  }
}

/** When a record was last modified, in milliseconds; null when it does not say. */
export const modifiedAt = ({ properties }: Found, type: Searched): number | null => instantOf(properties[type.modified])

const lastTime = ({ records }: FoundPage, type: Searched): number => {
  const last = records.at(-1)
  const time = last ? modifiedAt(last, type) : null
  if (time === null) throw unreadable(`${type.path}.search`, `a ${type.modified} of each record`)
  return time
}

const at = (operator: Filter['operator'], { modified }: Searched, time: number): Filter => ({
  propertyName: modified,
  operator,
  value: String(time),
})

/** Asks for less when an answer was too large to be read. */
const pageSearch = (reader: HubSpotReader, type: Searched, most: number, signal: AbortSignal): PageSearch => {
  let limit = most
  return async search => {
    for (;;) {
      try {
        return await reader.search(type, { ...search, limit }, signal)
      } catch (error) {
        if (!isHubSpotError(error, 'HUBSPOT_ANSWER_TOO_LARGE') || limit === 1) throw error
        limit = Math.ceil(limit / 2)
      }
    }
  }
}

const goesBack = ({ path }: Searched): Error => unreadable(`${path}.search`, 'records in the order that was asked for')
